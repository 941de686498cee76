import { Resolver } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sight } from '#shared/certificate-proofs.ts';
import type { DnsRecord } from './records.ts';

/*
 * The authority asks the zone's own servers: a record counts when each of those that answer here shows it.
 */

const pollMs = 2_000;
const mostServers = 8;

/** Answers whether it was seen in time. `servers`: `address:port` of servers that are known already. */
export async function untilVisible(
  records: readonly DnsRecord[],
  { servers, limitMs }: { readonly servers: readonly string[]; readonly limitMs: number },
): Promise<boolean> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    const shown = await Promise.all(records.map((record) => isVisible(record, servers)));
    if (shown.every((each) => each)) return true;
    if (Date.now() + pollMs > endsAt) return false;
    await wait(pollMs);
  }
}

async function isVisible(record: DnsRecord, known: readonly string[]): Promise<boolean> {
  const heard = (await sightsOf(record, known)).filter(({ sight }) => sight !== 'silent');
  return heard.length > 0 && heard.every(({ sight }) => sight === 'shown');
}

/** What each server of the zone shows of a record. `known`: `address:port` of servers that are known already. */
export async function sightsOf(
  { name, value }: DnsRecord,
  known: readonly string[],
): Promise<{ server: string; sight: Sight }[]> {
  const servers = known.length > 0 ? known : await serversOf(name);
  return await Promise.all(
    servers.slice(0, mostServers).map(async (server) => {
      const texts = await textsAt(server, name);
      const sight =
        texts === undefined ? 'silent' : texts.includes(value) ? 'shown' : texts.length > 0 ? 'other' : 'none';
      return { server, sight } as const;
    }),
  );
}

/** undefined: it does not answer. */
async function textsAt(server: string, name: string): Promise<string[] | undefined> {
  const resolver = new Resolver({ timeout: 3_000, tries: 1 });
  try {
    resolver.setServers([server]);
    return (await resolver.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    return code === 'ENODATA' || code === 'ENOTFOUND' ? [] : undefined;
  }
}

/** Addresses of the servers of the zone that a name lies in. */
async function serversOf(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  const labels = name.split('.');
  for (let first = 1; first < labels.length - 1; first++) {
    const hosts = await resolver.resolveNs(labels.slice(first).join('.')).catch(() => []);
    if (hosts.length === 0) continue;
    const found = await Promise.all(hosts.map((host) => resolver.resolve4(host).catch(() => [])));
    return [...new Set(found.flat())];
  }
  return [];
}
