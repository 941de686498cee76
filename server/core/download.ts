import { lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { AppError } from '#shared/errors.ts';
import { isPublicAddress } from '#shared/public-address.ts';

/*
 * Files of the public internet. The name is resolved where the connection is made, and every address of it must be public:
 * it cannot change its mind in between. Each step of a redirection obeys the same rules as the first.
 */

export type Source = {
  readonly url: string;
  /** Whether a host may be asked, also after a redirection. */
  readonly isAllowedHost: (host: string) => boolean;
  /** An address that the administrator has set: it may lie in the own network and speak plain HTTP. */
  readonly isOwn: boolean;
  readonly signal: AbortSignal;
};

export type Download = {
  readonly stream: IncomingMessage;
  /** null: the server does not say. */
  readonly sizeBytes: number | null;
};

const mostRedirects = 3;
const patienceMs = 20_000;

/** Throws `download_unreachable`, `download_missing`, `download_refused`. */
export async function openDownload(source: Source): Promise<Download> {
  let { url } = source;
  for (let steps = 0; steps <= mostRedirects; steps++) {
    const response = await ask(new URL(url), source);
    const { statusCode = 0, headers } = response;
    const length = Number(headers['content-length'] ?? Number.NaN);
    if (statusCode === 200) return { stream: response, sizeBytes: Number.isSafeInteger(length) ? length : null };
    response.destroy();
    if (statusCode === 404 || statusCode === 410) throw failed('download_missing', source.url, `HTTP ${statusCode}`);
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
      throw failed('download_unreachable', url, `HTTP ${statusCode}`);
    url = new URL(headers.location, url).href;
  }
  throw failed('download_refused', source.url, 'too many redirections');
}

/** A small text, such as a sum. */
export async function downloadText(source: Source, maxBytes: number): Promise<string> {
  const { stream } = await openDownload(source);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      stream.destroy();
      throw failed('download_refused', source.url, 'longer than expected');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function ask(url: URL, { isAllowedHost, isOwn, signal }: Source): Promise<IncomingMessage> {
  const isPlain = url.protocol === 'http:';
  if ((url.protocol !== 'https:' && !(isPlain && isOwn)) || !isAllowedHost(url.host) || url.username !== '')
    throw failed('download_refused', url.href, 'the address is not one of those that are asked');
  const send = isPlain ? requestHttp : requestHttps;
  return await new Promise((resolve, reject) => {
    const sent = send(
      url,
      {
        agent: false,
        signal,
        headers: { 'user-agent': 'aapanel', accept: '*/*', 'accept-encoding': 'identity' },
        ...(isOwn ? {} : { lookup: publicOnly }),
      },
      resolve,
    );
    // For the time without any sign of life; a long file may take longer.
    sent.setTimeout(patienceMs, () => sent.destroy(new Error('no sign of life')));
    sent.once('error', (error) =>
      reject(error instanceof AppError ? error : failed('download_unreachable', url.href, error)),
    );
    sent.end();
  });
}

const publicOnly: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const isRefused = error === null && !found.every(({ address }) => isPublicAddress(address));
    const fault = isRefused ? failed('download_refused', host, 'an address of it is not public') : error;
    if (fault !== null) return callback(fault, '', 0);
    if (options.all === true) return callback(null, found);
    const [first] = found;
    return callback(null, first?.address ?? '', first?.family ?? 4);
  });
};

function failed(
  reason: 'download_missing' | 'download_refused' | 'download_unreachable',
  address: string,
  cause: unknown,
): AppError {
  const host = URL.canParse(address) ? new URL(address).host : address;
  return new AppError(reason === 'download_missing' ? 'not_found' : 'in_use', 'The file could not be fetched.', {
    reason,
    params: { host },
    cause,
  });
}
