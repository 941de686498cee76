import { expect, it } from 'vitest';
import { isLoopback, isRange, isWithin, linesOf } from './address-ranges.ts';

it.each(['203.0.113.7', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32', '::1', '::', '2001:db8::1', '::ffff:192.0.2.1'])(
  '%s is an address or a network',
  (text) => expect(isRange(text)).toBe(true),
);

it.each(['', 'example.com', '256.1.1.1', '10.0.0/8', '10.0.0.0/33', '1::2::3', '2001:db8::/129', '10.0.0.1/', '1:2:3'])(
  '"%s" is none',
  (text) => expect(isRange(text)).toBe(false),
);

it('a network holds its own addresses and no others, in both families', () => {
  expect(isWithin('10.200.3.4', '10.0.0.0/8')).toBe(true);
  expect(isWithin('11.0.0.1', '10.0.0.0/8')).toBe(false);
  expect(isWithin('203.0.113.7', '203.0.113.7')).toBe(true);
  expect(isWithin('2001:db8:0:1::5', '2001:db8::/32')).toBe(true);
  expect(isWithin('2001:db9::5', '2001:db8::/32')).toBe(false);
  expect(isWithin('::ffff:10.1.2.3', '10.0.0.0/8')).toBe(true);
  expect(isWithin('10.0.0.1', '::/0')).toBe(false);
});

it('loopback is known in every form, and lines are read as people write them', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true);
  expect(isLoopback('128.0.0.1')).toBe(false);
  expect(linesOf(' 10.0.0.0/8 \n\n203.0.113.7, ::1')).toEqual(['10.0.0.0/8', '203.0.113.7', '::1']);
});
