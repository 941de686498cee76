import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programs } from '../test/testing/programs.ts';
import { ask, flood } from '../test/testing/flood.ts';

/*
 * 500 sign-ins in each second, from as many addresses as a proxy may report, against a panel in a process of its own.
 * How long an answer takes meanwhile is a figure of the bench, with the real agent (test/bench/flood.ts): here, beside
 * other tests, it is seen that the web process stays small and that its one thread keeps up, by the processor time that it takes.
 */

const origin = 'http://127.0.0.1:15960';
const perSecond = 500;
let folder: string;
let panel: ChildProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-flood-'));
  const env = {
    PATH: process.env['PATH'],
    ENVIRONMENT: 'development',
    AGENT: 'fake',
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: '15960',
    LOG_LEVEL: 'ERROR',
    TRUSTED_PROXIES: '127.0.0.1',
  };
  panel = spawn(process.execPath, [programs.cli, 'start', '--migrate'], { env, stdio: 'ignore' });
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await ask(`${origin}/health/live`).catch(() => undefined))?.status === 200) return;
    await wait(100);
  }
  throw new Error('the panel did not start');
}, 30_000);
afterEach(async () => {
  const ended = new Promise((resolve) => panel.once('exit', resolve));
  panel.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

it(`AUTH-8 S-8 ${perSecond} sign-ins a second keep the web process under 350 MB, and its one thread keeps up`, async () => {
  const health = `${origin}/health/live`;
  const pid = panel.pid ?? 0;
  const found = await flood({ pid, origin, bareOrigin: health, seconds: 3, perSecond });
  console.log(
    `flood: ${found.loopMsPerSignIn.toFixed(2)} ms of the thread each, ${Math.round(found.mostBytes / 1e6)} MB`,
  );
  expect(found.statuses.filter((status) => ![401, 403, 423, 429].includes(status))).toEqual([]);
  expect(found.loopMsPerSignIn).toBeLessThan(1_000 / perSecond);
  expect(found.mostBytes).toBeLessThan(350_000_000);
}, 60_000);
