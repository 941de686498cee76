import { lookup } from 'node:dns';
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { BlockList, isIPv4, isIPv6, type LookupFunction } from 'node:net';
import { https, tls } from '#shared/lazy-node.ts';
import type { CronCause } from '#shared/cron.ts';
import type { CronWork } from '#shared/cron-work.ts';
import { AddressRefused, isRefusedAddress } from '../alerts/address.ts';
import { errnoOf } from '../core/files.ts';
import type { CronOutput } from './cron-output.ts';
import { notRun, type TaskEnd } from './run-script.ts';

/*
 * Whether an address answers as it should. The address of the connection is checked here, and no redirect is followed:
 * what a name means may change between a look and the connection, and what a server answers must not lead elsewhere.
 */

const nearby = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  nearby.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['ff00::', 8],
] as const)
  nearby.addSubnet(net, bits, 'ipv6');

/** Whether nothing is asked of this IP address. `mayBePrivate`: this machine and its networks are fine, clouds' own are not. */
export function isForbiddenAddress(address: string, mayBePrivate: boolean): boolean {
  if (isRefusedAddress(address)) return true;
  const plain = address.replace(/%.*$/, '');
  return !mayBePrivate && nearby.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

function guardedLookup(mayBePrivate: boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, '', 0);
      if (found.some(({ address }) => isForbiddenAddress(address, mayBePrivate)))
        return done(new AddressRefused(), '', 0);
      const [first] = found;
      if (options.all === true) return done(null, found);
      done(null, first?.address ?? '', first?.family ?? 0);
    });
  };
}

const readBytes = 256 * 1_024;

export type UrlTask = {
  readonly work: Extract<CronWork, { kind: 'url' }>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly output: CronOutput;
};

/** Never throws: how it went is the answer. */
export async function checkUrl({ work, timeoutMs, signal, output }: UrlTask): Promise<TaskEnd> {
  const timer = AbortSignal.timeout(timeoutMs);
  const startedAt = performance.now();
  try {
    const { status, body } = await ask(work, AbortSignal.any([signal, timer]));
    const took = Math.round(performance.now() - startedAt);
    output.say(`${work.method} ${work.url}: ${status}, ${body.length} bytes, ${took} ms`);
    return { ...notRun, code: status, cause: problemOf(work, status, body) };
  } catch (error) {
    const cause = causeOf(error);
    output.say(`${work.method} ${work.url}: ${timer.aborted ? 'timeout' : errnoOf(error) || cause}`);
    return { ...notRun, isTimedOut: timer.aborted, cause };
  }
}

function problemOf({ status: wanted, keyword }: UrlTask['work'], status: number, body: Buffer): CronCause | null {
  const isWanted = wanted === null ? status >= 200 && status < 400 : status === wanted;
  if (!isWanted) return 'cron_url_status';
  return keyword === '' || body.includes(keyword) ? null : 'cron_url_keyword';
}

async function ask(
  { url, method, mayBePrivate }: UrlTask['work'],
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: Buffer }> {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  // No name is looked up for a number.
  if ((isIPv4(host) || isIPv6(host)) && isForbiddenAddress(host, mayBePrivate)) throw new AddressRefused();
  const options: RequestOptions = {
    method,
    signal,
    agent: false,
    lookup: guardedLookup(mayBePrivate),
    maxHeaderSize: 32 * 1024,
    headers: { 'User-Agent': 'aapanel-check', Accept: '*/*', ...(method === 'POST' ? { 'Content-Length': '0' } : {}) },
  };
  return await new Promise((resolve, reject) => {
    const onAnswer = (answer: IncomingMessage): void => {
      const pieces: Buffer[] = [];
      let size = 0;
      const done = (): void => {
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces).subarray(0, readBytes) });
        answer.destroy();
      };
      answer.on('data', (piece: Buffer) => {
        pieces.push(piece);
        size += piece.length;
        // Endless is not waited for.
        if (size >= readBytes) done();
      });
      answer.once('end', done);
      answer.once('error', reject);
    };
    const ca = [...tls().getCACertificates('default'), ...tls().getCACertificates('system')];
    const sent =
      protocol === 'https:' ? https().request(url, { ...options, ca }, onAnswer) : requestPlain(url, options, onAnswer);
    sent.once('error', reject);
    sent.end();
  });
}

function causeOf(error: unknown): CronCause {
  if (error instanceof AddressRefused) return 'cron_url_address';
  const code = errnoOf(error);
  if (/CERT|^ERR_(TLS|SSL)|SELF_SIGNED|UNABLE_TO|^EPROTO$/.test(code)) return 'cron_url_tls';
  return 'cron_url_unreachable';
}
