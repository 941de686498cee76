import { describe, expect, it } from 'vitest';
import type { BackupState } from '#shared/backups.ts';
import { AgentCallError, type AgentClient } from '../../core/agent-client.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { newId } from '../../core/id.ts';
import { noLimits, testPlan } from '../backups/testing.ts';
import { backupSamples, maxPlans, maxTargets, pairsOf } from './backup-samples.ts';
import { createBackupsCollector } from './backups.ts';

const now = Date.parse('2026-03-01T12:00:00.000Z');

/** What an agent with as many plans and targets answers. */
function stateWith(planCount: number, targetCount: number): BackupState {
  const targets: BackupState['targets'] = Array.from({ length: targetCount }, (_, index) => ({
    id: newId(),
    name: `target ${index}`,
    place: { kind: 'local', path: `/backup/${index}` },
    limits: noLimits,
    hasSecret: false,
    state: {
      isReachable: null,
      checkedAt: null,
      reason: null,
      setCount: 0,
      storedBytes: null,
      lastSetAt: null,
      lastProof: null,
    },
  }));
  const plans: BackupState['plans'] = Array.from({ length: planCount }, (_, index) => ({
    id: newId(),
    plan: testPlan(targets[index % targetCount]?.id ?? '', { name: `plan ${index}` }),
    nextRunAt: null,
    lastRun: {
      runId: newId(),
      at: new Date(now).toISOString(),
      state: index === planCount - 1 ? 'failed' : 'succeeded',
    },
    isOverdue: index === planCount - 1,
    rpoMinutes: 60,
    rtoMs: 16 * 60_000,
  }));
  const known = { resticVersion: null, scheduler: 'panel', recovery: null, keys: [] } as const;
  return { ...known, keys: [], targets, plans } as unknown as BackupState;
}

describe('the figures of the backups', () => {
  it('H-8 hundreds of plans make no more series than forty, and the worst of the rest is told', () => {
    const countOf = (state: BackupState) => backupSamples({ at: now, state, newest: [], runs: [] }, now).length;
    const many = stateWith(400, 100);
    expect(pairsOf(many).length).toBeLessThanOrEqual(maxPlans * 2);
    const atMost = countOf(stateWith(maxPlans + 1, maxTargets));
    expect(countOf(many)).toBeLessThanOrEqual(atMost);
    const samples = backupSamples({ at: now, state: many, newest: [], runs: [] }, now);
    const other = samples.filter(({ labels }) => labels['plan'] === 'other' && labels['state'] !== 'not_run');
    expect(other).toContainEqual({ name: 'aapanel_backup_overdue', labels: { plan: 'other' }, value: 1 });
    expect(other).toContainEqual({
      name: 'aapanel_backup_last_run_state',
      labels: { plan: 'other', state: 'failed' },
      value: 1,
    });
    expect(samples).toContainEqual({ name: 'aapanel_backup_plans', labels: {}, value: 400 });
  });

  it('P4.2-10 an hour keeps the goal of what may be lost, 16 minutes do not keep that of a restore', () => {
    const state = stateWith(1, 1);
    const labels = { plan: state.plans[0]?.id };
    const samples = backupSamples({ at: now, state, newest: [], runs: [] }, now);
    expect(samples).toContainEqual({ name: 'aapanel_backup_rpo_met', labels, value: 1 });
    expect(samples).toContainEqual({ name: 'aapanel_backup_rto_met', labels, value: 0 });
  });
});

describe('the collector of the backups', () => {
  /** The fake agent, which can go away. */
  function agentThat(world: { isAway: boolean; calls: number }): AgentClient {
    const agent = createFakeAgent();
    const call: AgentClient['call'] = (name, params, options) => {
      world.calls += 1;
      if (!world.isAway) return agent.call(name, params, options);
      return Promise.reject(new AgentCallError('agent_unavailable', 'away', { isOutcomeKnown: true }));
    };
    return Object.create(agent, { call: { value: call } }) as AgentClient;
  }

  it('keeps its figures while the agent is away, tells how old they are, and leaves it alone for a while', async () => {
    const world = { isAway: false, calls: 0 };
    let at = now;
    const collector = createBackupsCollector({ agent: agentThat(world), clock: { now: () => at } });
    const lookedAt = async () =>
      (await collector.collect()).find(({ name }) => name === 'aapanel_backup_look_timestamp_seconds')?.value;
    expect(await lookedAt()).toBe(now / 1000);
    world.isAway = true;
    at += 3_600_000;
    collector.expire();
    expect(await lookedAt()).toBe(now / 1000);
    const { calls } = world;
    expect(await lookedAt()).toBe(now / 1000);
    expect(world.calls).toBe(calls);
  });

  it('has nothing to tell when the agent never answered, and does not ask again at once', async () => {
    const world = { isAway: true, calls: 0 };
    const collector = createBackupsCollector({ agent: agentThat(world), clock: { now: () => now } });
    await expect(collector.collect()).rejects.toThrow('away');
    await expect(collector.collect()).rejects.toThrow('did not answer');
    expect(world.calls).toBe(1);
  });

  it('asks once for many that scrape at the same time', async () => {
    const world = { isAway: false, calls: 0 };
    const collector = createBackupsCollector({ agent: agentThat(world), clock: { now: () => now } });
    await Promise.all(Array.from({ length: 20 }, () => collector.collect()));
    expect(world.calls).toBe(3);
  });
});
