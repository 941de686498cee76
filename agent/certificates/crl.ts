import { verify, type X509Certificate } from 'node:crypto';
import {
  bodyOf,
  childrenOf,
  DerError,
  digests,
  one,
  partsOf,
  tags,
  timeOf,
  valuesIn,
  type Value,
} from '#shared/der.ts';

/*
 * Lists of what an authority has taken back (CRL, RFC 5280). Authorities that answer no questions any more, such as
 * Let's Encrypt, publish them. Computes only; what is read is a stranger's.
 */

const distributionPoints = '551d1f';
const skewMs = 5 * 60_000;

/** Where the authority publishes the list in which this certificate would stand; undefined: it names none over HTTP. */
export function listOf({ raw }: X509Certificate): string | undefined {
  try {
    const tbs = childrenOf(one(raw))[0];
    const packed = tbs === undefined ? undefined : childrenOf(tbs).find(({ tag }) => tag === 0xa3);
    const extensions = packed === undefined ? [] : childrenOf(one(packed.body));
    const found = extensions.find(
      (each) => bodyOf(childrenOf(each)[0], tags.oid).toString('hex') === distributionPoints,
    );
    if (found === undefined) return undefined;
    const points = childrenOf(one(bodyOf(childrenOf(found).at(-1), tags.octets)));
    const names = points.flatMap((point) => inside(point, 0xa0)).flatMap((name) => inside(name, 0xa0, true));
    const address = names.find(({ tag, body }) => tag === 0x86 && body.toString('latin1').startsWith('http://'));
    return address?.body.toString('latin1');
  } catch {
    return undefined;
  }
}

/** Children with a tag; `isList`: the children of this value itself, when it has the tag. */
function inside(value: Value, tag: number, isList = false): Value[] {
  if (isList) return value.tag === tag ? valuesIn(value.body) : [];
  return childrenOf(value)
    .filter((each) => each.tag === tag)
    .flatMap((each) => valuesIn(each.body));
}

/** Whether the list that its authority has signed, and that counts now, names the certificate; undefined: it is no such list. */
export function listWord(
  list: Buffer,
  { leaf, issuer }: { readonly leaf: X509Certificate; readonly issuer: X509Certificate },
  now: number,
): 'good' | 'revoked' | undefined {
  try {
    const [said, algorithm, signature] = childrenOf(one(list));
    if (said === undefined || algorithm === undefined) return undefined;
    const digest = digests[bodyOf(childrenOf(algorithm)[0], tags.oid).toString('hex')];
    const signed = bodyOf(signature, tags.bits).subarray(1);
    if (digest === undefined || !verify(digest, said.whole, issuer.publicKey, signed)) return undefined;
    return wordIn(childrenOf(said), partsOf(leaf).serial, now);
  } catch {
    return undefined;
  }
}

function wordIn(parts: readonly Value[], serial: Buffer, now: number): 'good' | 'revoked' | undefined {
  // The version comes first where it is written; then algorithm, issuer, and the times.
  const [, , since, until, ...more] = parts[0]?.tag === tags.integer ? parts.slice(1) : parts;
  const hasEnd = until?.tag === tags.time || until?.tag === tags.utcTime;
  if (anyTimeOf(since) > now + skewMs) return undefined;
  // One that does not say until when it counts is not believed: an old one could be handed out for ever.
  if (!hasEnd || anyTimeOf(until) <= now - skewMs) return undefined;
  const [taken] = more;
  if (taken?.tag !== tags.sequence) return 'good';
  const isTaken = valuesIn(taken.body).some((each) => childrenOf(each)[0]?.whole.equals(serial) === true);
  return isTaken ? 'revoked' : 'good';
}

function anyTimeOf(value: Value | undefined): number {
  if (value?.tag !== tags.utcTime) return timeOf(value);
  const text = value.body.toString('latin1');
  const [, year = '', rest = ''] = /^(\d\d)(\d{10}Z)$/.exec(text) ?? [];
  if (year === '') throw new DerError();
  const whole = Buffer.from(`${Number(year) < 50 ? '20' : '19'}${year}${rest}`, 'latin1');
  return timeOf({ tag: tags.time, body: whole, whole });
}
