import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ask, copyTree, createOwnerAt, owner, runCli, startCli, startProgram, type RunningCli } from './testing.ts';

const root = join(import.meta.dirname, '..');
const key = '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806';

let cwd: string;
const running: RunningCli[] = [];
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-start-'));
});
afterEach(async () => {
  for (const panel of running.splice(0)) {
    // With what it started itself.
    panel.killAll();
    await panel.ended;
  }
  rmSync(cwd, { recursive: true, force: true });
});

const isListening = /Port +(\d+)/;

async function start(args: string[], env: Record<string, string>): Promise<RunningCli> {
  const panel = startCli(cwd, ['start', ...args], env);
  running.push(panel);
  await panel.waitFor(isListening);
  return panel;
}
const development = (port: number) => ({
  ENVIRONMENT: 'development',
  AGENT: 'fake',
  HOST: '127.0.0.1',
  PORT: String(port),
});
const production = (port: number) => ({
  ...development(port),
  ENVIRONMENT: 'production',
  SECRET_KEY: key,
  DATABASE_TYPE: 'sqlite',
  DATA_DIR: 'data',
  LOG_FILE_PATH: 'panel.log',
});

describe('start', () => {
  it('P1.4-1 .env is read, the database is migrated, the panel listens and says so in Arabic and English', async () => {
    writeFileSync(join(cwd, '.env'), 'ENVIRONMENT=development\nAGENT=fake\nHOST=127.0.0.1\nPORT=15055\n');
    const panel = await start(['--migrate'], {});
    const banner = panel.output();
    for (const text of ['Environment', 'development', 'البيئة', 'Host', '127.0.0.1', 'المضيف', '15055', 'المنفذ']) {
      expect(banner).toContain(text);
    }
    expect(banner).toMatch(/Debug +on +وضع التنقيح/);
    await panel.waitFor(/http:\/\/127\.0\.0\.1:15055\/first-run#token=\S{40,}/);
    expect((await ask('http://127.0.0.1:15055', 'GET', '/health/ready')).status).toBe(200);
    expect(runCli(cwd, ['config', 'show']).out).toMatch(/^PORT +file +15055$/m);
    expect(runCli(cwd, ['status']).code).toBe(0);
    expect(runCli(cwd, ['health', '--ready']).code).toBe(0);
    expect(runCli(cwd, ['doctor', '--json']).out).toContain('the panel answers on 15055');
  });
  it('P1.4-1 nothing starts when the validation fails', () => {
    writeFileSync(join(cwd, '.env'), 'ENVIRONMENT=development\nPORT=15056\nDB_POOL_SIZE=many\n');
    const { code, out, err } = runCli(cwd, ['start', '--migrate']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('DB_POOL_SIZE');
  });
  it('P1.1-3 in an empty folder the explicit variable is enough to start', async () => {
    await start(['--migrate'], development(15_010));
    expect((await ask('http://127.0.0.1:15010', 'GET', '/health/live')).status).toBe(200);
  });
  it('P1.2-3 production starts with a random key', async () => {
    const panel = await start(['--migrate'], production(15_011));
    expect(panel.output()).toMatch(/Environment +production/);
  });
  it('in production the link is not printed where it would end up in a journal', async () => {
    const panel = await start(['--migrate'], production(15_012));
    await sleep(200);
    expect(panel.output()).not.toContain('#token=');
    expect(readFileSync(join(cwd, 'panel.log'), 'utf8')).not.toContain('#token=');
  });
  it('P1.3-2 .env.example starts in development as it is, .env.docker.example once its secrets are filled in', async () => {
    writeFileSync(join(cwd, '.env'), readFileSync(join(root, '.env.example')));
    await start(['--migrate'], { PORT: '15013', HOST: '127.0.0.1', AGENT: 'fake' });
    expect((await ask('http://127.0.0.1:15013', 'GET', '/health/ready')).status).toBe(200);
    const docker = readFileSync(join(root, '.env.docker.example'), 'utf8');
    writeFileSync(join(cwd, '.env'), docker);
    expect(runCli(cwd, ['start', '--check']).code).toBe(1);
    writeFileSync(
      join(cwd, '.env'),
      docker.replace('\nSECRET_KEY=', `\nSECRET_KEY=${key}`).replace('\nDB_PASSWORD=', '\nDB_PASSWORD="p a#ss"'),
    );
    expect(runCli(cwd, ['start', '--check']).code).toBe(0);
    const shown = runCli(cwd, ['config', 'show']).out;
    expect(shown).toMatch(/^ENVIRONMENT +file +production$/m);
    expect(shown).toMatch(/^DB_HOST +file +postgres$/m);
  });
});

describe('production', () => {
  it('P1.4-2 an error shows no stack trace, and no debug route or inspector answers', async () => {
    const panel = await start(['--migrate'], production(15_014));
    const base = 'http://127.0.0.1:15014';
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(join(cwd, 'data', 'db', 'panel.db'));
    db.exec('drop table session');
    db.close();
    const cookie = `__Host-aapanel=${'a'.repeat(43)}`;
    const broken = await ask(base, 'GET', '/api/v1/me', { headers: { cookie } });
    expect(broken.status).toBe(500);
    expect(broken.body).not.toMatch(/\bat .+:\d+|SqliteError|no such table|node_modules|session/);
    expect(JSON.parse(broken.body)).toMatchObject({ code: 'internal' });
    for (const path of ['/debug', '/api/v1/debug', '/__debug', '/console', '/api/v1/debug/vars']) {
      expect((await ask(base, 'GET', path, { headers: { accept: 'application/json' } })).status, path).toBe(404);
    }
    expect((await ask(base, 'GET', '/metrics')).status).toBe(401);
    await expect(ask('http://127.0.0.1:9229', 'GET', '/json')).rejects.toThrow();
    expect(panel.output()).toMatch(/Debug +off/);
  });
  it('P1.4-2 --dev starts again when a source file changes', async () => {
    copyTree(cwd);
    const args = [join(cwd, 'cli', 'main.ts'), 'start', '--dev', '--migrate', '--port', '15015', '--host', '127.0.0.1'];
    const panel = startProgram(process.execPath, args, cwd, { AGENT: 'fake' });
    running.push(panel);
    await panel.waitFor(isListening);
    const banner = join(cwd, 'cli', 'banner.ts');
    const text = readFileSync(banner, 'utf8').replace('aaPanel ${', 'Changed panel ${');
    // A file is watched only some time after the program has loaded it.
    const saving = setInterval(() => writeFileSync(banner, text), 2_000);
    writeFileSync(banner, text);
    await panel.waitFor(/Changed panel [\s\S]*Port +15015/).finally(() => clearInterval(saving));
    panel.kill('SIGTERM');
    await panel.ended;
    await expect(ask('http://127.0.0.1:15015', 'GET', '/health/live')).rejects.toThrow();
  });
});

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'P1.4-3 after %s a request of 3 s is answered with 200, then the exit code is 0',
    async (signal) => {
      const port = signal === 'SIGTERM' ? 15_016 : 15_017;
      const base = `http://127.0.0.1:${port}`;
      const panel = await start(['--migrate'], development(port));
      const [link] = await panel.waitFor(/http:\S+#token=\S+/);
      await createOwnerAt(base, link);
      const body = JSON.stringify(owner);
      const headers = {
        origin: base,
        'x-aapanel': '1',
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        // The answer to this says that the panel has the request.
        expect: '100-continue',
      };
      const call = request(`${base}/api/v1/sign-in`, { method: 'POST', headers });
      const status = new Promise((resolve, reject) => {
        call.on('response', (response) => resolve(response.statusCode)).on('error', reject);
      });
      status.catch(() => undefined);
      call.flushHeaders();
      await once(call, 'continue');
      call.write(body.slice(0, 5));
      panel.kill(signal);
      void sleep(3_000).then(() => call.end(body.slice(5)));
      let ready = 200;
      while (ready === 200) ready = (await ask(base, 'GET', '/health/ready')).status;
      expect(ready).toBe(503);
      expect(await status).toBe(200);
      expect(await panel.ended).toBe(0);
    },
  );
  it('P1.4-3 a second start on the port prints one line and exits with 1', async () => {
    await start(['--migrate'], development(15_018));
    const { code, out, err } = runCli(cwd, ['start'], development(15_018));
    expect(code).toBe(1);
    expect(err.trimEnd().split('\n')).toEqual([expect.stringContaining('15018')]);
    expect(out).not.toContain('Port');
  });
  it('a second signal stops at once, with 1; two at the same time are one', async () => {
    const panel = await start(['--migrate'], development(15_019));
    const call = request('http://127.0.0.1:15019/api/v1/sign-in', {
      method: 'POST',
      headers: { 'content-length': '9' },
    });
    call.on('error', () => undefined);
    call.write('{');
    await sleep(200);
    panel.kill('SIGINT');
    await sleep(20);
    panel.kill('SIGTERM');
    await sleep(700);
    expect(panel.output()).not.toContain('by force');
    panel.kill('SIGTERM');
    expect(await panel.ended).toBe(1);
  });
});

