import { Agent } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Doors, DoorsState } from '#shared/doors.ts';
import { createContext } from '../../context.ts';
import { securityHeaders } from '../../core/security-headers.ts';
import { cookiesOf, freePort, ownHeaders, startDoorsTest, type DoorsTest } from './testing.ts';

let doors: DoorsTest;
beforeEach(async () => {
  doors = await startDoorsTest();
});
afterEach(() => doors.close());

const origin = (port: number, host = 'localhost') => `http://${host}:${port}`;
const current = (): Doors => doors.test.ctx.doors.current();

/** Asks as the owner's browser, on a connection of its own unless an agent is given. */
function own(method: string, path: string, body?: unknown, more: { port?: number; agent?: Agent; host?: string } = {}) {
  const { port = doors.port, agent, host } = more;
  const headers = ownHeaders(doors.owner, origin(port, host));
  return doors.ask(path, {
    method,
    port,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(agent ? { agent } : {}),
  });
}
async function change(wanted: Partial<Doors>): Promise<DoorsState> {
  const answer = await own('PUT', '/api/v1/doors', { ...current(), ...wanted });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json as unknown as DoorsState;
}
const pendingId = (state: DoorsState) => state.pending?.id ?? '';

describe('confirm or revert', () => {
  it('a change acts at once and is taken back after 60 seconds when nobody confirms it', async () => {
    const before = current();
    const state = await change({ allowedAddresses: ['192.0.2.0/24'] });
    expect(state.pending?.revertsAt).toBe(new Date(doors.clock.time + 60_000).toISOString());
    expect(current().allowedAddresses).toEqual(['192.0.2.0/24']);
    doors.clock.time += 59_999;
    await doors.test.ctx.doors.tick();
    expect(current().allowedAddresses).toEqual(['192.0.2.0/24']);
    doors.clock.time += 1;
    await doors.test.ctx.doors.tick();
    expect(current()).toEqual(before);
    const rows = await doors.test.ctx.db.selectFrom('audit').selectAll().where('action', '=', 'revertDoors').execute();
    expect(rows).toMatchObject([{ outcome: 'done', actor_id: null }]);
    // Nothing is left of it: the configuration counts again.
    expect(await doors.test.ctx.db.selectFrom('setting').selectAll().where('name', '=', 'doors').execute()).toEqual([]);
  });

  it('a connection from before the change does not confirm it, a new one does', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await own('GET', '/api/v1/doors', undefined, { agent })).status).toBe(200);
    const old = Object.values(agent.freeSockets).flat()[0];
    if (old === undefined) throw new Error('no connection was kept');
    const closed = new Promise((resolve) => old.once('close', resolve));
    const state = await change({ trustedProxies: ['192.0.2.1'] });
    // What is idle is closed with the change.
    await closed;
    const confirmed = await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) }, { agent });
    expect([confirmed.status, confirmed.json['pending']]).toEqual([200, null]);
    doors.clock.time += 120_000;
    await doors.test.ctx.doors.tick();
    expect(current().trustedProxies).toEqual(['192.0.2.1']);
    agent.destroy();
  });

  it('the very connection that made the change is refused and closed', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const wanted = { ...current(), trustedProxies: ['192.0.2.2'] };
    const answer = await own('PUT', '/api/v1/doors', wanted, { agent });
    const { id } = answer.json['pending'] as { id: string };
    const refused = await own('POST', '/api/v1/doors/confirm', { id }, { agent });
    expect([refused.status, refused.json['reason']]).toEqual([403, 'confirm_needs_new_connection']);
    expect(refused.headers.connection).toBe('close');
    const again = await own('POST', '/api/v1/doors/confirm', { id }, { agent });
    expect(again.status).toBe(200);
    agent.destroy();
  });

  it('only one change waits, and it can be taken back at once', async () => {
    const state = await change({ trustedProxies: ['192.0.2.3'] });
    const second = await own('PUT', '/api/v1/doors', { ...current(), trustedProxies: [] });
    expect([second.status, second.json['reason']]).toEqual([409, 'doors_pending']);
    expect((await own('POST', '/api/v1/doors/revert', { id: 'aaaaaaaaaaaaaaaa' })).status).toBe(404);
    const reverted = await own('POST', '/api/v1/doors/revert', { id: pendingId(state) });
    expect([reverted.status, current().trustedProxies]).toEqual([200, state.pending?.before.trustedProxies]);
  });

  it('a panel that is started again in the middle waits on, or takes back what is over', async () => {
    const port = await freePort();
    const state = await change({ port, allowedAddresses: ['192.0.2.0/24'] });
    const { config, log, agent } = doors.test.ctx;
    const later = await createContext(config, { clock: doors.clock, log, agent });
    expect(later.doors.acting().pending?.id).toBe(pendingId(state));
    expect(later.doors.ports()).toEqual([doors.port, port]);
    await later.close();
    doors.clock.time += 60_000;
    const after = await createContext(config, { clock: doors.clock, log, agent });
    expect(after.doors.current()).toEqual(state.pending?.before);
    expect(after.doors.ports()).toEqual([doors.port]);
    await after.close();
  });

  it('without a fresh factor nothing changes', async () => {
    const plain = await doors.test.signIn();
    const answer = await plain.put('/api/v1/doors', { ...current(), trustedProxies: ['192.0.2.9'] });
    expect([answer.status, current().trustedProxies]).toEqual([403, []]);
  });
});

