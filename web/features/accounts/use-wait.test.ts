import { expect, it } from 'vitest';
import { ApiError } from '../../api/errors.ts';
import { clockOf, waitOf } from './use-wait.ts';

it('the waiting time is what the panel says, and none for other errors', () => {
  expect(waitOf(new ApiError({ code: 'rate_limited', params: { retryAfterSeconds: 61 } }))).toBe(61);
  expect(waitOf(new ApiError({ code: 'rate_limited' }))).toBe(0);
  expect(waitOf(new ApiError({ code: 'not_signed_in', params: { retryAfterSeconds: 9 } }))).toBe(0);
});

it('the clock has minutes and two digits of seconds', () => {
  expect(clockOf(245, String)).toBe('4:05');
  expect(clockOf(9, String)).toBe('0:09');
});
