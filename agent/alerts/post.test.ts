import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hookBody, hookUrl, maxHooks, type HookBody } from '#shared/backup-alerts.ts';
import { guardedLookup, isRefusedAddress, refuseLiteral } from './address.ts';
import { withText } from './alert-texts.ts';
import { testHook } from './deliver.ts';
import { listHooks, putHook, removeHook, showHook } from './hooks.ts';
import { postAlert } from './post.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-hooks-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function serve(listener: RequestListener, tls?: { key: Buffer; cert: Buffer }): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  servers.push(server as Server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const hookId = 'hhhhhhhhhhhhhhhh';
const hook = (change: Partial<HookBody> = {}): HookBody => ({
  name: 'phone',
  url: 'https://chat.example.com/room/1',
  events: ['run_failed'],
  language: 'en',
  isEnabled: true,
  secret: { kind: 'none' },
  ...change,
});
const none = {
  plan: null,
  target: null,
  certificate: null,
  site: null,
  job: null,
  runId: null,
  what: null,
  check: null,
  reason: null,
  dueAt: null,
};
const alert = withText(
  { panel: 'aapanel', event: 'test', at: '2026-01-01T00:00:00.000Z', host: 'h', ...none, recoveredFrom: null },
  'en',
);
const post = (url: string, timeoutMs?: number): ReturnType<typeof postAlert> =>
  postAlert({ url, secret: { kind: 'none' } }, alert, Date.now, timeoutMs);

it('a test answers with the status that the other side really gave, and keeps it', async () => {
  let status = 202;
  const url = await serve((_, response) => void response.writeHead(status).end('x'.repeat(1_000_000)));
  await putHook(folder, hookId, hook({ url: `${url}/a` }), 0);
  expect(await testHook(folder, hookId, Date.now)).toMatchObject({ event: 'test', isDelivered: true, status: 202 });
  status = 404;
  const refused = await testHook(folder, hookId, Date.now);
  expect(refused).toMatchObject({ isDelivered: false, status: 404, reason: 'backup_hook_refused' });
  expect(listHooks(folder).map((each) => showHook(folder, each).lastOutcome)).toEqual([refused]);
  await expect(testHook(folder, 'kkkkkkkkkkkkkkkk', Date.now)).rejects.toMatchObject({ reason: 'backup_hook_unknown' });
});

it('a redirect is an answer that delivers nothing, and nobody goes where it leads', async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url);
    response.writeHead(307, { Location: '/elsewhere' }).end();
  });
  expect(await post(`${url}/here`)).toMatchObject({ isDelivered: false, status: 307, reason: 'backup_hook_refused' });
  expect(asked).toEqual(['/here']);
});

it('who does not answer, is not there, has no name or no good certificate is told apart', async () => {
  const silent = await serve(() => undefined);
  expect(await post(silent, 150)).toMatchObject({ isDelivered: false, status: null, reason: 'backup_hook_timeout' });
  expect(await post('http://127.0.0.1:1/')).toMatchObject({ reason: 'backup_hook_unreachable' });
  expect(await post('http://nobody.invalid/')).toMatchObject({ reason: 'backup_hook_name' });
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', [...make, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  let wasAsked = false;
  const strange = await serve(() => (wasAsked = true), { key: readFileSync(key), cert: readFileSync(cert) });
  expect(await post(strange)).toMatchObject({ reason: 'backup_hook_tls' });
  expect(wasAsked).toBe(false);
});

it('nothing goes to link-local and metadata addresses, however they are written or named; private networks are fine', async () => {
  const refused = [
    'http://169.254.169.254/latest',
    'http://2852039166/',
    'http://0xa9.0xfe.1.2/',
    'http://[fe80::1]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
  ];
  for (const url of refused) {
    expect(refuseLiteral(url), url).toBe(true);
    expect(await post(url), url).toMatchObject({ status: null, reason: 'backup_hook_address' });
    await expect(putHook(folder, hookId, hook({ url }), 0)).rejects.toMatchObject({
      fields: [{ field: 'url', code: 'hook_address_refused' }],
    });
  }
  for (const url of ['http://127.0.0.1/', 'http://10.0.0.8/', 'http://[::1]/', 'https://ntfy.example.com/'])
    expect(refuseLiteral(url), url).toBe(false);
  expect(isRefusedAddress('fe80::1%eth0')).toBe(true);
  // What a name leads to is looked at for the connection itself.
  const resolve = promisify(guardedLookup);
  await expect(resolve('169.254.169.254', {})).rejects.toThrow();
  await expect(resolve('169.254.169.254', { all: true })).rejects.toThrow();
  expect(await resolve('127.0.0.1', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }]);
});

it('an address is http or https without credentials and control characters; a secret has sixteen letters or more', () => {
  for (const url of [
    'ftp://a.example/',
    'https://me:word@a.example/',
    'https://a.example/\r\nX: y',
    'https://a.example/\0',
    'https://a.example/#part',
    'a.example',
  ])
    expect(hookUrl.safeParse(url).success, url).toBe(false);
  expect(hookUrl.safeParse('https://ntfy.sh/topic?tpl=yes&m={{.text}}').success).toBe(true);
  expect(hookBody.safeParse(hook({ secret: { kind: 'key', key: 'short' } })).success).toBe(false);
  expect(hookBody.safeParse(hook({ events: ['run_failed', 'run_failed'] })).success).toBe(false);
});

it('what is not given again stays, there are ten at most, and one that is removed leaves nothing', async () => {
  await putHook(folder, hookId, hook({ secret: { kind: 'key', key: 'k'.repeat(20) } }), 5);
  await putHook(folder, hookId, hook({ name: 'new', url: null, secret: null }), 9);
  expect(listHooks(folder)).toMatchObject([
    { name: 'new', url: 'https://chat.example.com/room/1', secret: { kind: 'key' }, since: 5 },
  ]);
  await putHook(folder, hookId, hook({ url: null, secret: { kind: 'none' } }), 9);
  expect(listHooks(folder)).toMatchObject([{ secret: { kind: 'none' } }]);
  await expect(putHook(folder, 'kkkkkkkkkkkkkkkk', hook({ url: null }), 0)).rejects.toMatchObject({
    fields: [{ field: 'url', code: 'required' }],
  });
  for (let count = 1; count < maxHooks; count++)
    await putHook(folder, `${hookId.slice(1)}${'abcdefgij'.charAt(count - 1)}`, hook(), 0);
  await expect(putHook(folder, 'kkkkkkkkkkkkkkkk', hook(), 0)).rejects.toMatchObject({ reason: 'backup_hooks_full' });
  await removeHook(folder, hookId);
  expect(readFileSync(join(folder, 'alerts/hooks.json'), 'utf8')).not.toContain(hookId);
});

it('every event has a sentence in both languages', () => {
  for (const event of ['run_failed', 'verify_failed', 'proof_failed', 'overdue', 'recovered', 'test'] as const)
    for (const check of [null, 'failed', 'not_run'] as const)
      for (const language of ['ar', 'en'] as const) {
        const plan = { planId: hookId, name: 'nightly' };
        const { text } = withText({ ...alert, event, plan, check, reason: 'backup_target_full' }, language);
        expect(text).toMatch(/^aaPanel (on|على) \u2068h\u2069: [^\n]+$/);
        expect(text).not.toContain('undefined');
      }
});
