import { chmodSync, existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentActions, type AgentActionName } from '#shared/agent/index.ts';
import { actionOf } from '#shared/agent/lookup.ts';
import { AppError } from '#shared/errors.ts';
import { areas, findHandler, type FindHandler } from './actions.ts';
import type { Handlers } from './core/handlers.ts';
import { infoHandlers } from './core/info.actions.ts';
import { logTo, openMachine, type Machine } from './core/machine.ts';
import { createActions, type Actions } from './requests.ts';
import { startServer, type AgentServer } from './server.ts';
import { ask, envelope, sendRaw } from './testing/agent-process.ts';
import { makeWorld, type World } from './testing/world.ts';

let world: World;
let machine: Machine;
let actions: Actions;
let server: AgentServer;
let socket: string;
/** Replaced by tests. */
let info: Handlers['agent.info'] = infoHandlers['agent.info'];

const logLines: string[] = [];

beforeAll(async () => {
  logTo((line) => void logLines.push(line));
  world = await makeWorld();
  machine = await openMachine(world.settings);
  const replaced: Handlers['agent.info'] = (...given) => info(...given);
  const find = (async (name) => (name === 'agent.info' ? replaced : await findHandler(name))) as FindHandler;
  actions = createActions(machine, find);
  server = await startServer(world.settings, actions, { kind: 'own' }, () => undefined);
  socket = world.settings.socketPath;
});
afterAll(async () => {
  await server.stop();
  machine.close();
  world.destroy();
  logTo(() => undefined);
});

it('P2.4-1 the list of what root can be asked is closed, and each has its handler', async () => {
  const names = await Promise.all(Object.values(areas).map(async (load) => Object.keys(await load())));
  expect([...new Set(names.flat())].sort()).toEqual(Object.keys(agentActions).sort());
  for (const name of Object.keys(agentActions) as AgentActionName[]) {
    expect(await findHandler(name), name).toBeTypeOf('function');
    expect(await actionOf(name), name).toBe(agentActions[name]);
  }
  expect((await ask(socket, 'agent.info')).json.result).toMatchObject({ protocol: 1 });
});

it('S-5 only root and the group can open the socket', () => {
  expect(statSync(socket).mode & 0o777).toBe(0o660);
  if (process.getuid?.() !== 0) return;
  chmodSync(world.folder, 0o755);
  const curl = `require('node:net').connect(${JSON.stringify(socket)}).on('error', (e) => { console.log(e.code); process.exit(0) }).on('connect', () => { console.log('in'); process.exit(0) })`;
  const stranger = spawnSync(process.execPath, ['-e', curl], { uid: 65_534, gid: 65_534, encoding: 'utf8', cwd: '/' });
  if (stranger.error === undefined && stranger.stdout !== '') expect(stranger.stdout.trim()).toBe('EACCES');
});

it('whoever asks may go away: the work learns of it, and not of an answer that arrived', async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const begun = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  info = async (given, params, call) => {
    signals.push(call.signal);
    if (signals.length === 1) {
      call.signal?.addEventListener('abort', () => gone.resolve());
      begun.resolve();
      await gone.promise;
    }
    return await infoHandlers['agent.info'](given, params, call);
  };
  const body = envelope();
  const sent = request({ socketPath: socket, method: 'POST', path: '/v1/actions/agent.info', agent: false });
  sent.setHeader('content-type', 'application/json').on('error', () => undefined);
  sent.end(body);
  await begun.promise;
  sent.destroy();
  await gone.promise;
  expect((await ask(socket, 'agent.info')).json.ok).toBe(true);
  await wait(20);
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, false]);
  info = infoHandlers['agent.info'];
});

