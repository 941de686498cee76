import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { z } from 'zod';
import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { ScannedHost } from '#shared/deployments.ts';
import { AppError } from '#shared/errors.ts';
import { idPattern, instant } from '#shared/http.ts';
import { sshHostKey } from '#shared/site-deploy.ts';
import { mostSshHosts, sshHostDraft, type ShownKey, type SshHost, type SshHostCheck } from '#shared/ssh-hosts.ts';
import { isRefusedAddress } from '../alerts/address.ts';
import type { Call } from '../core/call.ts';
import { listNames, look, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { fingerprintOf, makeKeyPair, scanHostKeys, type KeyAlgorithm } from '../core/ssh-keys.ts';

/*
 * Saved hosts in the agent's own state, each with the keys that its server is known by and, where one is wanted, a key pair
 * of its own. The web process neither chooses a key nor vouches for a server without a person's fresh factor.
 */

type Where = Pick<Machine, 'stateFolder'>;
type Params<N extends 'put_host' | 'trust_host'> = ActionParams<AgentActions[`terminals.${N}`]>;

const record = sshHostDraft.extend({
  trusted: z.strictObject({ hostKeys: z.array(sshHostKey).min(1), at: instant, by: z.string() }).nullable(),
});
type SshRecord = z.output<typeof record>;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/ssh-hosts`;
const recordPath = (where: Where, hostId: string): string => `${folderOf(where)}/${hostId}.json`;
export const hostKeyPath = (where: Where, hostId: string): string => `${folderOf(where)}/${hostId}.key`;

/** By name. */
export function listHosts(where: Where): SshHost[] {
  return listNames(folderOf(where))
    .flatMap((name): SshHost[] => {
      const hostId = name.replace(/\.json$/, '');
      const found = name.endsWith('.json') && idPattern.test(hostId) ? findRecord(where, hostId) : undefined;
      return found === undefined ? [] : [shown(where, hostId, found)];
    })
    .sort((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id));
}

export async function putHost(machine: Machine, { hostId, isNew, host }: Params<'put_host'>): Promise<SshHost> {
  const before = findRecord(machine, hostId);
  if (before === undefined && !isNew) throw gone();
  if (before === undefined && listHosts(machine).length >= mostSshHosts)
    throw new AppError('in_use', 'There are too many saved hosts.', {
      reason: 'ssh_hosts_full',
      params: { most: mostSshHosts },
    });
  if (isIP(host.address) !== 0 && isRefusedAddress(host.address))
    throw new AppError('invalid_request', 'Nothing is sent to this address.', {
      fields: [{ field: 'address', code: 'ssh_address_refused' }],
    });
  const address = host.address.toLowerCase();
  // Another server than the one that somebody vouched for.
  const isSame = before?.address === address && before.port === host.port;
  const next: SshRecord = { ...host, address, trusted: isSame ? before.trusted : null };
  const keyPath = hostKeyPath(machine, hostId);
  if (host.auth === 'key' && look(keyPath).type !== 'file') {
    const keygen = findProgram('ssh-keygen');
    if (keygen === undefined) throw toolsMissing();
    await makeKeyPair(keygen, keyPath, 'aapanel-terminal');
  }
  await putJsonFile(recordPath(machine, hostId), next);
  if (host.auth === 'password') removeKey(machine, hostId);
  return shown(machine, hostId, next);
}

export function removeHost(where: Where, hostId: string): SshHost {
  const before = shown(where, hostId, getRecord(where, hostId));
  removeKey(where, hostId);
  removeFile(recordPath(where, hostId));
  return before;
}

/** What the server shows now. Nothing is trusted by this. */
export async function checkHost(where: Where, hostId: string): Promise<{ host: SshHost; check: SshHostCheck }> {
  const known = getRecord(where, hostId);
  const { found } = await scan(known);
  const trusted = known.trusted?.hostKeys ?? [];
  return {
    host: shown(where, hostId, known),
    check: { state: judge(trusted, found).state, found: found.map(shownOf), trusted: trusted.map(keyShown) },
  };
}

/** Asks the server once more: what is kept is what it shows, and only when a person has compared just that. */
export async function trustHost(
  machine: Machine,
  { hostId, fingerprints }: Params<'trust_host'>,
  { actor }: Call,
): Promise<{ host: SshHost; before: SshHost }> {
  const known = getRecord(machine, hostId);
  const { found } = await scan(known);
  const differs = found.length !== fingerprints.length || found.some((key) => !fingerprints.includes(key.fingerprint));
  if (differs)
    throw new AppError('in_use', 'The host shows other keys than those that were compared.', {
      reason: 'ssh_host_keys_differ',
    });
  const at = new Date(machine.now()).toISOString();
  const next: SshRecord = { ...known, trusted: { hostKeys: found.map((key) => key.hostKey), at, by: actor.name } };
  await putJsonFile(recordPath(machine, hostId), next);
  return { host: shown(machine, hostId, next), before: shown(machine, hostId, known) };
}

/** Everything that ssh is told of a saved host; `address` is the IP address that was looked at, whatever the name says later. */
export type SshTarget = {
  readonly hostId: string;
  readonly address: string;
  readonly port: number;
  readonly login: string;
  readonly isByKey: boolean;
  /** The name under which its keys are known. */
  readonly alias: string;
  readonly hostKeys: readonly string[];
};

/** Throws unless the server is there and shows a key that somebody confirmed. ssh itself looks once more. */
export async function reachHost(where: Where, hostId: string): Promise<SshTarget> {
  const known = getRecord(where, hostId);
  const { name, trusted } = known;
  if (trusted === null)
    throw new AppError('in_use', 'Nobody has confirmed the keys of this host.', {
      reason: 'ssh_host_unknown',
      params: { name },
    });
  // One question in place of three: servers count those who ask and do not sign in.
  let scanned = await scan(known, [algorithmOf(trusted.hostKeys[0])]).catch(ifSilent);
  if (scanned === undefined || judge(trusted.hostKeys, scanned.found).state !== 'same') scanned = await scan(known);
  const { state, before, now } = judge(trusted.hostKeys, scanned.found);
  if (state === 'changed')
    throw new AppError('in_use', 'The host shows another key than the confirmed one.', {
      reason: 'ssh_host_changed',
      params: { name, before, now },
    });
  const { user: login, auth, address: alias, port } = known;
  const isByKey = auth === 'key';
  return { hostId, address: scanned.address, port, login, isByKey, alias, hostKeys: trusted.hostKeys };
}

type Scanned = { readonly address: string; readonly found: readonly ScannedHost[] };

/** Of the first address of each family that answers. Throws when none does, or when the name leads where nothing is sent. */
async function scan(
  { address, port }: Pick<SshRecord, 'address' | 'port'>,
  algorithms?: readonly KeyAlgorithm[],
): Promise<Scanned> {
  const keyscan = findProgram('ssh-keyscan');
  if (keyscan === undefined) throw toolsMissing();
  const all = await lookup(address, { all: true }).catch(() => []);
  if (all.some((each) => isRefusedAddress(each.address)))
    throw new AppError('in_use', 'Nothing is sent to this address.', { reason: 'ssh_address_refused' });
  const firsts = all.filter(({ family }, index) => all.findIndex((each) => each.family === family) === index);
  for (const { address: host } of firsts) {
    const found = await scanHostKeys(keyscan, { host, port }, algorithms);
    if (found.length > 0) return { address: host, found };
  }
  throw new AppError('in_use', 'The host does not answer over SSH.', {
    reason: 'ssh_host_unreachable',
    params: { address },
  });
}

/** It may be there and have no key of this kind any more. */
function ifSilent(error: unknown): undefined {
  if (!(error instanceof AppError) || error.reason !== 'ssh_host_unreachable') throw error;
}

type Judged = { readonly state: SshHostCheck['state']; readonly before: string; readonly now: string };

/** Changed: another key of a kind that is known, or none of those that are. A kind that is new changes nothing: it is not used. */
function judge(trusted: readonly string[], found: readonly ScannedHost[]): Judged {
  const known = trusted.map(keyShown);
  const other = found.find((key) => known.some(({ kind }) => kind === key.kind) && !trusted.includes(key.hostKey));
  const isKnown = found.some(({ hostKey }) => trusted.includes(hostKey));
  const now = other ?? found[0];
  return {
    state: trusted.length === 0 ? 'new' : other === undefined && isKnown ? 'same' : 'changed',
    before: (known.find(({ kind }) => kind === now?.kind) ?? known[0])?.fingerprint ?? '',
    now: now?.fingerprint ?? '',
  };
}

function algorithmOf(hostKey = ''): KeyAlgorithm {
  return hostKey.startsWith('ssh-ed25519') ? 'ed25519' : hostKey.startsWith('ecdsa') ? 'ecdsa' : 'rsa';
}

function shown(where: Where, hostId: string, { trusted, ...facts }: SshRecord): SshHost {
  const publicKey = facts.auth === 'key' ? readText(`${hostKeyPath(where, hostId)}.pub`)?.trim() : undefined;
  return {
    id: hostId,
    ...facts,
    key: publicKey === undefined ? null : { publicKey, fingerprint: fingerprintOf(publicKey) },
    trusted: trusted === null ? null : { keys: trusted.hostKeys.map(keyShown), at: trusted.at, by: trusted.by },
  };
}

const shownOf = ({ kind, fingerprint }: ScannedHost): ShownKey => ({ kind, fingerprint });

function keyShown(hostKey: string): ShownKey {
  return { kind: hostKey.slice(0, hostKey.indexOf(' ')), fingerprint: fingerprintOf(hostKey) };
}

function findRecord(where: Where, hostId: string): SshRecord | undefined {
  const text = readText(recordPath(where, hostId));
  return text === undefined ? undefined : record.parse(JSON.parse(text));
}

function getRecord(where: Where, hostId: string): SshRecord {
  const found = findRecord(where, hostId);
  if (found === undefined) throw gone();
  return found;
}

function removeKey(where: Where, hostId: string): void {
  for (const path of [`${hostKeyPath(where, hostId)}.pub`, hostKeyPath(where, hostId)]) removeFile(path);
}

const gone = (): AppError => new AppError('not_found', 'There is no such host.', { reason: 'ssh_host_gone' });

export function toolsMissing(): AppError {
  return new AppError('in_use', 'The SSH client is not installed on this machine.', { reason: 'ssh_tools_missing' });
}
