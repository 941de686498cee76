import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, cliMain, createOwnerAt, runCli, startCli, startProgram, type RunningCli } from './testing.ts';

/** P1.2: the settings over real HTTP, against the real command. */
const key = '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806';
const otherKey = 'e51b07d94ac6f2380d9be47c15fa6238bb40d7e9615c2a8f';
const port = 15_030;
const base = `http://127.0.0.1:${port}`;
const production = {
  ENVIRONMENT: 'production',
  SECRET_KEY: key,
  DATABASE_TYPE: 'sqlite',
  DATA_DIR: 'data',
  LOG_FILE_PATH: 'panel.log',
  AGENT: 'fake',
  HOST: '127.0.0.1',
  PORT: String(port),
};

let cwd: string;
let panel: RunningCli | undefined;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-settings-'));
});
afterEach(async () => {
  await stop();
  rmSync(cwd, { recursive: true, force: true });
});

async function start(env: Record<string, string>, program?: [string, ...string[]]): Promise<void> {
  await stop();
  const args = ['start', '--migrate'];
  const [file, ...before] = program ?? [];
  panel =
    file === undefined
      ? startCli(cwd, args, env)
      : startProgram(file, [...before, process.execPath, cliMain, ...args], cwd, env);
  await panel.waitFor(/Port +\d+/);
}
async function stop(): Promise<void> {
  panel?.kill('SIGTERM');
  await panel?.ended;
  panel = undefined;
}
/** A session made through the console link. */
function signIn(env: Record<string, string>) {
  return createOwnerAt(base, runCli(cwd, ['link'], env).out);
}
const whoAmI = async (cookie: string) => (await ask(base, 'GET', '/api/v1/me', { headers: { cookie } })).status;

