import { createServer } from 'node:http';
import { afterEach, expect, it, vi } from 'vitest';
import { releaseMemoryWhenQuiet } from './idle-memory.ts';

afterEach(() => void vi.useRealTimers());

it('gives memory back once after each busy time, never during one', () => {
  vi.useFakeTimers();
  const server = createServer();
  let count = 0;
  releaseMemoryWhenQuiet(server, () => (count += 1));
  const ask = (): void => void server.emit('request');
  for (let second = 0; second < 60; second += 1) {
    vi.advanceTimersByTime(1_000);
    ask();
  }
  expect(count).toBe(0);
  vi.advanceTimersByTime(15_000);
  expect(count).toBe(1);
  vi.advanceTimersByTime(3_600_000);
  expect(count).toBe(1);
  ask();
  vi.advanceTimersByTime(15_000);
  expect(count).toBe(2);
});

it('leaves no timer behind a server that has closed', () => {
  vi.useFakeTimers();
  const server = createServer();
  releaseMemoryWhenQuiet(server, () => undefined);
  server.emit('close');
  expect(vi.getTimerCount()).toBe(0);
});
