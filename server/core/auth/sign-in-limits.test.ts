import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { makeTestApp, type TestApp } from '../../testing.ts';
import { banStepsMs, createBans, type Bans } from './bans.ts';
import { createSignInLimits } from './sign-in-limits.ts';
import { networkOf } from './sign-in-limits-network.ts';

let test: TestApp;
beforeAll(async () => {
  test = await makeTestApp();
});
beforeEach(async () => void (await test.ctx.db.deleteFrom('ban').execute()));
const made: Bans[] = [];
// A ban of one test that is still being written must not meet the next.
afterEach(async () => {
  for (const bans of made.splice(0)) await bans.flush();
});
afterAll(() => test.close());

async function limits() {
  const clock = { time: 1_000_000, now: () => clock.time };
  const { db, log } = test.ctx;
  const bans = await createBans({ db, log, clock, isReady: true });
  made.push(bans);
  const real = createSignInLimits({ clock, bans, isTrustedProxy: (address) => address === '10.0.0.1' });
  const succeed = (address: string, account: string | null) => real.succeed(address, account);
  const isTaken = (address: string, account: string | null) => {
    try {
      real.take(address, account);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      return false;
    }
  };
  const taken = (count: number, address: (index: number) => string, account: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => isTaken(address(index), account(index))).filter(Boolean).length;
  return { clock, isTaken, taken, succeed, bans, real };
}

it('one address has ten failed tries in five minutes, whatever the names', async () => {
  const { clock, isTaken, taken } = await limits();
  expect(
    taken(
      50,
      () => '192.0.2.1',
      (index) => `name-${index}`,
    ),
  ).toBe(10);
  expect(isTaken('192.0.2.2', 'other')).toBe(true);
  clock.time += 5 * 60 * 1000;
  expect(isTaken('192.0.2.1', 'name-1')).toBe(true);
});

it('S-9 the addresses of one IPv6 customer have thirty together', async () => {
  const { isTaken, taken } = await limits();
  expect(
    taken(
      100,
      (index) => `2001:db8:0:7::${index.toString(16)}`,
      (index) => `name-${index}`,
    ),
  ).toBe(30);
  expect(isTaken('2001:db8:0:8::1', 'other')).toBe(true);
});

it('S-9 one account has twenty from everywhere, and everybody together 300', async () => {
  const { taken } = await limits();
  expect(
    taken(
      60,
      (index) => `198.51.100.${index}`,
      () => 'owner',
    ),
  ).toBe(20);
  expect(
    taken(
      600,
      (index) => `203.0.${index % 200}.${index}`,
      (index) => `name-${index}`,
    ),
  ).toBe(280);
});

it('AUTH-8 S-9 a network that signed in before is let in while strangers use up every limit', async () => {
  const { isTaken, taken, succeed } = await limits();
  expect(isTaken('192.0.2.50', 'owner')).toBe(true);
  succeed('192.0.2.50', 'owner');
  taken(
    600,
    (index) => `203.0.${index % 200}.${index}`,
    () => 'owner',
  );
  taken(
    600,
    (index) => `203.1.${index % 200}.${index}`,
    (index) => `name-${index}`,
  );
  expect(isTaken('203.2.0.1', 'owner')).toBe(false);
  expect(isTaken('192.0.2.50', 'owner')).toBe(true);
  // The known network has its own limit too.
  expect(
    taken(
      50,
      () => '192.0.2.50',
      () => 'owner',
    ),
  ).toBe(9);
});

it('right passwords do not use the tries up, and an own account resets nothing for guesses at another', async () => {
  const { isTaken, succeed } = await limits();
  for (let index = 0; index < 50; index += 1) {
    expect(isTaken('192.0.2.1', 'viewer')).toBe(true);
    succeed('192.0.2.1', 'viewer');
  }
  let guesses = 0;
  for (let index = 0; index < 50; index += 1) {
    if (isTaken('192.0.2.1', 'owner')) guesses += 1;
    if (isTaken('192.0.2.1', 'viewer')) succeed('192.0.2.1', 'viewer');
  }
  expect(guesses).toBe(10);
});

it('networks are the first 64 bits of IPv6 and the whole of IPv4', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:0db8:0001:0002::')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
});

const many = (count: number) => Array.from({ length: count }, (_, index) => index);

