import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame, fromTerminal, maxFrameBytes, toTerminal } from '#shared/terminal-frames.ts';
import type { SshHost, SshHostCheck } from '#shared/ssh-hosts.ts';
import { terminalCloseCodes, terminalProtocol, terminalTicketPrefix, type Terminal } from '#shared/terminals.ts';
import { securityHeaders } from '../../core/security-headers.ts';
import { createTestSite } from '../sites/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { watchTerminalEnds } from './terminal-ends.ts';
import { createTerminalTickets, ticketMs } from './terminal-tickets.ts';

/* The real upgrade over a real connection: `inject` knows none. The way in is closed but for its secret address. */

let test: TestApp;
let port = 0;
let owner: TestClient;
let manager: TestClient;
let viewer: TestClient;
let siteId = '';
let otherSiteId = '';

beforeAll(async () => {
  test = await makeTestApp({ env: { ENTRY_PATH: 'Very-Secret_Way1', TRUSTED_PROXIES: '127.0.0.1' } });
  await test.app.listen({ host: '127.0.0.1', port: 0 });
  port = (test.app.server.address() as AddressInfo).port;
  owner = await test.signIn('owner');
  siteId = (await createTestSite(owner, ['shop.test'])).site.id;
  otherSiteId = (await createTestSite(owner, ['other.test'])).site.id;
  manager = await test.signIn('site_manager', { siteIds: [siteId] });
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const size = { cols: 80, rows: 24 };
type Opened = { readonly key: string; readonly terminal: Terminal };

async function open(client = owner, body: object = { kind: 'site', siteId }): Promise<Opened> {
  const answer = await client.post('/api/v1/terminals', { ...size, ...body });
  expect(answer.status).toBe(201);
  return answer.json as Opened;
}

async function ticketFor({ terminal }: Opened, client = owner): Promise<string> {
  const answer = await client.post(`/api/v1/terminals/${terminal.id}/tickets`);
  expect(answer.status).toBe(201);
  return (answer.json as { ticket: string }).ticket;
}

type Headers = Readonly<Record<string, string | undefined>>;
const headersOf = (ticket: string, cookie = owner.cookie): Headers => ({
  host: `127.0.0.1:${port}`,
  origin: `http://127.0.0.1:${port}`,
  cookie,
  'sec-websocket-protocol': `${terminalProtocol}, ${terminalTicketPrefix}${ticket}`,
});

/** What the panel answers to a wish for a WebSocket: 101, or why not. */
async function wish(terminalId: string, headers: Headers, path = `/api/v1/terminals/${terminalId}/socket`) {
  const given = Object.entries({
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return await new Promise<{ status: number; text: string; reason: string | undefined }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers: Object.fromEntries(given), agent: false });
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, text: '', reason: undefined });
    });
    sent.on('response', (response: IncomingMessage) => {
      // What fails has the headers of any other answer.
      expect(response.headers).toMatchObject(securityHeaders);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const reason = /"(?:reason)":"(\w+)"/.exec(text)?.[1] ?? /"code":"(\w+)"/.exec(text)?.[1];
        resolve({ status: response.statusCode ?? 0, text, reason });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function browse({ terminal, key }: Opened, ticket: string, from: number | null = null, client = owner) {
  const protocols = [terminalProtocol, terminalTicketPrefix + ticket];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/terminals/${terminal.id}/socket`, protocols, {
    origin: `http://127.0.0.1:${port}`,
    headers: { cookie: client.cookie },
  });
  let text = '';
  const send = (type: number, rest: string): void =>
    socket.send(Buffer.concat([Buffer.from([type]), Buffer.from(rest)]));
  socket.on('open', () => send(toTerminal.attach, JSON.stringify({ key, from, ...size })));
  socket.on('message', (data: Buffer) => {
    if (data[0] === fromTerminal.output) text += data.subarray(1).toString();
  });
  const isOpen = new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
  socket.on('error', () => undefined);
  return {
    socket,
    closed,
    send,
    text: () => text,
    type: (line: string) => void isOpen.then(() => send(toTerminal.input, line)),
    async until(wanted: string): Promise<void> {
      for (const end = Date.now() + 5_000; !text.includes(wanted); await new Promise((next) => setTimeout(next, 5)))
        if (Date.now() > end) throw new Error(`no ${wanted} in ${text}`);
    },
  };
}

