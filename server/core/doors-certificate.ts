import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { DoorsState } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import type { Config } from '../config.ts';

export type CertificateFacts = NonNullable<DoorsState['certificate']>;

/** A chain and its key, as PEM. */
export type Pair = { readonly certificate: string; readonly key: string };

const maxCertificates = 10;

/**
 * Checks chain and key as a whole, before anything changes. Throws `invalid_request` (`certificate_invalid`) whose `why`
 * says what is wrong; never quotes what was given.
 */
export function checkPair({ certificate, key }: Pair, { names, now }: { names: readonly string[]; now: number }): void {
  const chain = readChain(certificate);
  const [leaf] = chain;
  if (leaf === undefined) throw invalid('no_certificate');
  if (chain.length > maxCertificates) throw invalid('chain_too_long');
  for (const [index, issued] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) break;
    if (!issued.checkIssued(issuer) || !issued.verify(issuer.publicKey)) throw invalid('chain_order');
    if (!issuer.ca) throw invalid('chain_not_an_authority');
  }
  if (!leaf.checkPrivateKey(readKey(key))) throw invalid('key_of_another_certificate');
  for (const each of chain) {
    if (each.validToDate.getTime() <= now) throw invalid('expired');
    if (each.validFromDate.getTime() > now) throw invalid('not_valid_yet');
  }
  if (leaf.subjectAltName === undefined) throw invalid('no_names');
  if (!names.some((name) => coversName(leaf, name))) throw invalid('not_for_this_name');
  try {
    createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
  } catch {
    throw invalid('not_usable');
  }
}

function coversName(leaf: X509Certificate, name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return (isIP(bare) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(bare)) !== undefined;
}

function readChain(pem: string): X509Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)];
  if (blocks.some(([, kind]) => kind !== 'CERTIFICATE')) throw invalid('not_only_certificates');
  // Comments between the blocks are usual; half a block is not.
  if (blocks.length !== (pem.match(/-----BEGIN /g) ?? []).length) throw invalid('not_readable');
  try {
    return blocks.map(([block]) => new X509Certificate(block));
  } catch {
    throw invalid('not_readable');
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid('key_not_readable');
  }
}

function invalid(why: string): AppError {
  return new AppError('invalid_request', 'The certificate cannot be used.', {
    reason: 'certificate_invalid',
    params: { why },
  });
}

/** What a browser would show of the first certificate; null when it cannot be read. */
export function factsOf(pem: string): CertificateFacts | null {
  try {
    const leaf = new X509Certificate(pem);
    const names = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
    return {
      subject: oneLine(leaf.subject),
      issuer: oneLine(leaf.issuer),
      names: names.filter((name) => name !== ''),
      validUntil: leaf.validToDate.toISOString(),
      isSelfSigned: leaf.subject === leaf.issuer && leaf.verify(leaf.publicKey),
      fingerprint: leaf.fingerprint256,
    };
  } catch {
    return null;
  }
}

function oneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}

/** Where the certificates that came through the panel lie, each in a folder of its own. */
function folderOf({ dataDir }: Pick<Config, 'dataDir'>, certificateId = ''): string {
  return join(dataDir, 'tls', certificateId);
}

/** Written with mode 0600 and on the disk before anything names it. */
export async function storePair(config: Pick<Config, 'dataDir'>, certificateId: string, pair: Pair): Promise<void> {
  const folder = folderOf(config, certificateId);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of [
    ['cert.pem', pair.certificate],
    ['key.pem', pair.key],
  ] as const) {
    const file = await open(join(folder, name), 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Certificates that nothing names any more. */
export async function removeOtherPairs(
  config: Pick<Config, 'dataDir'>,
  kept: readonly (string | null)[],
): Promise<void> {
  const found = await readdir(folderOf(config)).catch(() => []);
  for (const name of found) {
    if (!kept.includes(name)) await rm(folderOf(config, name), { recursive: true, force: true });
  }
}

export function certificatePaths(
  config: Pick<Config, 'dataDir'>,
  certificateId: string,
): { readonly certPath: string; readonly keyPath: string } {
  const folder = folderOf(config, certificateId);
  return { certPath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
}

/** The pair that is served; null: plain HTTP. Throws when a file cannot be read. */
export async function readPair(
  config: Pick<Config, 'dataDir' | 'tls'>,
  certificateId: string | null,
): Promise<Pair | null> {
  const paths = certificateId === null ? config.tls : certificatePaths(config, certificateId);
  if (paths === null) return null;
  const [certificate, key] = await Promise.all([readFile(paths.certPath, 'utf8'), readFile(paths.keyPath, 'utf8')]);
  return { certificate, key };
}

export function secureContextOf({ certificate, key }: Pair): SecureContext {
  return createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' });
}
