import { expect, it } from 'vitest';
import type { HookBody } from '#shared/backup-alerts.ts';
import type { BackupPlan, BackupRequest } from '#shared/backups.ts';
import type { ActionParamsInput } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { AgentClient } from '../agent-client.ts';
import { newId } from '../id.ts';
import type { TestOwner } from './owner.ts';

/* For tests: the part of the agent's contract about backups that needs no stored byte. */

type BackupAction = Extract<keyof AgentActions, `backups.${string}`>;

const noLimits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };

/** `getAgent` and `getOwner` answer once the tests run. */
export function backupsContract(getAgent: () => AgentClient, getOwner: () => TestOwner): void {
  const asOwner = <N extends BackupAction>(action: N, params: ActionParamsInput<AgentActions[N]>) =>
    getAgent().call(action, params, { actor: getOwner(), requestId: 'contract' });
  /** Without a fresh factor. */
  const plain = <N extends BackupAction>(action: N, params: ActionParamsInput<AgentActions[N]>) => {
    const { id, name } = getOwner();
    return getAgent().call(action, params, { actor: { id, name }, requestId: 'contract' });
  };
  const putTarget = async (name: string) => {
    const targetId = newId();
    const place = { kind: 'local' as const, path: `/backup/${name}` };
    await asOwner('backups.put_target', { targetId, name, place, limits: noLimits, secret: { kind: 'none' } });
    return targetId;
  };
  const plan = (targetId: string, more: Partial<BackupPlan> = {}): BackupPlan => ({
    name: 'nightly',
    sources: [{ kind: 'panel' }],
    targetIds: [targetId],
    excludes: [],
    schedule: { every: 'daily', atMinute: 180, cron: '', timeZone: 'UTC' },
    retention: { last: 1, hourly: 0, daily: 7, weekly: 4, monthly: 12, yearly: 0 },
    proof: 'never',
    isPaused: false,
    ...more,
  });

  it('a target and a plan are kept, shown without secrets, and go again', async () => {
    const targetId = await putTarget('kept');
    const planId = newId();
    const state = await asOwner('backups.put_plan', { planId, plan: plan(targetId) });
    expect(state.targets.find(({ id }) => id === targetId)).toMatchObject({
      name: 'kept',
      hasSecret: false,
      state: { isReachable: null, setCount: 0, lastSetAt: null, lastProof: null },
    });
    const planned = state.plans.find(({ id }) => id === planId);
    expect(planned).toMatchObject({
      plan: plan(targetId),
      lastRun: null,
      isOverdue: false,
      rpoMinutes: 1440,
      rtoMs: null,
    });
    expect(Date.parse(planned?.nextRunAt ?? '')).toBeGreaterThan(Date.now());
    await expect(asOwner('backups.remove_target', { targetId })).rejects.toMatchObject({
      code: 'in_use',
      reason: 'backup_target_in_use',
      params: { plan: 'nightly' },
    });
    const paused = await asOwner('backups.put_plan', { planId, plan: plan(targetId, { isPaused: true }) });
    expect(paused.plans.find(({ id }) => id === planId)?.nextRunAt).toBeNull();
    await asOwner('backups.remove_plan', { planId });
    const after = await asOwner('backups.remove_target', { targetId });
    expect(after.targets.some(({ id }) => id === targetId)).toBe(false);
  });

  it('changes of targets, plans and keys need a fresh factor', async () => {
    const targetId = await putTarget('guarded');
    const changes = [
      () => plain('backups.remove_target', { targetId }),
      () => plain('backups.put_plan', { planId: newId(), plan: plan(targetId) }),
      () => plain('backups.keys', { operation: 'rotate' }),
    ];
    for (const change of changes) await expect(change()).rejects.toMatchObject({ code: 'elevation_required' });
    const state = await plain('backups.state', {});
    expect(state.targets.some(({ id }) => id === targetId)).toBe(true);
    await asOwner('backups.remove_target', { targetId });
  });

  it('runs that overwrite, remove or carry away need a fresh factor before anything is looked up', async () => {
    const [targetId, setId] = [newId(), newId()];
    const way = { kind: 'in_place' } as const;
    const requests: BackupRequest[] = [
      { kind: 'restore', targetId, setId, parts: null, member: null, way, isDryRun: false },
      { kind: 'fetch', targetId, setId, part: 'panel', member: 'a' },
      { kind: 'prune', targetId, planId: null, isDryRun: false },
      { kind: 'remove', targetId, setIds: [setId] },
      { kind: 'export', targetId, setId, path: '/root/set' },
      { kind: 'import', targetId, path: '/root/set' },
    ];
    for (const request of requests) {
      const runId = newId();
      await expect(plain('backups.start', { runId, request })).rejects.toMatchObject({ code: 'elevation_required' });
      expect((await plain('backups.run', { runId, offset: 0 })).run).toBeNull();
    }
  });

  it('what is not there is named, and no run begins', async () => {
    const targetId = await putTarget('empty');
    const setId = newId();
    const start = (request: BackupRequest) => asOwner('backups.start', { runId: newId(), request });
    const unknown = (reason: string) => ({ code: 'not_found', reason });
    await expect(start({ kind: 'create', planId: newId() })).rejects.toMatchObject(unknown('backup_plan_unknown'));
    await expect(start({ kind: 'verify', targetId: newId(), setId: null, isFull: false })).rejects.toMatchObject(
      unknown('backup_target_unknown'),
    );
    await expect(start({ kind: 'remove', targetId, setIds: [setId] })).rejects.toMatchObject(
      unknown('backup_set_unknown'),
    );
    // Removing what is not there is no fault: it may have been asked twice.
    await asOwner('backups.remove_plan', { planId: newId() });
    await asOwner('backups.remove_target', { targetId: newId() });
    await expect(asOwner('backups.pin', { targetId, setId, isPinned: true })).rejects.toMatchObject(
      unknown('backup_set_unknown'),
    );
    await expect(asOwner('backups.cancel', { runId: newId() })).rejects.toMatchObject(unknown('backup_run_unknown'));
    await expect(asOwner('backups.read_download', { runId: newId(), offset: 0 })).rejects.toMatchObject(
      unknown('backup_download_gone'),
    );
    const given = { targetId, planId: null, setId: null, part: null, offset: 0, limit: 50 };
    expect(await plain('backups.sets', given)).toEqual({ items: [], total: 0 });
    await asOwner('backups.remove_target', { targetId });
  });

  it('an alert hook is kept without its address and secret being shown, and goes again', async () => {
    const hookId = newId();
    const hook: HookBody = {
      name: 'phone',
      url: 'https://chat.example.com/hidden-path',
      events: ['run_failed', 'overdue'],
      language: 'en',
      isEnabled: true,
      secret: { kind: 'key', key: 'a-secret-of-sixteen' },
    };
    await expect(plain('backups.put_hook', { hookId, ...hook })).rejects.toMatchObject({ code: 'elevation_required' });
    const { hooks } = await asOwner('backups.put_hook', { hookId, ...hook });
    expect(hooks).toEqual([
      {
        id: hookId,
        name: 'phone',
        events: hook.events,
        language: 'en',
        isEnabled: true,
        origin: 'https://chat.example.com',
        hasSecret: true,
        waitingCount: 0,
        lastOutcome: null,
      },
    ]);
    const kept = await asOwner('backups.put_hook', { hookId, ...hook, name: 'new', url: null, secret: null });
    expect(kept.hooks).toMatchObject([{ name: 'new', origin: 'https://chat.example.com', hasSecret: true }]);
    const refused = { fields: [{ field: 'url', code: 'hook_address_refused' }] };
    const metadata = { ...hook, url: 'http://169.254.169.254/latest' };
    await expect(asOwner('backups.put_hook', { hookId, ...metadata })).rejects.toMatchObject(refused);
    await expect(plain('backups.test_hook', { hookId: newId() })).rejects.toMatchObject({
      reason: 'backup_hook_unknown',
    });
    expect((await asOwner('backups.remove_hook', { hookId })).hooks).toEqual([]);
  });

  it('keys rotate, the one that signs is not retired, and a recovery key is answered once', async () => {
    const made = await asOwner('backups.keys', { operation: 'new_recovery' });
    expect(made.recoveryKey).toMatch(/^AAPR(-[A-Z2-7]{4}){14}$/);
    expect(made.state.recovery).not.toBeNull();
    const { state, recoveryKey } = await asOwner('backups.keys', { operation: 'rotate' });
    expect(recoveryKey).toBeNull();
    const active = state.keys.filter((key) => key.state === 'active');
    expect(active).toHaveLength(1);
    const keyId = active[0]?.keyId ?? '';
    await expect(asOwner('backups.keys', { operation: 'retire', keyId })).rejects.toMatchObject({
      code: 'in_use',
      reason: 'backup_key_active',
    });
    await expect(asOwner('backups.keys', { operation: 'retire', keyId: 'aaaaaaaaaaaaaaaa' })).rejects.toMatchObject({
      code: 'not_found',
      reason: 'backup_key_unknown',
    });
    const old = state.keys.find((key) => key.state === 'verify_only')?.keyId ?? '';
    const after = await asOwner('backups.keys', { operation: 'retire', keyId: old });
    expect(after.state.keys.find((key) => key.keyId === old)?.state).toBe('retired');
  });
}
