import { expect, it } from 'vitest';
import { firstRunLink } from '../features/accounts/accounts.logic.ts';
import { makeTestApp } from '../testing.ts';
import { deleteExpired } from './housekeeping.ts';

it('expired sessions, links and keys are deleted, living ones stay', async () => {
  const clock = { time: Date.now(), now: () => clock.time };
  const test = await makeTestApp({ clock });
  const { db } = test.ctx;
  const count = async (table: 'session' | 'one_time_link' | 'idempotency') =>
    (await db.selectFrom(table).select('id').execute()).length;
  const counts = async () => [await count('session'), await count('one_time_link'), await count('idempotency')];

  await firstRunLink(test.ctx);
  const old = await test.signIn();
  await old.post('/api/v1/sign-out', undefined, { 'idempotency-key': 'a' });
  const idle = await test.signIn();
  expect(idle.cookie).toBeDefined();
  expect(await counts()).toEqual([1, 1, 1]);
  await deleteExpired(test.ctx);
  expect(await counts()).toEqual([1, 1, 1]);
  clock.time += 40 * 60 * 1000;
  const fresh = await test.signIn();
  await deleteExpired(test.ctx);
  expect(await counts()).toEqual([2, 0, 1]);
  clock.time += 30 * 60 * 1000;
  await deleteExpired(test.ctx);
  expect(await counts()).toEqual([1, 0, 1]);
  expect((await fresh.get('/api/v1/me')).status).toBe(200);
  clock.time += 24 * 60 * 60 * 1000;
  await deleteExpired(test.ctx);
  expect(await counts()).toEqual([0, 0, 0]);
  await test.close();
});
