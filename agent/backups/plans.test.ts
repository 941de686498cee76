import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupPlan } from '#shared/backups.ts';
import { putJsonFile } from '../core/json-file.ts';
import { takeLockFile } from '../core/lock.ts';
import { newChangeId } from '../testing/world.ts';
import { listPlans, renameInPlans } from './plans.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/aapanel-plans-`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const planOf = (name: string): BackupPlan => ({
  name: 'nightly',
  sources: [{ kind: 'database', engine: 'mariadb', name }],
  targetIds: [newChangeId()],
  excludes: [],
  schedule: null,
  retention: { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
  proof: 'never',
  isPaused: false,
});

it('a rename waits for what another process is writing into the plans, and is made on that', async () => {
  const [shop, blog] = ['shop', 'blog'].map((name) => ({ planId: newChangeId(), plan: planOf(name), since: 0 }));
  const path = `${folder}/plans.json`;
  await putJsonFile(path, [shop, blog]);
  const other = await takeLockFile(`${folder}/plans.lock`, 1_000);
  const renamed = renameInPlans(folder, 'mariadb', 'shop', 'store');
  await wait(150);
  await putJsonFile(path, [shop]);
  other.release();
  await renamed;
  expect(listPlans(folder)).toMatchObject([{ plan: { sources: [{ name: 'store' }] } }]);
});