async function auditOf(terminalId: string) {
  const rows = await test.ctx.db
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'connectTerminal')
    .where('target', '=', terminalId)
    .orderBy('at')
    .execute();
  return rows.map(({ outcome, actor_id, detail_json, ended_at, address }) => ({
    outcome,
    actor: actor_id,
    detail: JSON.stringify(detail_json),
    ended_at,
    address,
  }));
}

it('TERM-1 TERM-4 a terminal is opened, typed into, left and come back to, and each visit stands in the audit log', async () => {
  const opened = await open();
  const first = browse(opened, await ticketFor(opened));
  await first.until('$ ');
  expect(first.socket.protocol).toBe(terminalProtocol);
  first.type('echo مرحبا\r');
  await first.until('\nمرحبا\r');
  const at = Buffer.byteLength(first.text());
  first.socket.close();
  await first.closed;
  const again = browse(opened, await ticketFor(opened), at);
  again.type('echo two\r');
  await again.until('\ntwo\r');
  expect(again.text()).not.toContain('مرحبا');
  // Another window takes it over.
  const window = browse(opened, await ticketFor(opened));
  expect(await again.closed).toBe(terminalCloseCodes.displaced);
  await window.until('two');
  window.type('exit\r');
  expect(await window.closed).toBe(terminalCloseCodes.ended);
  const list = (await owner.get('/api/v1/terminals')).json as { items: Terminal[] };
  expect(list.items.map(({ id }) => id)).not.toContain(opened.terminal.id);
  for (const end = Date.now() + 3_000; Date.now() < end; await new Promise((next) => setTimeout(next, 20)))
    if ((await auditOf(opened.terminal.id)).every(({ ended_at }) => ended_at !== null)) break;
  const rows = await auditOf(opened.terminal.id);
  expect(rows.map(({ outcome, actor, address }) => [outcome, actor, address])).toEqual(
    Array.from({ length: 3 }, () => ['done', owner.personId, '127.0.0.1']),
  );
  expect(rows.map(({ detail }) => detail).join()).toMatch(/user.*left.*displaced.*ended/);
});

it('TERM-4 a shell that ended while nobody looked stands in the audit log once, with its person and its moment', async () => {
  const { terminal } = await open();
  const ends = watchTerminalEnds(test.ctx);
  await ends.take();
  const rows = async () =>
    await test.ctx.db
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'endTerminal')
      .where('target', '=', terminal.id)
      .execute();
  expect(await rows()).toEqual([]);
  expect((await owner.delete(`/api/v1/terminals/${terminal.id}`)).status).toBe(204);
  await ends.take();
  await ends.take();
  ends.close();
  const [row, ...more] = await rows();
  expect(more).toEqual([]);
  expect(row).toMatchObject({ outcome: 'done', actor_id: owner.personId });
  expect(JSON.parse(row?.detail_json ?? '')).toMatchObject({
    user: terminal.user,
    startedAt: terminal.startedAt,
    why: 'closed',
  });
});

