import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '#server/config.ts';
import { systemClock } from '#server/core/clock.ts';
import { openDatabase } from '#server/db/connect.ts';
import { createFakeAgent } from '#server/core/agent-fake.ts';
import { createOwner, useSignInLink } from '#server/features/accounts/accounts.logic.ts';
import { runCli } from './testing.ts';

const env = { ENVIRONMENT: 'development', AGENT: 'fake', PORT: '15003' };

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const aapanel = (args: string[], input = '') => runCli(cwd, args, env, input);

async function withDatabase<T>(work: (ctx: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const ctx = await open();
  try {
    return await work(ctx);
  } finally {
    await ctx.db.destroy();
  }
}
async function open() {
  const config = loadConfig({ argv: [], env, cwd });
  const agent = createFakeAgent({ statePath: join(config.dataDir, 'fake-agent.json') });
  return { db: await openDatabase(config), clock: systemClock, agent };
}
function tokenOf(url: string): string {
  return /#token=(\S+)/.exec(url)?.[1] ?? '';
}
describe('migrate', () => {
  it('--status ends with 1 while something is pending and changes nothing; migrate applies it once', () => {
    const before = aapanel(['migrate', '--status']);
    expect(before.code).toBe(1);
    expect(before.out).toContain('0001');
    expect(aapanel(['migrate', '--status']).code).toBe(1);
    expect(aapanel(['migrate']).code).toBe(0);
    expect(aapanel(['migrate', '--status'])).toMatchObject({ code: 0, out: 'the database is up to date\n' });
    expect(statSync(join(cwd, 'data')).mode & 0o077).toBe(0);
  });
});

describe('link', () => {
  it('on a database that is not ready it ends with 1 and says what to do', () => {
    expect(aapanel(['link'])).toMatchObject({ code: 1, out: '' });
    expect(aapanel(['link']).err).toContain('aapanel migrate');
  });
  it('creates the owner on a new panel and signs the owner in afterwards', async () => {
    aapanel(['migrate']);
    const first = aapanel(['link']);
    expect(first.out).toMatch(/^http:\/\/localhost:15003\/first-run#token=\S{40,}\n$/);
    await withDatabase((ctx) =>
      createOwner(ctx, { token: tokenOf(first.out), name: 'salma', displayName: '', password: 'long enough' }, 'test'),
    );
    const second = aapanel(['link']);
    expect(second.out).toMatch(/^http:\/\/localhost:15003\/sign-in#token=\S{40,}\n$/);
    await withDatabase(async (ctx) => {
      expect(await useSignInLink(ctx, tokenOf(second.out))).toMatchObject({ name: 'salma' });
      await expect(useSignInLink(ctx, tokenOf(second.out))).rejects.toThrow();
    });
  });
});

describe('doctor', () => {
  const report = z.object({
    checks: z.array(z.object({ name: z.string(), state: z.enum(['passed', 'failed', 'not_run']), detail: z.string() })),
  });
  const check = (extra: Record<string, string> = {}) => {
    const { code, out } = runCli(cwd, ['doctor', '--json'], { ...env, ...extra });
    const { checks } = report.parse(JSON.parse(out));
    return { code, states: Object.fromEntries(checks.map(({ name, state }) => [name, state])) };
  };
  it('what could not be checked is "not run", never passed', () => {
    const { states } = check({ AGENT: 'fake' });
    expect(states).toMatchObject({ node: 'passed', config: 'passed', agent: 'not_run', database: 'not_run' });
    const broken = check({ PORT: '1' });
    expect(broken.code).toBe(1);
    expect(broken.states).toMatchObject({ config: 'failed', agent: 'not_run', port: 'not_run', disk: 'not_run' });
  });
  it('an agent or a database that does not answer, or a port taken by another program, fails', async () => {
    const taken = await new Promise<Server>((resolve) => {
      const server = createServer((socket) => socket.destroy());
      server.listen(15_004, '0.0.0.0', () => resolve(server));
    });
    try {
      const DATABASE_URL = 'mysql://u:p@127.0.0.1:15099/db';
      const { code, states } = check({ PORT: '15004', DATABASE_URL, AGENT: 'real' });
      expect(code).toBe(1);
      expect(states).toMatchObject({ agent: 'failed', database: 'failed', port: 'failed', disk: 'passed' });
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });
  it('after migrate the database passes', () => {
    aapanel(['migrate']);
    expect(check().states).toMatchObject({ database: 'passed', port: 'passed' });
  });
});
