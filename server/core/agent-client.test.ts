import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAgentClient, type AgentClient } from './agent-client.ts';

let folder: string;
let socketPath: string;
let server: Server | undefined;
let client: AgentClient;
let states: string[];
const options = { actor: { id: 'tester', name: 'اسم' }, requestId: 'r-1' };
const info = { protocol: 1, version: '1', isRoot: true, hasSystemd: true, recovered: [], uptimeSeconds: 1 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-agent-'));
  socketPath = join(folder, 'agent.sock');
  client = createAgentClient({ agent: { mode: 'real', socketPath } }, pino({ level: 'silent' }));
  states = [];
  client.onState((state) => states.push(state));
});
afterEach(async () => {
  client.close();
  await stop();
  await rm(folder, { recursive: true, force: true });
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<void> {
  const created = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  server = created;
  await new Promise<void>((resolve) => created.listen(socketPath, resolve));
}

async function stop(): Promise<void> {
  const running = server;
  server = undefined;
  if (running === undefined) return;
  running.closeAllConnections();
  await new Promise((resolve) => running.close(resolve));
}

const ok = (result: unknown) => JSON.stringify({ ok: true, result });

it('asks by name with who, why and until when, without the headers of a browser, and reads the typed result', async () => {
  let asked: { url: string | undefined; headers: object; body: Record<string, unknown> } | undefined;
  await serve((request, response, body) => {
    asked = { url: request.url, headers: request.headers, body: JSON.parse(body) as Record<string, unknown> };
    response.end(ok(info));
  });
  expect(await client.call('agent.info', {}, options)).toEqual(info);
  expect(asked?.url).toBe('/v1/actions/agent.info');
  expect(asked?.body).toMatchObject({ protocol: 1, params: {}, actor: options.actor, requestId: 'r-1' });
  expect(Number(asked?.body['deadline']) - Date.now()).toBeLessThanOrEqual(2_000);
  expect(Object.keys(asked?.headers ?? {})).not.toContain('origin');
  expect(client.state).toBe('up');
});

it('an error of the agent keeps its code, reason, fields and facts', async () => {
  const error = {
    code: 'config_rejected',
    message: 'no',
    reason: 'nginx_rejected',
    params: { line: 3 },
    fields: [{ field: 'text', code: 'bad' }],
  };
  await serve((_request, response) => response.writeHead(422).end(JSON.stringify({ ok: false, error })));
  await expect(client.call('agent.info', {}, options)).rejects.toMatchObject({ ...error, isOutcomeKnown: true });
  expect(client.state).toBe('up');
});

it('no socket, and a socket nobody listens on: away, and surely nothing was done', async () => {
  await expect(client.call('agent.info', {}, options)).rejects.toMatchObject({
    code: 'agent_unavailable',
    reason: 'agent_not_running',
    isOutcomeKnown: true,
  });
  await serve((_request, response) => response.end(ok(info)));
  await client.call('agent.info', {}, options);
  expect(states).toEqual(['away', 'up']);
});

it('an agent that comes back within a moment is not noticed', async () => {
  const asking = client.call('agent.info', {}, options);
  setTimeout(() => void serve((_request, response) => response.end(ok(info))), 30);
  expect(await asking).toEqual(info);
  expect(states).toEqual([]);
});

it('an agent that ended while the connection was idle is asked again', async () => {
  await serve((_request, response) => response.end(ok(info)));
  await client.call('agent.info', {}, options);
  await stop();
  await serve((_request, response) => response.end(ok(info)));
  expect(await client.call('agent.info', {}, options)).toEqual(info);
});

it('a connection lost after the request was sent leaves the outcome open, and it is not sent twice', async () => {
  let count = 0;
  await serve((request) => {
    count += 1;
    request.socket.destroy();
  });
  await expect(client.call('agent.info', {}, options)).rejects.toMatchObject({
    code: 'agent_unavailable',
    reason: 'agent_connection_lost',
    isOutcomeKnown: false,
  });
  expect(count).toBe(1);
});

it('silence ends as a timeout', async () => {
  await serve(() => undefined);
  const asking = client.call('agent.info', {}, { ...options, timeoutMs: 50 });
  await expect(asking).rejects.toMatchObject({ code: 'timeout', isOutcomeKnown: false });
});

it.each([
  ['no JSON', 'oops'],
  ['another envelope', '{"fine":true}'],
  ['another result', ok({ protocol: 'one' })],
  ['an endless result', 'x'.repeat(200_000)],
])('%s is an error of ours, and none of it reaches the client', async (_name, text) => {
  await serve((_request, response) => response.end(text));
  await expect(client.call('agent.info', {}, options)).rejects.toMatchObject({
    code: 'internal',
    reason: 'agent_answer_invalid',
    isOutcomeKnown: false,
  });
});

it('nothing is asked while nobody asks', async () => {
  let connections = 0;
  await serve((_request, response) => response.end(ok(info)));
  server?.on('connection', () => (connections += 1));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(connections).toBe(0);
});