it('TERM-1 WEB-4 AUTH-5 S-7 without exactly the right origin, login, permission and ticket nothing opens, and the attempt is written down', async () => {
  const opened = await open();
  const { id } = opened.terminal;
  const foreign = [undefined, '', 'null', 'http://evil.test', `http://127.0.0.1:${port + 1}`, `http://127.0.0.1`];
  for (const origin of [...foreign, `http://127.0.0.1:${port}.evil.test`, `ws://127.0.0.1:${port}`])
    expect(await wish(id, { ...headersOf(await ticketFor(opened)), origin })).toMatchObject({
      status: 403,
      reason: 'foreign_origin',
    });
  const crossSite = { ...headersOf(await ticketFor(opened)), 'sec-fetch-site': 'cross-site' };
  expect(await wish(id, crossSite)).toMatchObject({ status: 403, reason: 'foreign_origin' });

  const noTicket = ['', 'A', 'A'.repeat(43), 'A'.repeat(44), 'undefined', 'null'];
  for (const ticket of noTicket)
    expect(await wish(id, headersOf(ticket))).toMatchObject({ status: 403, reason: 'terminal_ticket_void' });
  const good = await ticketFor(opened);
  for (const protocols of [undefined, '', terminalProtocol, terminalTicketPrefix + good, `${good}`])
    expect(await wish(id, { ...headersOf(good), 'sec-websocket-protocol': protocols })).toMatchObject({
      status: 403,
      reason: 'terminal_ticket_void',
    });
  expect(await wish(id, headersOf(good))).toMatchObject({ status: 101 });
  // Once.
  expect(await wish(id, headersOf(good))).toMatchObject({ status: 403, reason: 'terminal_ticket_void' });
  // For another terminal, with another session of the same person, as somebody else: used up each time.
  const second = await open();
  expect(await wish(second.terminal.id, headersOf(await ticketFor(opened)))).toMatchObject({ status: 403 });
  const theirs = await ticketFor(opened);
  const session = await test.ctx.sessions.create(owner.personId ?? '', { address: '127.0.0.1', userAgent: 'test' });
  const cookie = `${owner.cookie?.split('=')[0]}=${session.token}`;
  expect(await wish(id, headersOf(theirs, cookie))).toMatchObject({ reason: 'terminal_ticket_void' });
  expect(await wish(id, headersOf(theirs))).toMatchObject({ reason: 'terminal_ticket_void' });
  expect(await wish(id, headersOf(await ticketFor(opened), manager.cookie))).toMatchObject({
    reason: 'terminal_ticket_void',
  });
  expect(await wish(id, headersOf(await ticketFor(opened), viewer.cookie))).toMatchObject({
    status: 403,
    reason: 'not_allowed',
  });
  const noUpgrade = { ...headersOf(await ticketFor(opened)), upgrade: undefined, connection: undefined };
  expect(await wish(id, noUpgrade)).toMatchObject({ status: 400 });
  // By no other address: what asks for an upgrade there is answered as ever.
  expect(await wish(id, headersOf(await ticketFor(opened)), '/api/v1/terminals')).toMatchObject({ status: 200 });

  const rows = await auditOf(id);
  const refused = rows.filter(({ outcome }) => outcome === 'refused');
  expect(refused.map(({ actor }) => actor)).toEqual(
    expect.arrayContaining([owner.personId, manager.personId, viewer.personId]),
  );
  expect(refused.map(({ detail }) => detail).join()).toMatch(/foreign_origin.*terminal_ticket_void/);
  expect(JSON.stringify(rows)).not.toContain(good);
});

it('TERM-1 PERM-8 a stranger learns nothing at the closed door, and nobody signed in is nobody', async () => {
  const opened = await open();
  const { id } = opened.terminal;
  const headers = { ...headersOf(await ticketFor(opened), ''), 'x-forwarded-for': '203.0.113.9' };
  const hidden = await wish(id, headers);
  expect([hidden.status, hidden.text]).toEqual([404, '404 Not Found\n']);
  expect((await wish('a'.repeat(16), headers)).text).toBe(hidden.text);
  const entered = { ...headers, cookie: `${await entryCookie()}` };
  expect(await wish(id, entered)).toMatchObject({ status: 401, reason: 'not_signed_in' });
  const rows = await auditOf(id);
  expect(rows).toMatchObject([{ outcome: 'refused', actor: null, address: '203.0.113.9' }]);
});

it('TERM-1 a ticket lives for seconds, and is compared without telling how much of it was right', () => {
  let now = 1_000;
  const tickets = createTerminalTickets(() => now);
  const facts = { personId: 'p', sessionId: 's', terminalId: 't' };
  const late = tickets.issue(facts);
  now += ticketMs;
  expect(tickets.take(late, facts)).toBeUndefined();
  const good = tickets.issue(facts);
  now += ticketMs - 1;
  for (const wrong of [
    { ...facts, personId: '' },
    { ...facts, sessionId: 'S' },
    { ...facts, terminalId: 'u' },
  ])
    expect(tickets.take(tickets.issue(facts), wrong)).toBeUndefined();
  expect(tickets.take(good, facts)).toEqual(facts);
  expect(tickets.take(good, facts)).toBeUndefined();
  for (let times = 0; times < 1_500; times++) tickets.issue(facts);
  const last = tickets.issue(facts);
  expect(tickets.take(last, facts)).toEqual(facts);
});

