import { expect, it } from 'vitest';
import { AppError } from '#shared/errors.ts';
import { createSignInLimits, networkOf } from './sign-in-limits.ts';

function limits() {
  const clock = { time: 1_000_000, now: () => clock.time };
  const real = createSignInLimits({ clock });
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
  return { clock, isTaken, taken, succeed };
}

it('one address has ten failed tries in five minutes, whatever the names', () => {
  const { clock, isTaken, taken } = limits();
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

it('the addresses of one IPv6 customer have thirty together', () => {
  const { isTaken, taken } = limits();
  expect(
    taken(
      100,
      (index) => `2001:db8:0:7::${index.toString(16)}`,
      (index) => `name-${index}`,
    ),
  ).toBe(30);
  expect(isTaken('2001:db8:0:8::1', 'other')).toBe(true);
});

it('one account has twenty from everywhere, and everybody together 300', () => {
  const { taken } = limits();
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

it('AUTH-8 a network that signed in before is let in while strangers use up every limit', () => {
  const { isTaken, taken, succeed } = limits();
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

it('right passwords do not use the tries up, and an own account resets nothing for guesses at another', () => {
  const { isTaken, succeed } = limits();
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