describe('port', () => {
  it('both ports answer until the new one is confirmed by itself; then the old one is closed for good', async () => {
    const port = await freePort();
    const state = await change({ port });
    expect(state.pending?.confirmUrl).toBe(`${origin(port)}/doors`);
    expect((await doors.ask('/health/live')).status).toBe(200);
    expect((await doors.ask('/health/live', { port })).status).toBe(200);
    const byOld = await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) });
    expect([byOld.status, byOld.json['reason']]).toEqual([403, 'confirm_needs_new_connection']);
    const byNew = await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) }, { port });
    expect(byNew.status).toBe(200);
    await expect(doors.ask('/health/live')).rejects.toThrow(/ECONNREFUSED/);
    // The database counts from now on, whatever the configuration says.
    const { config, log, agent } = doors.test.ctx;
    const later = await createContext(config, { clock: doors.clock, log, agent });
    expect([later.doors.ports(), later.doors.origin()]).toEqual([[port], origin(port)]);
    await later.close();
  });

  it('nobody confirms: the new port is closed and the old one serves on', async () => {
    const port = await freePort();
    await change({ port });
    doors.clock.time += 60_000;
    await doors.test.ctx.doors.tick();
    await expect(doors.ask('/health/live', { port })).rejects.toThrow(/ECONNREFUSED/);
    expect((await doors.ask('/health/live')).status).toBe(200);
  });

  it('a port of another program is refused, and nothing waits', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '0.0.0.0');
    await new Promise((resolve) => other.once('listening', resolve));
    const answer = await own('PUT', '/api/v1/doors', { ...current(), port });
    expect(answer.json['fields']).toEqual([{ field: 'port', code: 'port_in_use' }]);
    expect([answer.status, doors.test.ctx.doors.acting().pending, current().port]).toEqual([400, null, doors.port]);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('addresses and names', () => {
  it('a list that would shut out who makes it is refused; strangers are refused, loopback never', async () => {
    const headers = { ...ownHeaders(doors.owner, origin(doors.port)), 'x-forwarded-for': '203.0.113.9' };
    await change({ trustedProxies: ['127.0.0.1'] });
    const { pending } = doors.test.ctx.doors.acting();
    await own('POST', '/api/v1/doors/confirm', { id: pending?.id });
    const body = { ...current(), allowedAddresses: ['192.0.2.0/24'] };
    const refused = await doors.ask('/api/v1/doors', { method: 'PUT', headers, body });
    expect(refused.json['fields']).toEqual([
      { field: 'allowedAddresses', code: 'own_address_missing', params: { address: '203.0.113.9' } },
    ]);
    await change({ allowedAddresses: ['192.0.2.0/24'] });
    const stranger = await doors.ask('/api/v1/sign-in', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect([stranger.status, stranger.json['reason']]).toEqual([403, 'address_not_allowed']);
    const session = await doors.ask('/api/v1/me', { headers });
    expect([session.status, session.json['reason']]).toEqual([403, 'address_not_allowed']);
    expect((await doors.ask('/api/v1/sign-in', { headers: { 'x-forwarded-for': '192.0.2.7' } })).status).toBe(200);
    expect((await doors.ask('/api/v1/sign-in')).status).toBe(200);
  });

  it('WEB-1 forged headers about address and host change nothing without a trusted proxy', async () => {
    await doors.close();
    doors = await startDoorsTest({ env: { ALLOWED_ADDRESSES: '192.0.2.0/24', PANEL_DOMAINS: 'panel.example.com' } });
    const from = '127.0.0.2';
    for (const name of ['x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip']) {
      const answer = await doors.test.anonymous.request('/api/v1/sign-in', {
        remoteAddress: '203.0.113.9',
        headers: { host: 'panel.example.com', [name]: '192.0.2.1', forwarded: 'for=192.0.2.1;host=panel.example.com' },
      });
      expect([name, answer.status]).toEqual([name, 403]);
    }
    const forgedHost = await doors.ask('/api/v1/sign-in', {
      from,
      headers: { host: 'evil.test', 'x-forwarded-host': 'panel.example.com', forwarded: 'host=panel.example.com' },
    });
    expect([forgedHost.status, forgedHost.text]).toEqual([404, '404 Not Found\n']);
    const right = await doors.ask('/api/v1/sign-in', { from, headers: { host: 'panel.example.com:1' } });
    expect(right.status).toBe(200);
  });

  it('a new name is confirmed under that name', async () => {
    const state = await change({ domains: ['panel.example.com'] });
    expect(state.pending?.confirmUrl).toBe(`http://panel.example.com:${doors.port}/doors`);
    const byOld = await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) });
    expect(byOld.json['reason']).toBe('confirm_needs_new_connection');
    const more = { host: 'panel.example.com' };
    expect((await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) }, more)).status).toBe(200);
  });

  it.each([
    [{ allowedAddresses: ['1.2.3'] }, 'allowedAddresses.0', 'address_invalid'],
    [{ trustedProxies: ['10.0.0.0/99'] }, 'trustedProxies.0', 'address_invalid'],
    [{ port: 80 }, 'port', 'port_invalid'],
    [{ entryPath: 'short' }, 'entryPath', 'entry_path_invalid'],
    [{ entryPath: '../../etc' }, 'entryPath', 'entry_path_invalid'],
    [{ domains: ['a b'] }, 'domains.0', 'domain_invalid'],
  ])('%j is refused', async (wanted, field, code) => {
    const answer = await own('PUT', '/api/v1/doors', { ...current(), ...wanted });
    expect([answer.status, answer.json['fields']]).toEqual([400, [{ field, code }]]);
  });
});