describe('Replit', () => {
  const replit = z.object({
    run: z.string().min(1),
    deployment: z.object({ run: z.array(z.string()).min(1), deploymentTarget: z.string(), build: z.array(z.string()) }),
    ports: z.array(z.object({ localPort: z.literal(5000), externalPort: z.literal(80) })).length(1),
  });
  const read = () => {
    const script = 'import tomllib, json; print(json.dumps(tomllib.load(open(".replit", "rb"))))';
    const { stdout } = spawnSync('python3', ['-c', script], { cwd: root, encoding: 'utf8' });
    return replit.parse(JSON.parse(stdout));
  };
  it('P1.4-4 .replit has a run key, a deployment and the port', () => {
    expect(read().deployment.run.join(' ')).toBe(read().run);
  });
  it('P1.4-4 its command becomes ready in a clean copy whose logs folder cannot be written', async () => {
    copyTree(cwd);
    mkdirSync(join(cwd, 'logs'));
    chmodSync(join(cwd, 'logs'), 0o555);
    const [program, ...args] = read().run.split(' ');
    expect(program).toBe('node');
    // Root would write into a read-only folder: it must do without that right.
    const isRoot = process.getuid?.() === 0;
    const command = [process.execPath, ...args];
    const [file = '', ...rest] = isRoot
      ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', ...command]
      : command;
    const env = { REPL_ID: 'x', PORT: '15020', AGENT: 'fake', PATH: process.env['PATH'] ?? '' };
    const panel = startProgram(file, rest, cwd, env);
    running.push(panel);
    await panel.waitFor(isListening);
    expect((await ask('http://127.0.0.1:15020', 'GET', '/health/ready')).status).toBe(200);
    expect(panel.output()).toContain('the log file cannot be written');
    expect(readFileSync(join(cwd, 'data', 'logs', 'app.log'), 'utf8')).toContain('"level"');
  });
});