it('AUTH-8 S-9 bans of one address last longer each time, and are rows with what was seen', async () => {
  const { clock, isTaken, bans } = await limits();
  const address = '192.0.2.77';
  for (const [index, lastsMs] of [...banStepsMs, 24 * 60 * 60_000].entries()) {
    for (const each of many(10)) expect(isTaken(address, `name-${each}`)).toBe(true);
    expect(isTaken(address, 'one more')).toBe(false);
    await bans.flush();
    const rows = await test.ctx.db.selectFrom('ban').selectAll().where('value', '=', address).execute();
    expect(rows).toMatchObject([{ kind: 'address', reason: 'sign_in_failures', times: index + 1 }]);
    expect(rows[0]?.ends_at).toBe(clock.time + lastsMs);
    clock.time += lastsMs - 1;
    expect(isTaken(address, 'still')).toBe(false);
    clock.time += 1;
  }
});

it('what strangers typed stands in the evidence as a few short lines without control characters', async () => {
  const { isTaken, bans } = await limits();
  const hostile = `<b>\u001b[31m\r\n\u202e${'x'.repeat(9_000)}`;
  for (const each of many(11)) isTaken('192.0.2.78', `${each}${hostile}`);
  await bans.flush();
  const row = await test.ctx.db.selectFrom('ban').selectAll().executeTakeFirstOrThrow();
  expect(row.evidence_json.length).toBeLessThan(1_500);
  const { count, lastAccounts, lastAddresses } = JSON.parse(row.evidence_json) as Record<string, string[]>;
  expect([count, lastAccounts?.length, lastAddresses]).toEqual([10, 5, ['192.0.2.78']]);
  for (const name of lastAccounts ?? []) expect(name).not.toMatch(/[\u0000-\u001f\u007f]/);
});

it('AUTH-8 S-9 a banned account is open to a network that is known for it, and to every passkey', async () => {
  const { isTaken, taken, succeed, real } = await limits();
  expect(isTaken('192.0.2.50', 'owner')).toBe(true);
  succeed('192.0.2.50', 'owner');
  taken(
    30,
    (index) => `203.0.113.${index}`,
    () => 'owner',
  );
  expect(isTaken('198.51.100.1', 'owner')).toBe(false);
  expect(isTaken('192.0.2.50', 'owner')).toBe(true);
  expect(() => real.take('198.51.100.1', null, 'passkey')).not.toThrow();
  // Also where the address itself is banned: a passkey cannot be guessed.
  taken(
    11,
    () => '198.51.100.9',
    (index) => `name-${index}`,
  );
  expect(isTaken('198.51.100.9', null)).toBe(false);
  expect(() => real.take('198.51.100.9', null, 'passkey')).not.toThrow();
});

it('loopback and proxies of the panel are slowed down and never banned', async () => {
  const { isTaken, taken, bans } = await limits();
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1']) {
    taken(
      20,
      () => address,
      (index) => `name-${index}`,
    );
    expect(isTaken(address, 'another')).toBe(false);
    expect(bans.findAddress(address)).toBeUndefined();
  }
  await bans.flush();
  expect(await test.ctx.db.selectFrom('ban').selectAll().execute()).toEqual([]);
});

it('whoever is let in again by hand has all their tries again', async () => {
  const { isTaken, bans } = await limits();
  for (const each of many(11)) isTaken('192.0.2.79', `name-${each}`);
  expect(isTaken('192.0.2.79', 'x')).toBe(false);
  await bans.flush();
  await test.ctx.db.deleteFrom('ban').execute();
  await bans.reload();
  for (const each of many(10)) expect(isTaken('192.0.2.79', `name-${each}`)).toBe(true);
});

it('bans survive a restart', async () => {
  const { isTaken, bans, clock } = await limits();
  for (const each of many(11)) isTaken('2001:db8:0:9::1', `name-${each}`);
  await bans.flush();
  const { db, log } = test.ctx;
  const later = await createBans({ db, log, clock, isReady: true });
  expect(later.findAddress('2001:db8:0:9::1')).toMatchObject({ kind: 'address', reason: 'sign_in_failures' });
});

it('500 tries a second, from one banned address and from thousands of others, cost little time and few rows', async () => {
  const { real, bans } = await limits();
  const attempt = (address: string, name: string): void => {
    try {
      real.take(address, name);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
    }
  };
  const before = process.cpuUsage();
  for (const each of many(3_000)) attempt('192.0.2.80', `name-${each}`);
  for (const each of many(7_000)) attempt(`2001:db8:${each.toString(16)}::1`, `name-${each}`);
  // 10,000 tries are 20 seconds of such an attack.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(4);
  await bans.flush();
  const { count } = await test.ctx.db
    .selectFrom('ban')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBeLessThan(40);
});