describe('a request is refused', () => {
  it.each([
    ['with Origin', { origin: 'https://panel.test' }],
    ['with an opaque Origin', { origin: 'null' }],
    ['with Referer', { referer: 'https://panel.test/' }],
    ['with Sec-Fetch-Site', { 'sec-fetch-site': 'same-origin' }],
    ['with a cookie', { cookie: 'a=b' }],
  ])('WEB-7 %s: a browser has no business here', async (_, headers) => {
    expect(await ask(socket, 'agent.info', { headers })).toMatchObject({
      status: 403,
      json: { ok: false, error: { code: 'not_allowed', reason: 'browser_refused' } },
    });
  });

  it.each([
    ['an action that is not on the list', { path: '/v1/actions/sites.explode' }],
    ['a name from the prototype of objects', { path: '/v1/actions/constructor' }],
    ['a path that climbs', { path: '/v1/actions/../agent.info' }],
    ['another path', { path: '/' }],
    ['a query', { path: '/v1/actions/agent.info?x=1' }],
    ['GET', { method: 'GET', body: '' }],
  ])('CMD-8 %s', async (_, options) => {
    expect(await ask(socket, 'agent.info', options)).toMatchObject({
      status: 404,
      json: { error: { reason: 'unknown_action' } },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['no envelope', '{}'],
    ['a field too many', envelope({}, { root: true })],
    ['an actor with a field too many', envelope({}, { actor: { id: 'a', name: 'b', role: 'owner' } })],
    ['an actor with a new line', envelope({}, { actor: { id: 'a', name: 'b\nc' } })],
    ['a request id with spaces', envelope({}, { requestId: 'a b' })],
    ['a deadline that is no number', envelope({}, { deadline: 'soon' })],
    ['a parameter too many', envelope({ force: true })],
  ])('PERM-3 %s as its body', async (_, body) => {
    expect(await ask(socket, 'agent.info', { body })).toMatchObject({
      status: 400,
      json: { error: { code: 'invalid_request' } },
    });
  });

  it('of another protocol version, with both numbers', async () => {
    expect((await ask(socket, 'agent.info', { body: envelope({}, { protocol: 2 }) })).json.error).toMatchObject({
      reason: 'protocol_mismatch',
      params: { agent: 1, panel: 2 },
    });
  });

  it('that is no JSON by its own word', async () => {
    expect((await ask(socket, 'agent.info', { headers: { 'content-type': 'text/plain' } })).json.error?.reason).toBe(
      'content_type',
    );
  });

  it('whose deadline is past, and nothing is done', async () => {
    let isDone = false;
    info = (...given) => {
      isDone = true;
      return infoHandlers['agent.info'](...given);
    };
    const answer = await ask(socket, 'agent.info', { body: envelope({}, { deadline: Date.now() - 1 }) });
    info = infoHandlers['agent.info'];
    expect(answer).toMatchObject({ status: 504, json: { error: { code: 'timeout', reason: 'deadline_passed' } } });
    expect(isDone).toBe(false);
  });

  it('FAULT-5 with a body over the limit, announced or not', async () => {
    const big = ' '.repeat(1024 * 1024 + 1);
    expect(await ask(socket, 'agent.info', { body: big })).toMatchObject({
      status: 413,
      json: { error: { reason: 'request_too_large' } },
    });
    const raw = await sendRaw(
      socket,
      `POST /v1/actions/agent.info HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(0x10000)}\r\n`.repeat(20)}`,
    );
    expect(raw).toMatch(/^HTTP\/1\.1 413 /);
    expect((await ask(socket, 'agent.info')).status).toBe(200);
  });

  it('FAULT-5 with headers over the limit, or that is no HTTP, and the agent goes on', async () => {
    expect(await sendRaw(socket, `POST / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toBe('');
    expect(await sendRaw(socket, '\x16\x03\x01\x02\x00 no http\r\n\r\n')).toBe('');
    expect((await ask(socket, 'agent.info')).status).toBe(200);
  });
});

describe('an action', () => {
  it('that takes too long is answered as timed out, and counts as under way until it ends', async () => {
    const slow = Promise.withResolvers<void>();
    info = async (...given) => {
      await slow.promise;
      return await infoHandlers['agent.info'](...given);
    };
    const answer = await ask(socket, 'agent.info', { body: envelope({}, { deadline: Date.now() + 100 }) });
    expect(answer.json.error).toMatchObject({ code: 'timeout', reason: 'action_timeout' });
    expect(actions.activeCount).toBe(1);
    slow.resolve();
    await expect.poll(() => actions.activeCount).toBe(0);
    info = infoHandlers['agent.info'];
  });

  it('whose answer is larger than allowed fails instead of sending it', async () => {
    info = async (...given) => ({ ...(await infoHandlers['agent.info'](...given)), version: 'x'.repeat(70_000) });
    expect((await ask(socket, 'agent.info')).json.error).toMatchObject({
      code: 'internal',
      reason: 'answer_too_large',
    });
    info = infoHandlers['agent.info'];
  });

  it('that breaks says nothing of the inside, and the log has it with the request id', async () => {
    info = () => Promise.reject(new Error('secret: /etc/shadow'));
    const { json } = await ask(socket, 'agent.info', { body: envelope({}, { requestId: 'find-me' }) });
    info = infoHandlers['agent.info'];
    expect(JSON.stringify(json)).not.toContain('shadow');
    expect(json.error?.code).toBe('internal');
    expect(logLines.find((line) => line.includes('find-me'))).toContain('/etc/shadow');
  });

  it('that refuses answers with its code, reason, parameters and fields', async () => {
    info = () =>
      Promise.reject(new AppError('in_use', 'no', { reason: 'port_taken', params: { port: 80, process: 'x' } }));
    expect(await ask(socket, 'agent.info')).toMatchObject({
      status: 409,
      json: { error: { code: 'in_use', reason: 'port_taken', params: { port: 80, process: 'x' } } },
    });
    info = infoHandlers['agent.info'];
  });

  it('FAULT-2 too many at once are refused at once, and the others end', async () => {
    const gate = Promise.withResolvers<void>();
    info = async (...given) => {
      await gate.promise;
      return await infoHandlers['agent.info'](...given);
    };
    const direct = Array.from({ length: 70 }, () => actions.answer('agent.info', envelope()));
    await wait(10);
    gate.resolve();
    const codes = (await Promise.all(direct)).map(({ status }) => status);
    info = infoHandlers['agent.info'];
    expect(codes.filter((status) => status === 200)).toHaveLength(64);
    expect(codes.filter((status) => status === 423)).toHaveLength(6);
  });

  it('that changes something leaves a line with who and how it ended, and none of its parameters', async () => {
    await ask(socket, 'software.cancel', { body: envelope({ operationId: 'a'.repeat(16) }, { requestId: 'audit-1' }) });
    const line = logLines.find((each) => each.includes('audit-1'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ action: 'software.cancel', actor: 'tester', outcome: 'done' });
    expect(line).not.toContain('aaaaaaaa');
  });
});

describe('the place of the socket', () => {
  const settings = (name: string) => ({ ...world.settings, socketPath: join(world.folder, name) });
  it('a socket that a dead agent left is replaced', async () => {
    const code = `require('node:net').createServer().listen(${JSON.stringify(join(world.folder, 'stale.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', code]);
    expect(existsSync(join(world.folder, 'stale.sock'))).toBe(true);
    const second = await startServer(settings('stale.sock'), actions, { kind: 'own' }, () => undefined);
    expect((await ask(join(world.folder, 'stale.sock'), 'agent.info')).status).toBe(200);
    await second.stop();
    expect(existsSync(join(world.folder, 'stale.sock'))).toBe(false);
  });

  it('a socket that is in use, a file, or a link in its place stays', async () => {
    await expect(startServer(world.settings, actions, { kind: 'own' }, () => undefined)).rejects.toThrow(
      'another agent',
    );
    writeFileSync(join(world.folder, 'file.sock'), 'precious');
    symlinkSync(socket, join(world.folder, 'link.sock'));
    for (const name of ['file.sock', 'link.sock'])
      await expect(startServer(settings(name), actions, { kind: 'own' }, () => undefined)).rejects.toThrow(
        'not a socket',
      );
    expect((await ask(socket, 'agent.info')).status).toBe(200);
  });
});