it('TERM-1 PERM-1 nobody sees, enters or closes another person’s terminal, nor one of a site that is not theirs', async () => {
  const opened = await open();
  const { id } = opened.terminal;
  for (const client of [manager, await test.signIn('owner')]) {
    expect((await client.get('/api/v1/terminals')).json).toMatchObject({ items: [] });
    for (const [method, path] of [
      ['POST', `/api/v1/terminals/${id}/tickets`],
      ['POST', `/api/v1/terminals/${id}/keys`],
      ['DELETE', `/api/v1/terminals/${id}`],
    ] as const)
      expect((await client.request(path, { method })).json).toMatchObject({ reason: 'terminal_gone' });
  }
  const foreign = await manager.post('/api/v1/terminals', { ...size, kind: 'site', siteId: otherSiteId });
  expect(foreign.status).toBe(404);
  expect((await viewer.post('/api/v1/terminals', { ...size, kind: 'site', siteId })).status).toBe(403);
  // A site that was taken away takes its terminals along.
  const own = await open(manager);
  const ticket = await ticketFor(own, manager);
  const view = browse(own, ticket, null, manager);
  await view.until('$ ');
  await test.ctx.db
    .deleteFrom('person_site')
    .where('person_id', '=', manager.personId ?? '')
    .execute();
  await test.ctx.sessions.refresh([manager.personId ?? '']);
  expect(await view.closed).toBe(terminalCloseCodes.session);
  expect((await manager.post(`/api/v1/terminals/${own.terminal.id}/tickets`)).status).toBe(404);
});

it('TERM-1 AUTH-5 root is for whoever may and has just confirmed, also when they come back with another browser', async () => {
  const as = { ...size, kind: 'root' };
  const person = await test.signIn('owner');
  expect((await person.post('/api/v1/terminals', as)).json).toMatchObject({ code: 'elevation_required' });
  const operator = await (await test.signIn('operator')).elevate();
  expect((await operator.post('/api/v1/terminals', as)).json).toMatchObject({ code: 'not_allowed' });
  await person.elevate();
  const opened = await open(person, as);
  expect(opened.terminal).toMatchObject({ kind: 'root', user: 'root', siteId: null });
  const wrongKey = browse({ ...opened, key: 'A'.repeat(43) }, await ticketFor(opened, person), null, person);
  expect(await wrongKey.closed).toBe(terminalCloseCodes.key);
  const entered = await person.post(`/api/v1/terminals/${opened.terminal.id}/keys`);
  const { key } = entered.json as { key: string };
  const view = browse({ ...opened, key }, await ticketFor(opened, person), null, person);
  await view.until('# ');
  // Signing out ends the view at once.
  await person.post('/api/v1/sign-out');
  expect(await view.closed).toBe(terminalCloseCodes.session);
});

it('USER-4 PERM-6 AUTH-5 who is disabled, and whose role no longer may, is out of an open terminal within a second', async () => {
  const chief = await (await test.signIn('owner')).elevate();
  for (const change of [{ isDisabled: true }, { role: 'viewer' }]) {
    const person = await test.signIn('site_manager', { siteIds: [siteId] });
    const own = await open(person);
    const view = browse(own, await ticketFor(own, person), null, person);
    await view.until('$ ');
    const from = performance.now();
    expect((await chief.patch(`/api/v1/people/${person.personId}`, change)).status).toBe(200);
    expect(await view.closed).toBe(terminalCloseCodes.session);
    expect(performance.now() - from).toBeLessThan(1_000);
    expect((await person.post(`/api/v1/terminals/${own.terminal.id}/tickets`)).status).toBeGreaterThanOrEqual(401);
  }
});

