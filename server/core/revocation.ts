import type { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { isIP } from 'node:net';
import type { Revocation } from '#shared/tls-check.ts';
import { ocspQuestion, ocspWord } from '#shared/ocsp-words.ts';
import { isPublicAddress } from '#shared/public-address.ts';

/** How a responder is reached; tests have one of their own in this machine. */
export type OcspReach = {
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly isAllowed: (address: string, port: number) => boolean;
};

const publicReach: OcspReach = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isAllowed: (address, port) => port === 80 && isPublicAddress(address),
};
/** Answers have one to two thousand bytes. */
const maxAnswerBytes = 16 * 1024;

type Asked = {
  readonly leaf: X509Certificate;
  /** Its issuer is looked for among these. */
  readonly chain: readonly X509Certificate[];
};

/**
 * What the authority says of a certificate, over the address that the certificate itself names: null when it names none.
 * A certificate is a stranger's, so only public addresses are asked, at port 80, once, without following anybody elsewhere.
 * Whatever goes wrong is `unknown`, and ends after `patienceMs`.
 */
export async function revocationOf(
  { leaf, chain }: Asked,
  now: number,
  patienceMs: number,
  reach: OcspReach = publicReach,
): Promise<Revocation | null> {
  const named = responderOf(leaf);
  if (named === undefined) return null;
  const issuer = chain.find((each) => leaf.checkIssued(each) && leaf.verify(each.publicKey));
  if (issuer === undefined) return 'unknown';
  const pair = { leaf, issuer };
  try {
    const answer = await within(patienceMs, (signal) => ask(named, ocspQuestion(pair), reach, signal));
    return ocspWord(answer, pair, now) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Names take their time too: all of it together has to be done in time. */
async function within<T>(patienceMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(patienceMs);
  return await Promise.race([
    work(signal),
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('nobody answered in time')));
    }),
  ]);
}

function responderOf({ infoAccess }: X509Certificate): string | undefined {
  const found = /^OCSP - URI:(.{1,500})$/m.exec(infoAccess ?? '')?.[1];
  // Node writes what could be taken for a further line as a JSON text.
  return found?.startsWith('"') === true ? 'invalid:' : found;
}

async function ask(named: string, question: Buffer, reach: OcspReach, signal: AbortSignal): Promise<Buffer> {
  const url = new URL(named);
  if (url.protocol !== 'http:' || url.username !== '' || url.password !== '') throw new Error('no such addresses');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 80 : Number(url.port);
  const addresses = isIP(host) === 0 ? await reach.resolve(host) : [host];
  const [address] = addresses;
  // One inner address among public ones spoils the name.
  if (address === undefined || !addresses.every((each) => reach.isAllowed(each, port)))
    throw new Error('only the public internet is asked');
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        host: address,
        port,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        agent: false,
        signal,
        maxHeaderSize: 16 * 1024,
        headers: { host: url.host, 'content-type': 'application/ocsp-request', 'content-length': question.length },
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          parts.push(part);
          if (size > maxAnswerBytes) response.destroy(new Error('too much'));
        });
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(parts)));
        if (response.statusCode !== 200) response.destroy(new Error('no answer'));
      },
    );
    sent.on('error', reject);
    sent.end(question);
  });
}
