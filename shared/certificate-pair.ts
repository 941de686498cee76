import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { AppError } from './errors.ts';
import { tls } from './lazy-node.ts';

/*
 * A certificate chain and its key, looked at as a whole. Computes only: it reads no file and asks nobody, so that web
 * process and agent say the same of the same text. Never part of the browser's code.
 */

/** A chain and its key, as PEM. */
export type Pair = { readonly certificate: string; readonly key: string };

const maxCertificates = 10;
/** DER of the extension by which a certificate asks to be refused without a stapled answer (RFC 7633). */
const mustStaple = Buffer.from('06082b06010505070118', 'hex');
const minRsaBits = 2048;
const curves: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** `owner`: whose certificate it is to be, for the sentence that tells why not. */
type CheckOptions = { readonly now: number; readonly owner: 'panel' | 'site' };

/**
 * Throws `invalid_request` (`certificate_invalid` or `site_certificate_invalid`) whose `why` says what is wrong; never
 * quotes what was given. Answers the certificates, the owner's first.
 */
export function checkChain({ certificate, key }: Pair, { now, owner }: CheckOptions): X509Certificate[] {
  const refuse = refusals[owner];
  const chain = readChain(certificate, refuse);
  const [leaf] = chain;
  if (leaf === undefined) throw refuse('no_certificate');
  if (chain.length > maxCertificates) throw refuse('chain_too_long');
  for (const [index, issued] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) break;
    if (!isIssuedBy(issued, issuer)) throw refuse('chain_order');
    if (!issuer.ca) throw refuse('chain_not_an_authority');
  }
  if (!leaf.checkPrivateKey(readKey(key, refuse))) throw refuse('key_of_another_certificate');
  for (const each of chain) {
    if (each.validToDate.getTime() <= now) throw refuse('expired');
    if (each.validFromDate.getTime() > now) throw refuse('not_valid_yet');
  }
  if (leaf.subjectAltName === undefined) throw refuse('no_names');
  try {
    tls().createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
  } catch {
    throw refuse('not_usable');
  }
  return chain;
}

export function coversName(leaf: X509Certificate, name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return (isIP(bare) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(bare)) !== undefined;
}

/**
 * What a site is served with: certificates in whatever order they were given come out in the right one, a root and what
 * belongs to another chain left out. Throws like `checkChain`, and for what no browser should meet: weak keys, and
 * must-staple, since nginx cannot promise the stapled answer that such a certificate needs.
 */
export function arrangePair(given: Pair, now: number): { pair: Pair; leaf: X509Certificate } {
  const refuse = refusals.site;
  const sorted = sortChain(readChain(given.certificate, refuse), readKey(given.key, refuse));
  if (sorted === undefined) throw refuse('no_certificate');
  const pair = { certificate: sorted.map((each) => each.toString()).join(''), key: `${given.key.trim()}\n` };
  const [leaf] = checkChain(pair, { now, owner: 'site' });
  if (leaf === undefined) throw refuse('no_certificate');
  if (leaf.raw.includes(mustStaple)) throw refuse('must_staple');
  const weakness = weaknessOf(leaf.publicKey);
  if (weakness !== undefined) throw refuse(weakness);
  return { pair, leaf };
}

function weaknessOf({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'rsa') return (details?.modulusLength ?? 0) < minRsaBits ? 'key_too_weak' : undefined;
  if (asymmetricKeyType === 'ec') return curves.includes(details?.namedCurve ?? '') ? undefined : 'key_kind';
  return 'key_kind';
}

/** The owner's certificate, then the issuer of each as far as they were given. */
function sortChain(given: readonly X509Certificate[], key: KeyObject): X509Certificate[] | undefined {
  const first = given[0];
  if (first === undefined) return undefined;
  const sorted = [given.find((each) => each.checkPrivateKey(key)) ?? first];
  for (;;) {
    const last = sorted.at(-1);
    if (last === undefined || isIssuedBy(last, last)) break;
    const issuer = given.find((each) => !sorted.includes(each) && isIssuedBy(last, each));
    // Who signed themselves are in the browsers already, or are of no use.
    if (issuer === undefined || isIssuedBy(issuer, issuer)) break;
    sorted.push(issuer);
  }
  return sorted;
}

function isIssuedBy(issued: X509Certificate, issuer: X509Certificate): boolean {
  return issued.checkIssued(issuer) && issued.verify(issuer.publicKey);
}

type Refuse = (why: string) => AppError;

const unusable = 'The certificate cannot be used.';
const refusals: Readonly<Record<CheckOptions['owner'], Refuse>> = {
  panel: (why) => new AppError('invalid_request', unusable, { reason: 'certificate_invalid', params: { why } }),
  site: (why) => new AppError('invalid_request', unusable, { reason: 'site_certificate_invalid', params: { why } }),
};

function readChain(pem: string, refuse: Refuse): X509Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)];
  if (blocks.some(([, kind]) => kind !== 'CERTIFICATE')) throw refuse('not_only_certificates');
  // Comments between the blocks are usual; half a block is not.
  if (blocks.length !== (pem.match(/-----BEGIN /g) ?? []).length) throw refuse('not_readable');
  try {
    return blocks.map(([block]) => new X509Certificate(block));
  } catch {
    throw refuse('not_readable');
  }
}

function readKey(pem: string, refuse: Refuse): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw refuse('key_not_readable');
  }
}

/** A certificate, and all that were given with it. */
export type Owner = { readonly leaf: X509Certificate; readonly chain: readonly X509Certificate[] };

/** Of a text that was checked before; [] when it cannot be read. */
export function certificatesIn(pem: string): X509Certificate[] {
  try {
    return readChain(pem, refusals.site);
  } catch {
    return [];
  }
}

/** The certificate of the key, and all that were given with it; undefined: nothing can be read, or there is none. */
export function ownerIn(given: Pair): Owner | undefined {
  try {
    const chain = readChain(given.certificate, refusals.site);
    const key = readKey(given.key, refusals.site);
    const leaf = chain.find((each) => each.checkPrivateKey(key));
    return leaf === undefined ? undefined : { leaf, chain };
  } catch {
    return undefined;
  }
}

/** What a browser would show of a certificate. */
export type CertificateLooks = {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string[];
  readonly validUntil: string;
  readonly isSelfSigned: boolean;
  readonly fingerprint: string;
};

/** Of the first certificate; null when it cannot be read. */
export function looksOf(pem: string): CertificateLooks | null {
  try {
    const leaf = new X509Certificate(pem);
    return {
      subject: oneLine(leaf.subject),
      issuer: oneLine(leaf.issuer),
      names: namesOf(leaf),
      validUntil: leaf.validToDate.toISOString(),
      isSelfSigned: leaf.subject === leaf.issuer && leaf.verify(leaf.publicKey),
      fingerprint: leaf.fingerprint256,
    };
  } catch {
    return null;
  }
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  const names = subjectAltName.split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return names.filter((name) => name !== '');
}

/** `P-256`, `RSA 2048`, or the name that the key gives itself. */
export function keyKindOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType: type = '?', asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa') return `RSA ${details?.modulusLength ?? '?'}`;
  const known: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
  return type === 'ec' ? (known[details?.namedCurve ?? ''] ?? details?.namedCurve ?? 'EC') : type;
}

function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}
