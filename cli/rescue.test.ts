import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '#server/config.ts';
import { createFakeAgent } from '#server/core/agent-fake.ts';
import { createSessions } from '#server/core/auth/sessions.ts';
import { systemClock } from '#server/core/clock.ts';
import { readDoors, writeDoors } from '#server/core/doors-rows.ts';
import { insertOrReplaceBan } from '#server/core/auth/bans.store.ts';
import { newId } from '#server/core/id.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { openDatabase } from '#server/db/connect.ts';
import { migrateToLatest } from '#server/db/migrate.ts';
import { createOwner, firstRunLink } from '#server/features/accounts/accounts.logic.ts';
import { ask, cliMain, runCli, startCli, type RunningCli } from './testing.ts';
import { compileCache } from '../test/compile-cache.ts';

const entryPath = 'first-secret-way';
const env = { ENVIRONMENT: 'development', AGENT: 'fake', HOST: '127.0.0.1', PORT: '15061', ENTRY_PATH: entryPath };
const oldPassword = 'the old and long password';

let cwd: string;
let panel: RunningCli | undefined;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-rescue-'));
  await withPanel(async (ctx) => {
    await migrateToLatest(ctx.db);
    const token = /#token=(\S+)/.exec((await firstRunLink(ctx)) ?? '')?.[1] ?? '';
    await createOwner(ctx, { token, name: 'salma', displayName: 'سلمى', password: oldPassword }, 'test');
  });
});
afterEach(async () => {
  panel?.kill('SIGKILL');
  await panel?.ended;
  panel = undefined;
  rmSync(cwd, { recursive: true, force: true });
});

const aapanel = (args: string[], input = '', more: Record<string, string> = {}) =>
  runCli(cwd, args, { ...env, ...more }, input);
type Panel = Awaited<ReturnType<typeof open>>;
async function open() {
  const config = loadConfig({ argv: [], env, cwd });
  const agent = createFakeAgent({ statePath: join(config.dataDir, 'fake-agent.json') });
  return { db: await openDatabase(config), clock: systemClock, agent, config };
}
async function withPanel<T>(work: (ctx: Panel) => Promise<T>): Promise<T> {
  const ctx = await open();
  try {
    return await work(ctx);
  } finally {
    await ctx.db.destroy();
  }
}
const actions = () =>
  withPanel(async ({ db }) => (await db.selectFrom('audit').select('action').execute()).map(({ action }) => action));
const signIn = (password: string) =>
  withPanel(async ({ agent }) => {
    const person = [...agent.register.people.values()][0];
    const asked = { personId: person?.id ?? '', proof: { kind: 'password' as const, password } };
    return agent.call('factors.check', asked, { actor: { id: 'panel', name: 'panel' }, requestId: 'test' });
  });
const newSession = () =>
  withPanel(async ({ db, config }) => {
    const { id } = await db.selectFrom('person').select('id').executeTakeFirstOrThrow();
    const client = { address: '192.0.2.4', userAgent: 'browser\u001b[31m' };
    await createSessions({ db, config, clock: systemClock }).create(id, client);
  });
const sessionCount = () => withPanel(async ({ db }) => (await db.selectFrom('session').selectAll().execute()).length);

describe('aapanel alone', () => {
  it('without a terminal shows the help with every rescue command, in both languages', () => {
    const words = [
      'entry',
      'link',
      'people',
      'reset-password',
      'remove-factor',
      'enable',
      'unban',
      'doors open',
      'port',
    ];
    for (const lang of ['ar', 'en']) {
      const { code, out } = aapanel(['--lang', lang]);
      expect(code).toBe(0);
      for (const word of [...words, 'sessions', 'audit verify', 'doctor']) expect(out).toContain(word);
    }
  });
});

describe.skipIf(!existsSync('/usr/bin/script'))('aapanel alone on a terminal', () => {
  it('is a menu in both languages whose numbers run the commands', async () => {
    const args = ['-qec', `${process.execPath} ${cliMain}`, '/dev/null'];
    const child = spawn('/usr/bin/script', args, { cwd, env: { ...compileCache, ...env, PATH: '/usr/bin:/bin' } });
    const answers = [
      ['Type a number', '1'],
      ['Press Enter', ''],
      ['Type a number', '15'],
      ['اكتب رقمًا', '99'],
      ['اكتب رقمًا', ''],
    ] as const;
    let shown = '';
    let unread = '';
    let step = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      unread += text;
      const [prompt, answer] = answers[step] ?? [];
      if (prompt === undefined || !unread.includes(prompt)) return;
      step += 1;
      unread = '';
      child.stdin.write(`${answer}\r`);
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, step]).toEqual([0, answers.length]);
    expect(shown).toContain(`http://127.0.0.1:15061/${entryPath}`);
    for (const text of ['Change the port', 'تغيير المنفذ', 'لا يوجد هذا الرقم']) expect(shown).toContain(text);
  }, 30_000);
});