describe('every key acts', () => {
  it('P1.2-5 the session cookie of production: Secure, HttpOnly, SameSite=Strict, one hour', async () => {
    await start(production);
    const { setCookie } = await signIn(production);
    expect(setCookie).toMatch(/^__Host-aapanel=/);
    for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Max-Age=3600', 'Path=/']) {
      expect(setCookie.split('; ')).toContain(part);
    }
  });
  it('P1.2-5 the session cookie of development, with another lifetime', async () => {
    const env = { ...production, ENVIRONMENT: 'development', SESSION_LIFETIME_SECONDS: '120' };
    await start(env);
    const parts = (await signIn(env)).setCookie.split('; ');
    expect(parts).toEqual(expect.arrayContaining(['HttpOnly', 'SameSite=Lax', 'Max-Age=120']));
    expect(parts).not.toContain('Secure');
  });
  it('P1.2-5 a body above the limit is 413, one below is not', async () => {
    const env = { ...production, BODY_LIMIT_BYTES: '2048' };
    await start(env);
    const { cookie } = await signIn(env);
    const send = (size: number) =>
      ask(base, 'PUT', '/api/v1/me/preferences', { headers: { cookie }, body: { theme: 'x'.repeat(size) } });
    expect((await send(3_000)).status).toBe(413);
    expect((await send(300)).status).toBe(400);
  });
  it('P1.2-5 a foreign origin gets no CORS header, a listed one does', async () => {
    await start({ ...production, ALLOWED_ORIGINS: ' https://a.example , https://b.example ' });
    const allowed = async (origin: string) =>
      (await ask(base, 'GET', '/api/v1/sign-in', { headers: { origin } })).headers['access-control-allow-origin'];
    expect(await allowed('https://evil.example')).toBeUndefined();
    expect(await allowed('https://b.example')).toBe('https://b.example');
  });
  it('P1.2-5 without ALLOWED_ORIGINS production answers no CORS header at all', async () => {
    await start(production);
    const { headers } = await ask(base, 'GET', '/api/v1/sign-in', { headers: { origin: 'https://a.example' } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
  it('P1.2-5 HTTP behind the proxy is redirected to HTTPS unless REQUIRE_HTTPS is off; probes are not', async () => {
    const env = { ...production, PUBLIC_URL: 'https://panel.example.com' };
    const forwarded = { headers: { 'x-forwarded-proto': 'http', 'x-forwarded-for': '203.0.113.9' } };
    await start(env);
    const answer = await ask(base, 'GET', '/sites?page=2', forwarded);
    expect([answer.status, answer.headers.location]).toEqual([308, 'https://panel.example.com/sites?page=2']);
    expect((await ask(base, 'GET', '/health/ready', forwarded)).status).toBe(200);
    await start({ ...env, REQUIRE_HTTPS: 'false' });
    expect((await ask(base, 'GET', '/api/v1/sign-in', forwarded)).status).toBe(200);
  });
  it('P1.2-5 with a certificate named the panel serves HTTPS itself, and nothing over plain HTTP', async () => {
    const [certPath, keyPath] = [join(cwd, 'cert.pem'), join(cwd, 'key.pem')];
    const subject = [
      '-subj',
      '/CN=localhost',
      '-days',
      '2',
      '-nodes',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
    ];
    const made = spawnSync('openssl', ['req', '-x509', ...subject, '-keyout', keyPath, '-out', certPath]);
    expect(made.status).toBe(0);
    const env = { ...production, SSL_CERT_PATH: certPath, SSL_KEY_PATH: keyPath };
    await start(env);
    expect(panel?.output()).toContain(`https://127.0.0.1:${port}`);
    expect(runCli(cwd, ['health', '--ready'], env).code).toBe(0);
    const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
      const options = { ca: readFileSync(certPath), servername: 'localhost', agent: false };
      get(`https://127.0.0.1:${port}/api/v1/sign-in`, options, (response) => resolve(response.resume().headers)).on(
        'error',
        reject,
      );
    });
    // T-10: under an address, and with a certificate that nobody vouches for, no browser is bound to it.
    expect(headers['strict-transport-security']).toBeUndefined();
    const plain = await ask(base, 'GET', '/health/live');
    expect([plain.status, plain.headers.location]).toEqual([308, `https://127.0.0.1:${port}/health/live`]);
  });
  it('P1.2-5 at WARNING no INFO line is written, at INFO there is one, and probes stay out of it', async () => {
    const lines = () => readFileSync(join(cwd, 'panel.log'), 'utf8').split('\n').filter(Boolean);
    await start(production);
    await ask(base, 'GET', '/api/v1/sign-in');
    await stop();
    expect(lines().filter((line) => !/"level":"(WARNING|ERROR)"/.test(line))).toEqual([]);
    await start({ ...production, LOG_LEVEL: 'INFO' });
    await ask(base, 'GET', '/api/v1/sign-in');
    await ask(base, 'GET', '/health/ready');
    await stop();
    const info = lines().filter((line) => line.includes('"level":"INFO"') && line.includes('"msg":"request"'));
    expect(info.length).toBe(1);
    expect(info[0]).toContain('/api/v1/sign-in');
  });
});

describe('sessions and SECRET_KEY', () => {
  it('P1.2-4 a login cookie survives a restart on a machine with another name and boot time, and dies with a new key', async () => {
    await start(production);
    const { cookie } = await signIn(production);
    expect(await whoAmI(cookie)).toBe(200);
    // Both namespaces need root; an ordinary user gets them inside a user namespace of their own.
    const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
    const script = 'hostname another-machine && hostname && cat /proc/uptime && exec "$@"';
    const program = ['unshare', ...asUser, '-u', '-T', '--boottime', '1000000', 'sh', '-c', script, 'sh'] as const;
    await start({ ...production, PATH: process.env['PATH'] ?? '' }, [...program]);
    const [name, uptime] = panel?.output().split('\n') ?? [];
    expect(name).toBe('another-machine');
    expect(Number.parseFloat(uptime ?? '')).toBeGreaterThan(1_000_000);
    expect(await whoAmI(cookie)).toBe(200);
    await start({ ...production, SECRET_KEY: otherKey });
    expect(await whoAmI(cookie)).toBe(401);
  });
  it('P1.2-8 after a rotation a session made before stays valid, and outlives the old key once it was used', async () => {
    await start(production);
    const { cookie } = await signIn(production);
    const rotated = { ...production, SECRET_KEY: otherKey };
    await start({ ...rotated, PREVIOUS_SECRET_KEYS: key });
    expect(await whoAmI(cookie)).toBe(200);
    await start(rotated);
    expect(await whoAmI(cookie)).toBe(200);
  });
});