describe('a change of the entry', () => {
  it('is confirmed by who came through it', async () => {
    const state = await change({ entryPath: 'new-secret-way' });
    expect(state.pending?.confirmUrl).toBe('/new-secret-way/doors');
    const without = await own('POST', '/api/v1/doors/confirm', { id: pendingId(state) });
    expect(without.json['reason']).toBe('confirm_needs_new_connection');
    const opened = await doors.ask('/new-secret-way/doors');
    expect([opened.status, opened.headers.location]).toEqual([302, '/doors']);
    const headers = ownHeaders(doors.owner, origin(doors.port));
    headers['cookie'] += `; ${cookiesOf({ headers: opened.headers as never })}`;
    const body = { id: pendingId(state) };
    expect((await doors.ask('/api/v1/doors/confirm', { method: 'POST', headers, body })).status).toBe(200);
    const rows = await doors.test.ctx.db.selectFrom('audit').select('detail_json').execute();
    expect(rows.map((row) => row.detail_json).join()).not.toContain('new-secret-way');
  });
});

describe('headers', () => {
  it('WEB-5 stand on every kind of answer: refusals, upgrades, other methods, what cannot be read', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'x',
    };
    const answers = [
      await doors.ask('/api/v1/terminal', { headers: upgrade }),
      await doors.ask('/api/v1/sign-in', { method: 'DELETE' }),
      await doors.ask('/api/v1/sign-in', { method: 'PROPFIND' }),
      await doors.ask('/api/v1/%zz'),
      await doors.ask('/api/v1/me', { headers: { accept: 'text/html' } }),
      await doors.ask('/health/live'),
      await own('POST', '/api/v1/doors/confirm', { id: 'x'.repeat(300_000) }),
    ];
    for (const { status, headers } of answers) {
      expect([status, headers]).toEqual([expect.any(Number), expect.objectContaining(securityHeaders)]);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
    const unreadable = await new Promise<string>((resolve, reject) => {
      const socket = connect(doors.port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      let text = '';
      socket.setEncoding('latin1').on('data', (part: string) => (text += part));
      socket.on('error', reject).on('close', () => resolve(text));
    });
    expect(unreadable).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    for (const [name, value] of Object.entries(securityHeaders)) expect(unreadable).toContain(`${name}: ${value}`);
  });
});
