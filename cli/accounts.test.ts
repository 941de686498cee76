import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '#server/config.ts';
import { systemClock } from '#server/core/clock.ts';
import { openDatabase } from '#server/db/connect.ts';
import { checkPassword, createOwner, useSignInLink } from '#server/features/accounts/accounts.logic.ts';
import { runCli } from './testing.ts';

const env = { ENVIRONMENT: 'development', PORT: '15003' };
const oldPassword = 'the old and long password';

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
  return { db: await openDatabase(config), clock: systemClock };
}
function tokenOf(url: string): string {
  return /#token=(\S+)/.exec(url)?.[1] ?? '';
}
async function createFirstOwner(): Promise<void> {
  aapanel(['migrate']);
  const token = tokenOf(aapanel(['link']).out);
  await withDatabase((ctx) => createOwner(ctx, { token, name: 'salma', displayName: 'سلمى', password: oldPassword }));
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
      createOwner(ctx, { token: tokenOf(first.out), name: 'salma', displayName: '', password: oldPassword }),
    );
    const second = aapanel(['link']);
    expect(second.out).toMatch(/^http:\/\/localhost:15003\/sign-in#token=\S{40,}\n$/);
    await withDatabase(async (ctx) => {
      expect(await useSignInLink(ctx, tokenOf(second.out))).toMatchObject({ name: 'salma' });
      await expect(useSignInLink(ctx, tokenOf(second.out))).rejects.toThrow();
    });
  });
});

describe('reset-password', () => {
  it('takes the password from standard input; the old one is void', async () => {
    await createFirstOwner();
    const next = 'another long password';
    const { code, out, err } = aapanel(['reset-password', 'Salma'], `${next}\n`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('salma');
    expect(out).not.toContain(next);
    await withDatabase(async (ctx) => {
      expect(await checkPassword(ctx, { name: 'salma', password: next })).toMatchObject({ name: 'salma' });
      await expect(checkPassword(ctx, { name: 'salma', password: oldPassword })).rejects.toThrow();
      const actions = await ctx.db.selectFrom('audit').select('action').execute();
      expect(actions.map((row) => row.action)).toContain('resetPassword');
    });
  });
  it.each([
    ['salma', '', 'no password'],
    ['salma', 'short\n', '8 to 128'],
    ['salma', 'password123\n', '8 to 128'],
    ['nobody', 'another long password\n', 'nobody'],
  ])('refuses %s with %j, and the old password still works', async (name, input, message) => {
    await createFirstOwner();
    const { code, out, err } = aapanel(['reset-password', name], input);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    await withDatabase((ctx) => checkPassword(ctx, { name: 'salma', password: oldPassword }));
  });
  it('a password on the command line is wrong usage', () => {
    expect(aapanel(['reset-password', 'salma', 'secret-password']).code).toBe(64);
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
      const { code, states } = check({ PORT: '15004', DATABASE_URL });
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