describe('entry and link', () => {
  it('say the address with its secret entry, and links lead through it', () => {
    const shown = aapanel(['entry']).out;
    expect(shown).toContain(`http://127.0.0.1:15061/${entryPath}\n`);
    expect(JSON.parse(aapanel(['entry', '--json']).out)).toMatchObject({ entryPath, port: 15061, fingerprint: null });
    expect(aapanel(['link']).out).toMatch(
      new RegExp(`^http://127\\.0\\.0\\.1:15061/${entryPath}/sign-in#token=\\S{40,}\\n$`),
    );
    expect(aapanel(['entry', '--lang', 'ar']).out).toContain('مسار الدخول السري');
  });
  it('show the fingerprint of the certificate', () => {
    const { certificate, key } = withCertificates((make) => make.selfSigned('DNS:localhost'));
    writeFileSync(join(cwd, 'cert.pem'), certificate);
    writeFileSync(join(cwd, 'key.pem'), key);
    const tls = { SSL_CERT_PATH: 'cert.pem', SSL_KEY_PATH: 'key.pem' };
    expect(aapanel(['entry'], '', tls).out).toMatch(/Certificate \(SHA-256\): ([0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
    const { checks } = JSON.parse(aapanel(['doctor', '--json'], '', tls).out) as {
      checks: { name: string; state: string }[];
    };
    expect(checks.find(({ name }) => name === 'certificate')?.state).toBe('passed');
  });
});

describe('people', () => {
  it('are listed with their factors', () => {
    expect(aapanel(['people'])).toMatchObject({ code: 0, out: expect.stringMatching(/^salma +owner, password\n$/) });
  });
  it('reset-password takes it from standard input, ends the sessions and voids the old one', async () => {
    await newSession();
    const next = 'another long password';
    const { code, out } = aapanel(['reset-password', 'Salma'], `${next}\n`);
    expect([code, out.includes('salma'), out.includes(next)]).toEqual([0, true, false]);
    expect(await signIn(next)).toMatchObject({ needs: [] });
    await expect(signIn(oldPassword)).rejects.toThrow();
    expect(await sessionCount()).toBe(0);
    expect(await actions()).toContain('resetPassword');
  });
  it.each([
    ['salma', '', 'no password'],
    ['salma', 'short\n', '8 to 128'],
    ['salma', 'password123\n', '8 to 128'],
    ['nobody', 'another long password\n', 'nobody'],
  ])('reset-password refuses %s with %j, and nothing changes', async (name, input, message) => {
    await newSession();
    const { code, out, err } = aapanel(['reset-password', name], input);
    expect([code, out, err.includes(message)]).toEqual([1, '', true]);
    await signIn(oldPassword);
    expect(await sessionCount()).toBe(1);
  });
  it('a password on the command line is wrong usage, and so is an unknown factor', () => {
    expect(aapanel(['reset-password', 'salma', 'secret-password']).code).toBe(64);
    expect(aapanel(['remove-factor', 'salma', 'voice']).code).toBe(64);
  });
  it('remove-factor takes what was asked for, and enable lets somebody in again', async () => {
    await withPanel(async ({ agent, db }) => {
      for (const person of agent.register.people.values()) {
        person.totp = { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', addedAt: 1, lastStep: 0 };
        person.recoveryHashes = ['x'];
        person.isDisabled = true;
      }
      agent.register.save();
      await db.updateTable('person').set({ is_disabled: 1 }).execute();
    });
    await newSession();
    expect(aapanel(['remove-factor', 'salma', 'totp']).code).toBe(0);
    expect(aapanel(['enable', 'salma']).code).toBe(0);
    await withPanel(async ({ agent, db }) => {
      expect([...agent.register.people.values()]).toMatchObject([
        { totp: null, recoveryHashes: [], isDisabled: false },
      ]);
      expect(await db.selectFrom('person').select('is_disabled').execute()).toEqual([{ is_disabled: 0 }]);
    });
    expect(await sessionCount()).toBe(0);
  });
});

describe('sessions', () => {
  it('are listed as plain text, and end', async () => {
    await newSession();
    const listed = aapanel(['sessions']).out;
    expect(listed).toMatch(/^salma +192\.0\.2\.4 +\d{4}-\d\d-\d\d \d\d:\d\dZ +browser\?\[31m\n$/);
    expect(aapanel(['sessions', 'end', 'salma'])).toMatchObject({ code: 0, out: 'sessions of salma ended: 1\n' });
    expect([aapanel(['sessions']).out, await sessionCount()]).toEqual(['no sessions\n', 0]);
    expect(aapanel(['sessions', 'end', 'nobody']).code).toBe(1);
  });
});

describe('doors and bans, with the panel running', () => {
  async function start(): Promise<void> {
    panel = startCli(cwd, ['start'], env);
    await panel.waitFor(/Port +(\d+)/);
  }
  async function eventually(check: () => Promise<boolean>): Promise<void> {
    for (const started = Date.now(); Date.now() - started < 15_000; ) {
      if (await check().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the panel did not follow');
  }
  const status = async (port: number, path = '/health/live') =>
    (await ask(`http://127.0.0.1:${port}`, 'GET', path)).status;

  it('port moves a running panel, and a stopped one at its next start, whatever the configuration says', async () => {
    await start();
    expect(await status(15_061)).toBe(200);
    expect(aapanel(['port', '15062']).code).toBe(0);
    await eventually(async () => (await status(15_062)) === 200);
    await expect(status(15_061)).rejects.toThrow(/ECONNREFUSED/);
    panel?.kill('SIGTERM');
    await panel?.ended;
    await start();
    expect(await status(15_062)).toBe(200);
    expect(panel?.output()).toMatch(/Port +15062/);
    expect(aapanel(['config', 'show']).out).toMatch(/^PORT +database +15062$/m);
    expect(aapanel(['health', '--live']).code).toBe(0);
  }, 40_000);

  it('a taken or a forbidden port is refused', async () => {
    const other = await new Promise<Server>((resolve) => {
      const server = createServer().listen(15_063, '127.0.0.1', () => resolve(server));
    });
    const { code, err } = aapanel(['port', '15063']);
    expect([code, err]).toEqual([1, 'port 15063 is in use by another program\n']);
    expect([aapanel(['port', '80']).code, aapanel(['port', 'x']).code, aapanel(['port']).code]).toEqual([64, 64, 64]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('doors open lets everybody knock again, with --entry without the secret path; unban frees at once', async () => {
    const shut = { allowedAddresses: ['192.0.2.1'], domains: ['panel.example.com'] };
    await withPanel(async ({ db, config }) => {
      const row = await readDoors(db, config);
      const doors = { ...row.stored.doors, ...shut };
      await writeDoors(db, row, { doors, certificateId: null, follows: null, pending: null }, Date.now());
      await insertOrReplaceBan(db, {
        id: newId(),
        kind: 'address',
        value: '203.0.113.1',
        reason: 'sign_in_failures',
        evidence_json: '{}',
        note: '',
        created_at: Date.now(),
        ends_at: Date.now() + 600_000,
        actor_id: null,
        actor_name: null,
        times: 1,
      });
    });
    await start();
    expect(aapanel(['unban']).out).toContain('203.0.113.1');
    expect(aapanel(['unban', '203.0.113.9']).code).toBe(1);
    expect(aapanel(['unban', '--all']).out).toBe('bans lifted: 1\n');
    expect(aapanel(['unban']).out).toBe('nobody is banned now\n');
    expect(await status(15_061, '/sign-in')).toBe(404);
    expect(aapanel(['doors', 'open']).code).toBe(0);
    expect(JSON.parse(aapanel(['entry', '--json']).out)).toMatchObject({
      allowedAddresses: [],
      domains: [],
      entryPath,
    });
    expect(aapanel(['doors', 'open', '--entry']).code).toBe(0);
    await eventually(async () => (await status(15_061, '/api/v1/sign-in')) === 200);
    expect(await actions()).toEqual(expect.arrayContaining(['openDoors', 'unban']));
  }, 40_000);
});

describe('audit verify', () => {
  it('says that a fake agent keeps none', () => {
    expect(aapanel(['audit', 'verify'])).toMatchObject({ code: 1, out: '' });
  });
});
