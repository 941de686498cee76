import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { request as requestPlainly, type RequestOptions } from 'node:http';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { isInAny } from '#shared/behaviour/networks.ts';
import type { AddressState, NameCheck, NameState } from '#shared/domain-check.ts';
import { cloudflareRanges } from '#shared/site-reach.ts';
import { isPublicAddress } from '#shared/public-address.ts';

/*
 * Whether a name leads to this machine: by its addresses, and where those are somebody else's by a question that only this
 * site answers. A CDN or a router in front is seen so, which the DNS alone does not show.
 */

/** `absent`: the DNS says that there is none; `silent`: it says nothing. */
export type Answer = { readonly addresses: readonly string[] } | 'absent' | 'silent';

export type DomainCheckParts = {
  readonly resolve?: (host: string, signal: AbortSignal) => Promise<Answer>;
  readonly own?: readonly string[];
  /** Whether an address of others may be asked. */
  readonly isAllowed?: (address: string) => boolean;
  readonly ports?: { readonly http: number; readonly https: number };
  /** For one question of HTTP. */
  readonly patienceMs?: number;
};

/** A name on the port of the web, or on another one, where nobody of others is asked. */
export type CheckedName = { readonly host: string; readonly isOfWeb: boolean };

const mostAtOnce = 8;
const mostAddresses = 8;
const wholePatienceMs = 15_000;

/** `marker`: what the site alone answers at its own path; undefined: it answers nothing of the kind now. */
export async function checkNames(
  names: readonly CheckedName[],
  marker: string | undefined,
  {
    resolve = addressesOf,
    own = machineAddresses(),
    isAllowed = isPublicAddress,
    ports = { http: 80, https: 443 },
    patienceMs = 3_000,
  }: DomainCheckParts = {},
): Promise<NameCheck[]> {
  const signal = AbortSignal.timeout(wholePatienceMs);
  const isOwn = new Set(own.map(plain));
  const checks = new Map<string, NameCheck>();
  const waiting = [...names];
  await Promise.all(
    Array.from({ length: mostAtOnce }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift())
        checks.set(name.host, await checkName(name));
    }),
  );
  return names.flatMap(({ host }) => checks.get(host) ?? []);

  async function checkName({ host, isOfWeb }: CheckedName): Promise<NameCheck> {
    // A wildcard is met under any name below it.
    const name = host.replace(/^\*\./, `${randomBytes(4).toString('hex')}.`);
    if (isNeverPublic(name)) return { host, state: 'unasked', addresses: [] };
    const answer = await resolve(name, signal);
    if (answer === 'absent' || answer === 'silent')
      return { host, state: answer === 'absent' ? 'none' : 'no_answer', addresses: [] };
    const addresses = await Promise.all(
      answer.addresses.slice(0, mostAddresses).map(async (address) => ({
        address,
        state: await stateOf(name, address, isOfWeb),
        isCloudflare: isInAny(cloudflareRanges, address),
      })),
    );
    return { host, state: together(addresses.map(({ state }) => state)), addresses };
  }

  async function stateOf(name: string, address: string, isOfWeb: boolean): Promise<AddressState> {
    if (isOwn.has(plain(address))) return 'own';
    if (!isAllowed(address)) return 'inner';
    if (marker === undefined || !isOfWeb) return 'unproven';
    const question = { name, address, marker, signal, patienceMs };
    const plainly = await askMarker({ ...question, port: ports.http, isSecure: false });
    if (plainly === true) return 'served';
    // Some let nobody in over plain HTTP.
    const securely = await askMarker({ ...question, port: ports.https, isSecure: true });
    if (securely === true) return 'served';
    return plainly === undefined && securely === undefined ? 'silent' : 'other';
  }
}

function together(states: readonly AddressState[]): NameState {
  const here = states.filter((state) => state === 'own' || state === 'served').length;
  if (here === states.length) return 'here';
  return here > 0 ? 'partly' : 'elsewhere';
}

type MarkerQuestion = {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly marker: string;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  readonly isSecure: boolean;
};

/** Whether the answer there is this site's; undefined: nobody answers. No other place is followed to. */
async function askMarker(question: MarkerQuestion): Promise<boolean | undefined> {
  const { name, address, port, marker, signal, patienceMs, isSecure } = question;
  const options: RequestOptions = {
    host: address,
    port,
    // No cache in between has an answer to this.
    path: `/.well-known/aapanel/${marker}?${randomBytes(8).toString('hex')}`,
    headers: { host: name },
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
  };
  const { request } = isSecure ? await import('node:https') : { request: requestPlainly };
  return await new Promise((resolve) => {
    let isMet = false;
    // What is looked for is no secret, so it does not matter here who vouches for the certificate.
    const sent = request(
      { ...options, ...(isSecure && { servername: name, rejectUnauthorized: false }) },
      (response) => {
        isMet = true;
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          body += part;
          if (body.length > marker.length) sent.destroy();
        });
        response.on('close', () => resolve(response.complete && response.statusCode === 200 && body === marker));
      },
    );
    sent.on('error', () => resolve(isMet ? false : undefined));
    sent.end();
  });
}

/** Names of RFC 6761, 6762, 7686 and 9476, and those without a dot: whoever was asked would only learn of them. */
function isNeverPublic(name: string): boolean {
  return !name.includes('.') || /\.(?:alt|home\.arpa|internal|invalid|local|localhost|onion|test)$/.test(name);
}

/** By the machine's own DNS servers, without its list of hosts, and under no other name than this one. */
export async function addressesOf(host: string, signal: AbortSignal, servers?: readonly string[]): Promise<Answer> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  const stop = (): void => resolver.cancel();
  if (signal.aborted) return 'silent';
  signal.addEventListener('abort', stop);
  const timer = setTimeout(stop, 5_000);
  const answers = await Promise.all([read(resolver.resolve4(host)), read(resolver.resolve6(host))]);
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
  const addresses = answers.flatMap((answer) => answer ?? []);
  if (addresses.length > 0) return { addresses };
  return answers.includes(undefined) ? 'silent' : 'absent';
}

/** undefined: the DNS says nothing. */
async function read(asked: Promise<string[]>): Promise<string[] | undefined> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ENODATA' || code === 'ENOTFOUND' ? [] : undefined;
  }
}

/** Those of the machine but of its own inside. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).flatMap(({ address, internal }) => (internal || /^fe80:/i.test(address) ? [] : [address])),
  );
}

/** One writing for each address of IPv6. */
function plain(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
