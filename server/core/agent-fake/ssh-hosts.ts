import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { mostSshHosts, type ShownKey, type SshHost, type SshHostCheck, type SshHostDraft } from '#shared/ssh-hosts.ts';
import type { FakeActions } from '../agent-fake.ts';

/*
 * Saved hosts without any server: each address shows keys that follow from it. `unreachable.test` answers nobody,
 * `changed.test` shows other keys as soon as somebody has confirmed its first ones.
 */

type Name = `terminals.${'check_host' | 'hosts' | 'put_host' | 'remove_host' | 'trust_host'}`;
type Held = SshHostDraft & { readonly trusted: SshHost['trusted'] };

export type FakeSshHosts = {
  readonly actions: Pick<FakeActions, Name>;
  /** Throws as the agent does when no session would come of it; answers `user@address`. */
  readonly reach: (hostId: string) => string;
  readonly clear: () => void;
};

export function createFakeSshHosts(now: () => number, onRemoved: (hostId: string) => void): FakeSshHosts {
  const all = new Map<string, Held>();

  function get(hostId: string): Held {
    const found = all.get(hostId);
    if (found === undefined) throw new AppError('not_found', 'There is no such host.', { reason: 'ssh_host_gone' });
    return found;
  }

  function check({ address, port, trusted }: Held): SshHostCheck {
    if (address === 'unreachable.test')
      throw new AppError('in_use', 'The host does not answer over SSH.', {
        reason: 'ssh_host_unreachable',
        params: { address },
      });
    if (address.startsWith('169.254.'))
      throw new AppError('in_use', 'Nothing is sent to this address.', { reason: 'ssh_address_refused' });
    const isOther = address === 'changed.test' && trusted !== null;
    const found = ['ssh-ed25519', 'ssh-rsa'].map(
      (kind): ShownKey => ({ kind, fingerprint: printOf(`${address}:${port}:${kind}:${isOther}`) }),
    );
    const known = trusted?.keys ?? [];
    const isSame = found.every(({ fingerprint }) => known.some((each) => each.fingerprint === fingerprint));
    return { state: known.length === 0 ? 'new' : isSame ? 'same' : 'changed', found, trusted: known };
  }

  function shown(hostId: string, held: Held): SshHost {
    const blob = `AAAAC3NzaC1lZDI1NTE5AAAAI${sumOf(hostId).slice(0, 43)}`;
    const key =
      held.auth === 'key'
        ? { publicKey: `ssh-ed25519 ${blob} aapanel-terminal`, fingerprint: printOf(`key ${hostId}`) }
        : null;
    return { id: hostId, ...held, key };
  }

  return {
    actions: {
      'terminals.check_host'({ hostId }) {
        const held = get(hostId);
        return Promise.resolve({ host: shown(hostId, held), check: check(held) });
      },
      'terminals.hosts': () =>
        Promise.resolve({
          items: [...all]
            .map(([hostId, held]) => shown(hostId, held))
            .sort((one, other) => one.name.localeCompare(other.name)),
        }),
      'terminals.put_host'({ hostId, isNew, host }) {
        const before = isNew ? undefined : get(hostId);
        if (before === undefined && all.size >= mostSshHosts)
          throw new AppError('in_use', 'There are too many saved hosts.', {
            reason: 'ssh_hosts_full',
            params: { most: mostSshHosts },
          });
        if (host.address.startsWith('169.254.'))
          throw new AppError('invalid_request', 'Nothing is sent to this address.', {
            fields: [{ field: 'address', code: 'ssh_address_refused' }],
          });
        const address = host.address.toLowerCase();
        const isSame = before?.address === address && before.port === host.port;
        all.set(hostId, { ...host, address, trusted: isSame ? before.trusted : null });
        return Promise.resolve({ host: shown(hostId, get(hostId)) });
      },
      'terminals.remove_host'({ hostId }) {
        const host = shown(hostId, get(hostId));
        all.delete(hostId);
        onRemoved(hostId);
        return Promise.resolve({ host });
      },
      'terminals.trust_host'({ hostId, fingerprints }, { actor }) {
        const held = get(hostId);
        const { found } = check(held);
        if (found.map(({ fingerprint }) => fingerprint).join() !== fingerprints.join())
          throw new AppError('in_use', 'The host shows other keys than those that were compared.', {
            reason: 'ssh_host_keys_differ',
          });
        all.set(hostId, { ...held, trusted: { keys: found, at: new Date(now()).toISOString(), by: actor.name } });
        return Promise.resolve({ host: shown(hostId, get(hostId)), before: shown(hostId, held) });
      },
    },
    reach(hostId) {
      const held = get(hostId);
      const { name, user, address } = held;
      if (held.trusted === null)
        throw new AppError('in_use', 'Nobody has confirmed the keys of this host.', {
          reason: 'ssh_host_unknown',
          params: { name },
        });
      const { state, found, trusted } = check(held);
      if (state === 'changed')
        throw new AppError('in_use', 'The host shows another key than the confirmed one.', {
          reason: 'ssh_host_changed',
          params: { name, before: trusted[0]?.fingerprint ?? '', now: found[0]?.fingerprint ?? '' },
        });
      return `${user}@${address}`;
    },
    clear: () => all.clear(),
  };
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('base64').replace(/=+$/, '');
const printOf = (text: string): string => `SHA256:${sumOf(text)}`;
