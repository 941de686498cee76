import { https } from '#shared/lazy-node.ts';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { DnsRecord } from './records.ts';

/*
 * TXT records at Cloudflare, by version 4 of its API. The token needs "Zone: Read" and "DNS: Edit" of the zone. It travels in
 * a header to this one address and nowhere else.
 */

const defaultApi = 'https://api.cloudflare.com/client/v4';
const patienceMs = 15_000;
const maxAnswerBytes = 1024 * 1024;

export type Cloudflare = {
  readonly token: string;
  /** Another address of the same API, with what vouches for it; for tests and for whoever has a proxy of their own. */
  readonly api?: string;
  readonly ca?: string;
};

const answer = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).default([]),
  result: z
    .array(z.object({ id: z.string(), name: z.string(), content: z.string().optional() }))
    .or(z.object({ id: z.string() }))
    .nullable(),
});

/** Adds a record; one that is there already counts as added. */
export async function addAtCloudflare(at: Cloudflare, { name, value }: DnsRecord): Promise<void> {
  const zone = await zoneOf(at, name);
  if ((await find(at, zone, { name, value })).length > 0) return;
  await ask(at, 'POST', `/zones/${zone}/dns_records`, { type: 'TXT', name, content: `"${value}"`, ttl: 60 });
}

/** Removes just this record, however often it is there; others of the same name stay. */
export async function removeAtCloudflare(at: Cloudflare, record: DnsRecord): Promise<void> {
  const zone = await zoneOf(at, record.name);
  for (const found of await find(at, zone, record)) await ask(at, 'DELETE', `/zones/${zone}/dns_records/${found}`);
}

async function find(at: Cloudflare, zone: string, { name, value }: DnsRecord): Promise<string[]> {
  const query = new URLSearchParams({ type: 'TXT', name, per_page: '100' });
  const records = await ask(at, 'GET', `/zones/${zone}/dns_records?${query.toString()}`);
  return records.flatMap(({ id, content }) => (content?.replace(/^"|"$/g, '') === value ? [id] : []));
}

/** The id of the zone that a name lies in: the longest that the token sees. */
async function zoneOf(at: Cloudflare, name: string): Promise<string> {
  const labels = name.split('.');
  for (let first = 1; first < labels.length - 1; first++) {
    const zone = labels.slice(first).join('.');
    const [found] = await ask(at, 'GET', `/zones?name=${encodeURIComponent(zone)}`);
    if (found !== undefined && /^[A-Za-z0-9]{1,64}$/.test(found.id)) return found.id;
  }
  throw new AppError('in_use', 'The account sees no zone of this name.', {
    reason: 'dns_zone_unknown',
    params: { host: name.replace(/^_acme-challenge\./, '') },
  });
}

type Item = { readonly id: string; readonly content?: string | undefined };

async function ask(
  { token, api = defaultApi, ca }: Cloudflare,
  method: string,
  path: string,
  body?: object,
): Promise<Item[]> {
  const { status, text } = await send(`${api}${path}`, { method, token, body, ca });
  let said: z.infer<typeof answer> | undefined;
  try {
    said = answer.parse(JSON.parse(text));
  } catch {
    throw failed(`HTTP ${status}`);
  }
  if (status === 401 || status === 403 || said.errors.some(({ code }) => code === 9109 || code === 10_000))
    throw new AppError('in_use', 'The account does not accept the token.', { reason: 'dns_credentials' });
  if (status === 429) throw failed('HTTP 429');
  if (!said.success) throw failed(said.errors.map(({ code, message }) => `${code} ${message}`).join(', '));
  return Array.isArray(said.result) ? said.result : [];
}

function failed(message: string): AppError {
  return new AppError('in_use', 'The DNS provider did not do it.', {
    reason: 'dns_failed',
    params: { message: message.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 300) },
  });
}

type Sent = {
  readonly method: string;
  readonly token: string;
  readonly body?: object | undefined;
  readonly ca?: string | undefined;
};

async function send(url: string, { method, token, body, ca }: Sent): Promise<{ status: number; text: string }> {
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(bytes.length) }),
  };
  try {
    return await new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(patienceMs);
      const sent = https().request(
        url,
        { method, headers, agent: false, signal, ...(ca === undefined ? {} : { ca }) },
        (response) => {
          const pieces: Buffer[] = [];
          let size = 0;
          response.on('data', (piece: Buffer) => {
            size += piece.length;
            if (size > maxAnswerBytes) response.destroy(new Error('answer too large'));
            else pieces.push(piece);
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(bytes);
    });
  } catch {
    throw new AppError('in_use', 'The DNS provider cannot be reached.', { reason: 'dns_unreachable' });
  }
}
