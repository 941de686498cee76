import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsApi } from '#shared/events.ts';
import { features, type Feature } from '../app.ts';
import { makeTestApp, type TestApp } from '../testing.ts';
import { route } from './route.ts';
import { openStream, type EventStream } from './sse.ts';

const operation = { ...eventsApi.stream, id: 'testStream', path: '/api/v1/test-stream' } as const;
let test: TestApp;
let port: number;
let opened: EventStream[] = [];

const streams: Feature = (app) =>
  route(app, operation, async (args) => {
    opened.push(openStream(args));
  });

beforeAll(async () => {
  test = await makeTestApp({ features: [...features, streams] });
  await test.app.listen({ host: '127.0.0.1', port: 0 });
  port = (test.app.server.address() as AddressInfo).port;
});
afterAll(() => test.close());

/** A real connection: what came so far, and whether it has ended. */
async function connect(cookie: string | undefined, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: operation.path,
        headers: { ...(cookie === undefined ? {} : { cookie }), ...headers },
      },
      resolve,
    );
    request.on('error', reject);
    request.end();
  });
  let text = '';
  let isOver = false;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  response.on('close', () => {
    isOver = true;
  });
  return {
    response,
    text: () => text,
    isOver: () => isOver,
    stream: opened.at(-1),
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  const endsAt = Date.now() + 3_000;
  while (!isTrue()) {
    if (Date.now() > endsAt) throw new Error('it did not happen within 3 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('sends events as one line each, with the id the browser sends back', async () => {
  const client = await test.signIn();
  const reader = await connect(client.cookie, { 'last-event-id': '41' });
  expect(reader.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  expect(reader.stream?.lastEventId).toBe('41');
  expect(reader.stream?.send({ event: 'job', id: '42\nevil: 1', data: { text: 'سطر\nآخر' } })).toBe(true);
  await until(() => reader.text().includes('data:'));
  expect(reader.text()).toBe('retry: 2000\n\nevent: job\nid: 42evil: 1\ndata: {"text":"سطر\\nآخر"}\n\n');
  reader.response.destroy();
  await until(() => reader.stream?.signal.aborted === true);
  expect(reader.stream?.send({ data: 1 })).toBe(false);
});

it('WEB-4 a stranger and a foreign page get no stream', async () => {
  const client = await test.signIn();
  opened = [];
  expect((await connect(undefined)).response.statusCode).toBe(401);
  expect((await connect(client.cookie, { origin: 'http://evil.test' })).response.statusCode).toBe(403);
  expect((await connect(client.cookie, { 'sec-fetch-site': 'cross-site' })).response.statusCode).toBe(403);
  expect(opened).toEqual([]);
});

it('PERM-6 signing out ends the open streams of that session at once, and of no other', async () => {
  const client = await test.signIn();
  const other = await test.signIn();
  const [mine, another] = [await connect(client.cookie), await connect(other.cookie)];
  await client.post('/api/v1/sign-out');
  await until(mine.isOver);
  expect(another.isOver()).toBe(false);
  another.response.destroy();
});

it('USER-4 disabling a person ends their streams within a second', async () => {
  const client = await test.signIn('viewer');
  const reader = await connect(client.cookie);
  const startedAt = performance.now();
  await test.ctx.sessions.endAllOf(client.personId ?? '');
  await until(reader.isOver);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

it('a reader that does not read is cut off instead of filling the memory', async () => {
  const client = await test.signIn();
  const reader = await connect(client.cookie);
  reader.response.pause();
  const piece = 'x'.repeat(64 * 1024);
  let sent = 0;
  while (reader.stream?.send({ data: piece }) === true && sent < 1_000) {
    sent += 1;
    if (sent % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(sent).toBeGreaterThan(10);
  expect(sent).toBeLessThan(1_000);
  expect(reader.stream?.isOpen).toBe(false);
});

it('a producer can wait until what it sent has left', async () => {
  const client = await test.signIn();
  const reader = await connect(client.cookie);
  const piece = 'x'.repeat(256 * 1024);
  for (let index = 0; index < 40; index += 1) {
    expect(reader.stream?.send({ data: piece })).toBe(true);
    await reader.stream?.drained();
  }
  await until(() => reader.text().length > 40 * piece.length);
  reader.response.destroy();
});

it('one session opens at most 32 streams', async () => {
  const client = await test.signIn();
  const readers = [];
  for (let index = 0; index < 32; index += 1) readers.push(await connect(client.cookie));
  expect((await connect(client.cookie)).response.statusCode).toBe(429);
  readers[0]?.response.destroy();
  await until(() => opened.filter(({ isOpen }) => isOpen).length < 32 + 1);
  for (const reader of readers) reader.response.destroy();
});

it('P1.4-3 a shutdown ends every stream', async () => {
  const client = await test.signIn();
  const reader = await connect(client.cookie);
  test.ctx.health.drain();
  await until(reader.isOver);
  const refused = await connect(client.cookie);
  expect(refused.response.statusCode).toBe(423);
});
