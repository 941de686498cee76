import { lookup } from 'node:dns/promises';
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { https, tls } from '#shared/lazy-node.ts';
import { AppError, type ErrorParams } from '#shared/errors.ts';
import type { errorReasons } from '#shared/error-reasons.ts';
import { mostRedirects, problemOfAddress } from '#shared/file-fetch.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import { errnoOf } from '../core/files.ts';
import { headerText } from './fetch-name.ts';

/*
 * An answer of the public internet. A name is resolved once for each step, every address that it leads to is looked at, and
 * the connection is made to just those: it cannot change its mind in between. Of answers that are no file only the number
 * is told.
 */

/** How servers are reached; tests have their own in this machine. */
export type Reach = {
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly isAllowed: (address: string, port: number) => boolean;
};

export const publicReach: Reach = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  // Of this machine only what visitors see: a firewall lets the machine itself go everywhere in it.
  isAllowed: (address, port) => isPublicAddress(address) && (port === 80 || port === 443 || !isOwn(address)),
};

export type Asking = {
  readonly reach: Reach;
  readonly signal: AbortSignal;
  /** From the look at the name to the end of the answer's headers. */
  readonly answerMs: number;
};

type Fault = Extract<keyof typeof errorReasons, `file_fetch_${string}`>;

/** A failure that is told to a person. */
export function fault(reason: Fault, params: ErrorParams = {}, cause?: unknown): AppError {
  return new AppError('in_use', 'The file was not fetched.', { reason, params, cause });
}

/** Goes to where the file is. Throws AppError. The body is the caller's, to be read or destroyed. */
export async function openAnswer(address: string, asking: Asking): Promise<{ answer: IncomingMessage; url: URL }> {
  let url = new URL(address);
  for (let steps = 0; ; steps++) {
    const answer = await ask(url, asking);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return { answer, url };
    answer.destroy();
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
      throw fault('file_fetch_status', { host: url.host, status: statusCode });
    if (steps === mostRedirects) throw fault('file_fetch_redirects', { most: mostRedirects });
    url = nextAddress(url, headers.location);
  }
}

/** Where a redirection leads. Throws for what is not followed: other protocols, credentials, and less safe than before. */
export function nextAddress(url: URL, location: string): URL {
  const next = URL.parse(headerText(location), url.href);
  if (next === null || problemOfAddress(next) !== undefined || (url.protocol === 'https:' && next.protocol === 'http:'))
    throw fault('file_fetch_redirect', { host: url.host });
  return next;
}

async function ask(url: URL, { reach, signal, answerMs }: Asking): Promise<IncomingMessage> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), answerMs);
  try {
    const waiting = AbortSignal.any([signal, stop.signal]);
    const addresses = await checkedAddresses(url, reach, waiting);
    // Only until it has answered: then `signal` alone ends it.
    return await send(url, addresses, waiting, signal);
  } catch (error) {
    throw error instanceof AppError ? error : faultOf(error, url.host);
  } finally {
    clearTimeout(timer);
  }
}

async function checkedAddresses(url: URL, reach: Reach, signal: AbortSignal): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const addresses = isIP(host) === 0 ? await orAborted(reach.resolve(host), signal) : [host];
  // One inner address among public ones spoils the name.
  if (addresses.length === 0 || !addresses.every((each) => isIP(each) !== 0 && reach.isAllowed(each, port)))
    throw fault('file_fetch_address', { host: url.host });
  return addresses;
}

async function send(
  url: URL,
  addresses: readonly string[],
  waiting: AbortSignal,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  const checked: LookupFunction = (_host, options, done) => {
    const [first] = found;
    if (options.all === true) done(null, found);
    else done(null, first?.address ?? '', first?.family ?? 0);
  };
  const options: RequestOptions = {
    agent: false,
    lookup: checked,
    signal,
    maxHeaderSize: 16 * 1024,
    headers: { 'user-agent': 'aapanel', accept: '*/*', 'accept-encoding': 'identity' },
  };
  return await new Promise((resolve, reject) => {
    const ca = [...tls().getCACertificates('default'), ...tls().getCACertificates('system')];
    const sent =
      url.protocol === 'https:'
        ? https().request(url, { ...options, ca }, answered)
        : requestPlain(url, options, answered);
    const onAbort = (): void => void sent.destroy(new DOMException('no answer', 'AbortError'));
    function answered(answer: IncomingMessage): void {
      waiting.removeEventListener('abort', onAbort);
      resolve(answer);
    }
    waiting.addEventListener('abort', onAbort, { once: true });
    // Whatever comes after the answer, its reader sees.
    sent.on('error', reject);
    sent.end();
  });
}

/** A question to the DNS cannot be taken back; it is not waited for any longer. */
async function orAborted<T>(asked: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function faultOf(error: unknown, host: string): AppError {
  const code = errnoOf(error);
  if (['ENOTFOUND', 'ENODATA', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA'].includes(code))
    return fault('file_fetch_lookup', { host }, error);
  if (/CERT|^ERR_(TLS|SSL)|SELF_SIGNED|UNABLE_TO|^EPROTO$/.test(code)) return fault('file_fetch_tls', { host }, error);
  return fault('file_fetch_unreachable', { host }, error);
}

function isOwn(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((each) => plain(each.address) === plain(address)),
  );
}

/** One writing for each address of IPv6. */
function plain(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address;
}
