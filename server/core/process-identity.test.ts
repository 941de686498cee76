import { expect, it } from 'vitest';
import { isProcessGone, processIdentity } from './process-identity.ts';

const here = 'vps/0123456789abcdef/11111111-1111/4026531836';

it('this process is there, and one that had its number before is gone', () => {
  expect(isProcessGone(processIdentity)).toBe(false);
  expect(isProcessGone(processIdentity.replace(/:\d+$/, ':1'))).toBe(true);
  expect(processIdentity.length).toBeLessThanOrEqual(120);
});

it('FAULT-1 after a reboot of the same machine every process of before is gone, at once', () => {
  expect(isProcessGone('vps/0123456789abcdef/22222222-2222/4026531836:77:5', here)).toBe(true);
  expect(isProcessGone('vps/0123456789abcdef/11111111-1111/4026532000:77:5', here)).toBe(true);
});

it('nothing is said about processes of other machines and of containers without an id', () => {
  expect(isProcessGone('other/0123456789abcdef/22222222-2222/4026531836:77:5', here)).toBe(false);
  expect(isProcessGone('vps/ffffffffffffffff/22222222-2222/4026531836:77:5', here)).toBe(false);
  expect(isProcessGone('vps//22222222-2222/1:77:5', 'vps//11111111-1111/1')).toBe(false);
  expect(isProcessGone('anything', here)).toBe(false);
});