it('recordings are switched on by whoever may be root, seen and thrown away by few, and every look is written down', async () => {
  const base = '/api/v1/terminal-recordings';
  const settings = { recorded: 'all', keptDays: 7 };
  const person = await test.signIn('owner');
  const keeper = await test.signIn('site_manager', { siteIds: [siteId] });
  expect((await keeper.put(`${base}/settings`, settings)).json).toMatchObject({ code: 'not_allowed' });
  expect((await person.put(`${base}/settings`, settings)).json).toMatchObject({ code: 'elevation_required' });
  await person.elevate();
  expect((await person.put(`${base}/settings`, { ...settings, keptDays: 0 })).status).toBe(400);
  expect((await person.put(`${base}/settings`, settings)).json).toEqual(settings);
  const opened = await open(keeper);
  expect(opened.terminal.isRecorded).toBe(true);
  const recordingId = opened.terminal.id;
  const listOf = async (client: TestClient) =>
    ((await client.get(base)).json as { items: { id: string }[] }).items.map(({ id }) => id);
  expect(await listOf(keeper)).toEqual([recordingId]);
  expect(await listOf(person)).toEqual([recordingId]);
  const others = await test.signIn('site_manager', { siteIds: [siteId] });
  expect(await listOf(others)).toEqual([]);
  expect((await viewer.get(base)).status).toBe(403);
  const path = `${base}/${recordingId}`;
  const piece = await keeper.post(`${path}/pieces`, { offset: 0 });
  expect(Buffer.from((piece.json as { data: string }).data, 'base64').toString()).toContain('"version":2');
  const unconfirmed = await others.post(`${path}/pieces`, { offset: 0 });
  expect(unconfirmed.json).toMatchObject({ code: 'elevation_required' });
  expect((await person.post(`${path}/pieces`, { offset: 0 })).status).toBe(200);
  expect((await person.delete(path)).json).toMatchObject({ reason: 'terminal_recording_running' });
  await keeper.delete(`/api/v1/terminals/${recordingId}`);
  expect((await keeper.delete(path)).json).toMatchObject({ code: 'not_allowed' });
  expect((await person.delete(path)).status).toBe(204);
  expect((await person.post(`${path}/pieces`, { offset: 0 })).json).toMatchObject({
    reason: 'terminal_recording_gone',
  });
  const rows = await test.ctx.db
    .selectFrom('audit')
    .select(['action', 'outcome'])
    .where('target', '=', recordingId)
    .where('outcome', '=', 'done')
    .execute();
  const done = rows.map(({ action }) => action);
  expect(done.filter((action) => action === 'readTerminalRecording')).toHaveLength(2);
  expect(done).toContain('removeTerminalRecording');
  expect((await person.put(`${base}/settings`, { recorded: 'none', keptDays: 30 })).status).toBe(200);
});

