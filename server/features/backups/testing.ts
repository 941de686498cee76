import type { BackupPlan, BackupRequest, BackupSet, BackupState } from '#shared/backups.ts';
import { newId } from '../../core/id.ts';
import type { TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';

/*
 * For tests: targets, plans and backups as a person makes them.
 */

export const noLimits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };

export const testPlan = (targetId: string, more: Partial<BackupPlan> = {}): BackupPlan => ({
  name: 'every night',
  sources: [{ kind: 'panel' }, { kind: 'site', slug: 'shop.test' }],
  targetIds: [targetId],
  excludes: ['*.log'],
  schedule: { every: 'daily', atMinute: 180, cron: '', timeZone: 'Asia/Riyadh' },
  retention: { last: 1, hourly: 0, daily: 7, weekly: 4, monthly: 12, yearly: 0 },
  proof: 'weekly',
  isPaused: false,
  ...more,
});

/** A local target; `client` has confirmed. Answers its id. */
export async function addTestTarget(client: TestClient, name: string, more: object = {}): Promise<string> {
  const targetId = newId();
  const place = { kind: 'local', path: `/backup/${name}` };
  const answer = await client.put(`/api/v1/backups/targets/${targetId}`, {
    name,
    place,
    limits: noLimits,
    secret: { kind: 'none' },
    ...more,
  });
  if (answer.status !== 200) throw new Error(answer.text);
  return targetId;
}

export async function addTestPlan(client: TestClient, plan: BackupPlan): Promise<string> {
  const planId = newId();
  const answer = await client.put(`/api/v1/backups/plans/${planId}`, plan);
  if (answer.status !== 200) throw new Error(answer.text);
  return planId;
}

/** Starts a run and waits for its job. */
export async function runToEnd(client: TestClient, request: BackupRequest, states = ['succeeded', 'failed']) {
  const started = await client.post('/api/v1/backups/runs', request);
  if (started.status !== 202) throw new Error(started.text);
  return untilJob(client, (started.json as { id: string }).id, states);
}

export async function backupStateOf(client: TestClient): Promise<BackupState> {
  return (await client.get('/api/v1/backups')).json as BackupState;
}

export async function setsOf(client: TestClient, targetId: string): Promise<BackupSet[]> {
  const { json } = await client.get(`/api/v1/backups/sets?targetId=${targetId}`);
  return (json as { items: BackupSet[] }).items;
}
