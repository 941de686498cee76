import { createHash, verify, X509Certificate } from 'node:crypto';
import { bodyOf, childrenOf, digests, one, partsOf, tags, timeOf, valuesIn, wrap, type Value } from './der.ts';

/*
 * The two words of OCSP (RFC 6960) that the panel needs: the question for one certificate, and the answer to it. Computes
 * only. What is read is a stranger's: each length is held against what is there before anything is taken.
 */

/** What an authority says of a certificate. */
export type OcspWord = 'good' | 'revoked';

type Pair = { readonly leaf: X509Certificate; readonly issuer: X509Certificate };

const basicAnswer = '2b0601050507300101';
const sha1 = Buffer.from('300906052b0e03021a0500', 'hex');
const ocspSigning = '1.3.6.1.5.5.7.3.9';
const skewMs = 5 * 60_000;
/** Of an answer that does not say until when it counts. */
const maxAgeMs = 10 * 86_400_000;
const mostCertificates = 4;

/** The question of what the authority says of this certificate. Throws when the certificates cannot be taken apart. */
export function ocspQuestion({ leaf, issuer }: Pair): Buffer {
  // A request of what is to be signed of a list of one request for one certificate.
  return [1, 2, 3, 4, 5].reduce((inner) => wrap(tags.sequence, inner), idOf({ leaf, issuer }));
}

/**
 * What the answer says of the certificate, when the authority itself or whom it appointed has signed it and it counts now;
 * undefined: it says nothing that may be believed.
 */
export function ocspWord(answer: Buffer, pair: Pair, now: number): OcspWord | undefined {
  try {
    return wordOf(answer, pair, now);
  } catch {
    // Of strangers' bytes anything may be wrong, and OpenSSL refuses keys in words of its own.
    return undefined;
  }
}

function wordOf(answer: Buffer, pair: Pair, now: number): OcspWord | undefined {
  const [status, bytes] = childrenOf(one(answer));
  if (status?.tag !== tags.enumerated || status.body.toString('hex') !== '00') return undefined;
  const [kind, packed] = childrenOf(one(explicit(bytes, 0)));
  if (kind?.tag !== tags.oid || kind.body.toString('hex') !== basicAnswer) return undefined;
  const [said, algorithm, signature, more] = childrenOf(one(bodyOf(packed, tags.octets)));
  if (said === undefined || algorithm === undefined) return undefined;
  const digest = digests[bodyOf(childrenOf(algorithm)[0], tags.oid).toString('hex')];
  const signed = bodyOf(signature, tags.bits).subarray(1);
  if (digest === undefined) return undefined;
  const appointed = more === undefined ? [] : childrenOf(one(explicit(more, 0))).map(({ whole }) => whole);
  if (!signersOf(pair.issuer, appointed, now).some(({ publicKey }) => verify(digest, said.whole, publicKey, signed)))
    return undefined;
  return sayingOf(said, pair, now);
}

/** The authority itself, and those of the sent certificates that it has issued for this work. */
function signersOf(issuer: X509Certificate, sent: readonly Buffer[], now: number): X509Certificate[] {
  const appointed = sent.slice(0, mostCertificates).flatMap((raw) => {
    const each = new X509Certificate(raw);
    const isAppointed =
      // Node's name for the extended key usage.
      each.keyUsage?.includes(ocspSigning) === true &&
      each.validFromDate.getTime() <= now + skewMs &&
      each.validToDate.getTime() > now &&
      each.checkIssued(issuer) &&
      each.verify(issuer.publicKey);
    return isAppointed ? [each] : [];
  });
  return [issuer, ...appointed];
}

function sayingOf(said: Value, pair: Pair, now: number): OcspWord | undefined {
  // Version 1 is not written; who answers and when come before the list.
  const list = childrenOf(said).find(({ tag }) => tag === tags.sequence);
  const wanted = idOf(pair);
  for (const each of list === undefined ? [] : childrenOf(list)) {
    const [id, status, since, until] = childrenOf(each);
    if (id?.tag !== tags.sequence || !isSameId(id.body, wanted)) continue;
    const from = timeOf(since);
    const end = until?.tag === 0xa0 ? timeOf(one(until.body)) : from + maxAgeMs;
    if (from > now + skewMs || end <= now - skewMs) return undefined;
    if (status?.tag === 0xa1) return 'revoked';
    return status?.tag === 0x80 ? 'good' : undefined;
  }
  return undefined;
}

/** SHA-1 names the authority here and protects nothing: it is the form that every responder knows (RFC 5019). */
function idOf({ leaf, issuer }: Pair): Buffer {
  const { serial, issuerName } = partsOf(leaf);
  const hash = (bytes: Buffer): Buffer => wrap(tags.octets, createHash('sha1').update(bytes).digest());
  return Buffer.concat([sha1, hash(issuerName), hash(partsOf(issuer).key), serial]);
}

/** The parameters of the algorithm may be written or left out. */
function isSameId(given: Buffer, wanted: Buffer): boolean {
  const plain = (bytes: Buffer): string =>
    valuesIn(bytes)
      .map(({ tag, body, whole }) => (tag === tags.sequence ? valuesIn(body)[0]?.whole : whole)?.toString('hex'))
      .join();
  return plain(given) === plain(wanted);
}

function explicit(value: Value | undefined, number: number): Buffer {
  return bodyOf(value, 0xa0 + number);
}
