import { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { isIP } from 'node:net';
import { ocspQuestion, ocspWord } from '#shared/ocsp-words.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import { makeFolders, openForAppend } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { launcherOf, logLine, type AgentSettings } from '../core/machine.ts';
import { tellCertificates } from './certificate-alerts.ts';
import { listOf, listWord } from './crl.ts';
import type { Launcher } from './issue.ts';
import { knownIssuerOf } from './known-roots.ts';
import { acmeFolder } from './orders.ts';
import { lastLook, noteLook, readSaid, writeSaid, type Said } from './revocation-state.ts';
import { allStored, certificatesFolder } from './shelf.ts';

/*
 * Once a day the authority of each certificate of the shelf is asked whether it has taken it back: by its OCSP responder, or
 * by the list that it publishes. A process of its own does it (`main.ts --certificate-revocations`): the timer has no network.
 * The addresses are strangers': only public ones are asked, at port 80, without following anybody elsewhere.
 */

/** How an authority is reached; tests have one of their own in this machine. */
export type Reach = {
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly isAllowed: (address: string, port: number) => boolean;
};

const publicReach: Reach = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isAllowed: (address, port) => port === 80 && isPublicAddress(address),
};
const everyMs = 24 * 60 * 60 * 1000;
const patienceMs = 20_000;
const maxBytes = { answer: 16 * 1024, list: 12 * 1024 * 1024 } as const;

/** For the timer: starts the look when the last one is a day ago. */
export async function launchRevocationLook(machine: Launcher): Promise<void> {
  const now = machine.now();
  const last = lastLook(machine);
  if ((last <= now && now - last < everyMs) || allStored(machine).length === 0) return;
  // Noted first: one that dies is not started again every five minutes.
  await noteLook(machine, now);
  await launchOwn(machine, {
    args: ['--certificate-revocations'],
    nodeFlags: ['--max-semi-space-size=1'],
    unit: `aapanel-certificate-revocations-${now}`,
    properties: ['UMask=0077', 'Nice=10', 'RuntimeMaxSec=1800', 'TimeoutStopSec=5'],
    openOutput: () => {
      makeFolders(acmeFolder(machine));
      return openForAppend(`${acmeFolder(machine)}/revocations.log`);
    },
  });
}

/** `main.ts --certificate-revocations`: asks, notes what was said, and tells what is news. */
export async function lookForRevocations(settings: AgentSettings, reach: Reach = publicReach): Promise<void> {
  const where = launcherOf(settings);
  makeFolders(certificatesFolder(where));
  const lists = new Map<string, Promise<Buffer>>();
  for (const { certificateId, leaf, chain } of allStored(where)) {
    const now = where.now();
    // What has ended is refused by browsers anyway, and authorities forget it.
    if (leaf.validToDate.getTime() <= now) continue;
    const { fingerprint256: fingerprint } = leaf;
    const word = await wordOf({ leaf, chain: chainIn(chain) }, { now, reach, lists, prefix: where.prefix });
    if (word === null) continue;
    const before = readSaid(where, certificateId, fingerprint);
    const next = said(before, { fingerprint, word, at: now });
    if (next.word === 'revoked' && before?.word !== 'revoked')
      logLine('error', 'the authority has taken a certificate back', { certificateId, names: leaf.subjectAltName });
    await writeSaid(where, certificateId, next);
  }
  await tellCertificates(where);
}

/** An authority that cannot be heard takes no word back, and nobody gives a certificate back that was taken once. */
function said(before: Said | undefined, next: Said): Said {
  return before?.word === 'revoked' || (before !== undefined && next.word === 'unknown') ? before : next;
}

type Asked = { readonly leaf: X509Certificate; readonly chain: readonly X509Certificate[] };
type Ways = {
  readonly prefix: string;
  readonly now: number;
  readonly reach: Reach;
  readonly lists: Map<string, Promise<Buffer>>;
};

/** null: it names nobody who could be asked. */
async function wordOf({ leaf, chain }: Asked, { prefix, now, reach, lists }: Ways): Promise<Said['word'] | null> {
  const responder = responderOf(leaf);
  const list = listOf(leaf);
  if (responder === undefined && list === undefined) return null;
  // Of a chain without anybody between, the authority itself was left out.
  const issuer =
    chain.find((each) => leaf.checkIssued(each) && leaf.verify(each.publicKey)) ?? knownIssuerOf(prefix, leaf);
  if (issuer === undefined) return 'unknown';
  const pair = { leaf, issuer };
  const answered =
    responder === undefined
      ? undefined
      : await fetchFrom(responder, reach, ocspQuestion(pair)).then(
          (answer) => ocspWord(answer, pair, now),
          () => undefined,
        );
  if (answered !== undefined || list === undefined) return answered ?? 'unknown';
  // One list holds many certificates.
  const fetched = lists.get(list) ?? fetchFrom(list, reach);
  lists.set(list, fetched);
  return await fetched.then(
    (text) => listWord(text, pair, now) ?? 'unknown',
    () => 'unknown' as const,
  );
}

function chainIn(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return texts.slice(1).flatMap((text) => {
    try {
      return [new X509Certificate(text)];
    } catch {
      return [];
    }
  });
}

function responderOf({ infoAccess }: X509Certificate): string | undefined {
  const found = /^OCSP - URI:(.{1,500})$/m.exec(infoAccess ?? '')?.[1];
  // Node writes what could be taken for a further line as a JSON text.
  return found?.startsWith('"') === true ? undefined : found;
}

/** A question is posted; a list is only got. */
async function fetchFrom(address: string, reach: Reach, question?: Buffer): Promise<Buffer> {
  const signal = AbortSignal.timeout(patienceMs);
  const url = new URL(address);
  if (url.protocol !== 'http:' || url.username !== '' || url.password !== '') throw new Error('no such addresses');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? 80 : Number(url.port);
  const addresses = isIP(host) === 0 ? await reach.resolve(host) : [host];
  const [first] = addresses;
  // One inner address among public ones spoils the name.
  if (first === undefined || !addresses.every((each) => reach.isAllowed(each, port)))
    throw new Error('only the public internet is asked');
  const most = question === undefined ? maxBytes.list : maxBytes.answer;
  const more =
    question === undefined
      ? {}
      : { 'content-type': 'application/ocsp-request', 'content-length': String(question.length) };
  return await new Promise((resolve, reject) => {
    const sent = request(
      {
        host: first,
        port,
        path: `${url.pathname}${url.search}`,
        method: question === undefined ? 'GET' : 'POST',
        agent: false,
        signal,
        maxHeaderSize: 16 * 1024,
        headers: { host: url.host, ...more },
      },
      (response) => {
        const parts: Buffer[] = [];
        let size = 0;
        response.on('data', (part: Buffer) => {
          size += part.length;
          parts.push(part);
          if (size > most) response.destroy(new Error('too much'));
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