it('CERT-2 TERM-4 saved hosts are for whoever may be root and has confirmed; a changed key opens nothing until it is accepted', async () => {
  const base = '/api/v1/ssh-hosts';
  const draft = { name: 'مخزن', address: 'changed.test', port: 22, user: 'mona', auth: 'key' };
  const person = await test.signIn('owner');
  const operator = await (await test.signIn('operator')).elevate();
  expect((await test.anonymous.get(base)).status).toBe(404);
  for (const answer of [await operator.get(base), await operator.post(base, draft)])
    expect(answer.json).toMatchObject({ code: 'not_allowed' });
  expect((await person.post(base, draft)).json).toMatchObject({ code: 'elevation_required' });
  expect((await person.get(base)).json).toEqual({ items: [] });
  await person.elevate();
  for (const [part, field] of [
    [{ address: '-oProxyCommand=id' }, 'ssh_address_invalid'],
    [{ address: '169.254.169.254' }, 'ssh_address_refused'],
    [{ user: '-lroot' }, 'ssh_user_invalid'],
  ] as const)
    expect((await person.post(base, { ...draft, ...part })).text).toContain(field);
  const made = await person.post(base, draft);
  expect(made.status).toBe(201);
  const { id: hostId } = made.json as SshHost;
  expect(made.json).toMatchObject({
    ...draft,
    trusted: null,
    key: { publicKey: expect.stringMatching(/^ssh-ed25519 /) },
  });
  const as = { kind: 'host', hostId };
  const openAs = async (client: TestClient) => await client.post('/api/v1/terminals', { ...size, ...as });
  expect((await operator.post('/api/v1/terminals', { ...size, ...as })).json).toMatchObject({ code: 'not_allowed' });
  expect((await openAs(person)).json).toMatchObject({ reason: 'ssh_host_unknown' });
  const compared = async () => {
    const { found, state } = (await person.post(`${base}/${hostId}/check`)).json as SshHostCheck;
    return { state, fingerprints: found.map(({ fingerprint }) => fingerprint) };
  };
  const { fingerprints } = await compared();
  const wrong = fingerprints.map((print) => print.replace(/.{4}$/, 'AAAA'));
  const trust = async (prints: readonly string[]) =>
    await person.post(`${base}/${hostId}/trust`, { fingerprints: prints });
  expect((await trust(wrong)).json).toMatchObject({ reason: 'ssh_host_keys_differ' });
  expect((await trust(fingerprints)).status).toBe(200);
  const changed = await compared();
  expect(changed.state).toBe('changed');
  const [before, now] = [fingerprints[0], changed.fingerprints[0]];
  expect((await openAs(person)).json).toMatchObject({ reason: 'ssh_host_changed', params: { before, now } });
  // Accepting another key takes a factor of just now.
  const later = await test.signIn('owner');
  const asking = await later.post(`${base}/${hostId}/trust`, { fingerprints: changed.fingerprints });
  expect(asking.json).toMatchObject({ code: 'elevation_required' });
  expect((await trust(changed.fingerprints)).status).toBe(200);
  const opened = await open(person, as);
  expect(opened.terminal).toMatchObject({ kind: 'host', siteId: null, user: 'mona@changed.test' });
  expect((await later.post(`/api/v1/terminals/${opened.terminal.id}/keys`)).status).toBe(404);
  expect((await openAs(later)).json).toMatchObject({ code: 'elevation_required' });
  const moved = await person.put(`${base}/${hostId}`, { ...draft, port: 2222 });
  expect(moved.json).toMatchObject({ port: 2222, trusted: null });
  expect((await person.delete(`${base}/${hostId}`)).status).toBe(204);
  expect((await person.get('/api/v1/terminals')).json).toMatchObject({ items: [] });
  expect((await openAs(person)).json).toMatchObject({ reason: 'ssh_host_gone' });
  const rows = await test.ctx.db
    .selectFrom('audit')
    .select(['action', 'outcome', 'detail_json'])
    .where('target', '=', hostId)
    .orderBy('at')
    .execute();
  const done = rows.filter(({ outcome }) => outcome === 'done').map(({ action }) => action);
  expect(new Set(done)).toEqual(
    new Set(['createSshHost', 'checkSshHost', 'trustSshHost', 'openTerminal', 'updateSshHost', 'removeSshHost']),
  );
  const openings = rows.filter(({ action }) => action === 'openTerminal');
  expect(JSON.stringify(openings)).toContain('mona@changed.test');
  expect(openings.map(({ outcome }) => outcome)).toContain('refused');
});

it('TERM-1 what is not of the protocol ends the connection, and the panel goes on', async () => {
  const opened = await open();
  const bad: readonly ((view: ReturnType<typeof browse>) => void)[] = [
    (view) => view.socket.send('text'),
    (view) => view.send(1, 'x'),
    (view) => view.send(99, ''),
    (view) => view.socket.send(Buffer.alloc(0)),
    (view) => view.socket.send(Buffer.alloc(maxFrameBytes + 2, toTerminal.input)),
  ];
  for (const act of bad) {
    const view = browse(opened, await ticketFor(opened));
    await new Promise((resolve) => view.socket.once('open', resolve));
    act(view);
    expect([terminalCloseCodes.protocol, 1009]).toContain(await view.closed);
  }
  // Not even a frame of a WebSocket.
  const ticket = await ticketFor(opened);
  const raw = connect({ host: '127.0.0.1', port });
  const head = Object.entries(headersOf(ticket)).map(([name, value]) => `${name}: ${value ?? ''}`);
  raw.write(
    `GET /api/v1/terminals/${opened.terminal.id}/socket HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${head.join('\r\n')}\r\n\r\n`,
  );
  raw.write(Buffer.from(encodeFrame(255, Buffer.alloc(100, 255))));
  raw.resume();
  await new Promise((resolve) => raw.once('close', resolve));
  const after = browse(opened, await ticketFor(opened));
  await after.until('$ ');
  after.socket.close();
});

async function entryCookie(): Promise<string> {
  const answer = await test.anonymous.get('/Very-Secret_Way1');
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}
