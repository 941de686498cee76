import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { AgentSettings } from '../core/machine.ts';
import { defaultDirectory } from './certbot.ts';

/*
 * CAA records (RFC 8659, 8657) say which authorities may issue for a name, and how it is proven. One that forbids ours is told
 * before the authority is asked, since each refusal of hers counts.
 */

/** One record as Node answers it. */
export type CaaRecord = {
  readonly critical: number;
  readonly issue?: string | undefined;
  readonly issuewild?: string | undefined;
};
/** Answers [] where there is none; throws when it cannot be known. */
export type CaaLookup = (name: string) => Promise<readonly CaaRecord[]>;

export type CaaQuestion = {
  readonly hosts: readonly string[];
  /** Names by which the authority goes in such records; none: it says none, and nothing is checked. */
  readonly identities: readonly string[];
  readonly method: 'http-01' | 'dns-01';
  /** Addresses of the accounts that this server has there; a record that names another one forbids the order. */
  readonly accounts: readonly string[];
  readonly lookup: CaaLookup;
  readonly say: (line: string) => void;
};

/** Throws `acme_caa` for the first host for which the authority may not issue. */
export async function checkCaa({ hosts, identities, method, accounts, lookup, say }: CaaQuestion): Promise<void> {
  if (identities.length === 0) return;
  const found = await Promise.all(
    hosts.map(async (host) => {
      const name = host.replace(/^\*\./, '');
      return { host, name, records: await nearest(name, lookup).catch(() => undefined) };
    }),
  );
  for (const { host, name, records } of found) {
    if (records === undefined) {
      say(`${name}: its CAA records cannot be read from here; the authority reads them itself`);
      continue;
    }
    if (isAllowed(records, { isWildcard: host.startsWith('*.'), identities, method, accounts })) continue;
    say(`${host}: its CAA records do not allow this order; the account here is ${accounts.join(' ') || 'a new one'}`);
    throw new AppError('in_use', 'A CAA record forbids this authority.', { reason: 'acme_caa', params: { host } });
  }
}

/** Of the name itself, or of the nearest above it that has any. */
async function nearest(name: string, lookup: CaaLookup): Promise<readonly CaaRecord[]> {
  const labels = name.split('.');
  for (let first = 0; first < labels.length; first++) {
    const records = await lookup(labels.slice(first).join('.'));
    if (records.length > 0) return records;
  }
  return [];
}

type Asked = Pick<CaaQuestion, 'identities' | 'method' | 'accounts'> & { readonly isWildcard: boolean };

export function isAllowed(records: readonly CaaRecord[], { isWildcard, identities, method, accounts }: Asked): boolean {
  const plain = records.flatMap(({ issue }) => issue ?? []);
  const wild = records.flatMap(({ issuewild }) => issuewild ?? []);
  const values = isWildcard && wild.length > 0 ? wild : plain;
  // Records of other kinds alone say nothing about who may.
  if (values.length === 0) return true;
  return values.some((value) => {
    const [issuer = '', ...parameters] = value.split(';').map((part) => part.trim());
    if (!identities.includes(issuer.toLowerCase())) return false;
    const named = parameters.flatMap((each) => /^accounturi\s*=\s*(.*)$/i.exec(each)?.[1] ?? []);
    // RFC 8657: several in one record are none that anybody could have.
    if (named.length > 1 || !named.every((account) => accounts.includes(account))) return false;
    const methods = parameters.flatMap((each) => /^validationmethods\s*=\s*(.*)$/i.exec(each)?.[1] ?? []);
    return methods.length === 0 || methods.some((each) => each.split(',').some((one) => one.trim() === method));
  });
}

/** By the servers that the agent is told to ask, or those of the machine. */
export function caaLookup({ acme }: Pick<AgentSettings, 'acme'>): CaaLookup {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  if (acme?.nameServers !== undefined) resolver.setServers(acme.nameServers);
  return async (name) => {
    try {
      return await resolver.resolveCaa(name);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
      throw error;
    }
  };
}

/** What an authority calls itself in CAA records, from its directory; [] when it does not say. */
export async function caaIdentities({ acme }: Pick<AgentSettings, 'acme'>): Promise<string[]> {
  const { directory = defaultDirectory, caBundle } = acme ?? {};
  if (directory === defaultDirectory) return ['letsencrypt.org'];
  // TLS takes 4 MB of a process, and the agent asks for nothing over it unless it comes here.
  const { request } = await import('node:https');
  return await new Promise((resolve) => {
    const ca = caBundle === undefined ? {} : { ca: readFileSync(caBundle) };
    const sent = request(directory, { ...ca, agent: false, signal: AbortSignal.timeout(10_000) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text = (text + part).slice(0, 64 * 1024);
      });
      response.on('end', () => resolve(identitiesIn(text)));
      response.on('error', () => resolve([]));
    });
    sent.on('error', () => resolve([]));
    sent.end();
  });
}

function identitiesIn(text: string): string[] {
  try {
    const { meta } = JSON.parse(text) as { meta?: { caaIdentities?: unknown } };
    const said = meta?.caaIdentities;
    return Array.isArray(said) ? said.filter((each) => typeof each === 'string').map((each) => each.toLowerCase()) : [];
  } catch {
    return [];
  }
}
