import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { makeFolders, putFile, removeFile, Unsynced } from '../core/files.ts';
import { challengeFolder } from '../nginx/nginx.render.ts';

export type Lookup = (host: string) => Promise<readonly string[]>;

const patienceMs = 5_000;
const mostAddresses = 4;
const settleMs = 1_000;

/**
 * Looks, before the authority is asked, whether it would find this server under each name: an address, and behind it the
 * path of challenges. Nothing is asked of the authority when a name has no address or another server answers. An address
 * that cannot be reached from here is only told: routers often keep a server from meeting its own public address.
 */
export async function preflight(
  prefix: string,
  hosts: readonly string[],
  { port, lookup, say }: { readonly port: number; readonly lookup: Lookup; readonly say: (line: string) => void },
): Promise<void> {
  const token = randomBytes(16).toString('hex');
  const folder = challengesBelow(prefix);
  makeFolders(folder, 0o755);
  const unsynced = new Unsynced();
  putFile(`${folder}/${token}`, Buffer.from(token), { mode: 0o644 }, 'check', unsynced);
  unsynced.drop();
  try {
    for (const host of hosts) await checkHost(host, token, { port, lookup, say });
  } finally {
    removeFile(`${folder}/${token}`);
  }
}

/** Where challenges are answered from, for all sites. */
export function challengesBelow(prefix: string): string {
  return `${prefix}${challengeFolder}/.well-known/acme-challenge`;
}

async function checkHost(
  host: string,
  token: string,
  { port, lookup, say }: { readonly port: number; readonly lookup: Lookup; readonly say: (line: string) => void },
): Promise<void> {
  const addresses = await lookup(host).catch(() => []);
  if (addresses.length === 0)
    throw new AppError('in_use', 'A name has no address.', { reason: 'acme_no_address', params: { host } });
  for (const address of addresses.slice(0, mostAddresses)) {
    const path = `/.well-known/acme-challenge/${token}`;
    const endsAt = Date.now() + settleMs;
    let answer = await ask(host, address, port, path);
    // Just after a change an old worker of nginx may still answer, which does not know the site yet.
    while (answer !== token && answer !== undefined && Date.now() < endsAt) {
      await wait(50);
      answer = await ask(host, address, port, path);
    }
    if (answer === token) say(`${host}: ${address} answers`);
    else if (answer === undefined) say(`${host}: ${address} cannot be reached from here; the authority may see it`);
    else
      throw new AppError('in_use', 'Another server answers for a name.', {
        reason: 'acme_other_server',
        params: { host, address },
      });
  }
}

/** The body; undefined when nobody answers. */
async function ask(host: string, address: string, port: number, path: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const at = { host: address, port, path, headers: { host }, agent: false, timeout: patienceMs };
    const sent = request(at, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body = (body + part).slice(0, 1_024);
      });
      response.on('end', () => resolve(response.statusCode === 200 ? body : ''));
      response.on('error', () => resolve(undefined));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}
