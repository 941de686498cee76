import { maxHooks, type BackupHook, type HookOutcome } from '#shared/backup-alerts.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';
import type { FakeBackupState, FakeHook } from './backups-data.ts';

type HookActions = Pick<FakeActions, 'backups.put_hook' | 'backups.remove_hook' | 'backups.test_hook'>;
type Parts = {
  readonly state: FakeBackupState;
  readonly now: () => number;
  readonly save: () => void;
  readonly stateOf: () => Awaited<ReturnType<FakeActions['backups.state']>>;
};

/** The alert hooks of the fake agent. It sends nothing; an address with `fail-hook` in it does not answer. */
export function fakeHooks({ state, now, save, stateOf }: Parts): HookActions {
  const hooks = (): FakeHook[] => (state.hooks ??= []);
  const find = (hookId: string): FakeHook | undefined => hooks().find(({ id }) => id === hookId);
  return {
    async 'backups.put_hook'({ hookId, url, secret, ...facts }) {
      const before = find(hookId);
      if (before === undefined && hooks().length >= maxHooks) {
        const params = { max: maxHooks };
        throw new AppError('in_use', 'No more fit.', { reason: 'backup_hooks_full', params });
      }
      const address = url ?? before?.url;
      if (address === undefined) throw refusedUrl('required');
      if (new URL(address).hostname.startsWith('169.254.')) throw refusedUrl('hook_address_refused');
      const hook: FakeHook = {
        waitingCount: 0,
        lastOutcome: null,
        ...before,
        ...facts,
        id: hookId,
        url: address,
        origin: new URL(address).origin,
        hasSecret: secret === null ? (before?.hasSecret ?? false) : secret.kind !== 'none',
      };
      state.hooks = [...hooks().filter(({ id }) => id !== hookId), hook];
      save();
      return stateOf();
    },

    async 'backups.remove_hook'({ hookId }) {
      state.hooks = hooks().filter(({ id }) => id !== hookId);
      save();
      return stateOf();
    },

    async 'backups.test_hook'({ hookId }) {
      const hook = find(hookId);
      if (hook === undefined)
        throw new AppError('not_found', 'There is no such hook.', { reason: 'backup_hook_unknown' });
      const isAway = hook.url.includes('fail-hook');
      const outcome: HookOutcome = {
        at: new Date(now()).toISOString(),
        event: 'test',
        isDelivered: !isAway,
        status: isAway ? null : 204,
        reason: isAway ? 'backup_hook_unreachable' : null,
      };
      hook.lastOutcome = outcome;
      save();
      return { outcome };
    },
  };
}

function refusedUrl(code: string): AppError {
  return new AppError('invalid_request', 'Nothing can be sent to this address.', { fields: [{ field: 'url', code }] });
}

/** A hook as the real one shows it: without the rest of its address. */
export function shownHook({ url: _url, ...hook }: FakeHook): BackupHook {
  return hook;
}
