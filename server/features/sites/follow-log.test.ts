import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { listen, readStream } from '../jobs/testing.ts';
import { createTestSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
let port: number;

beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn();
  port = await listen(test);
});
afterAll(() => test.close());

type Chunk = { lines: string[]; cursor: string };

it('a log is followed live, each line once, and on from where the browser was', async () => {
  const { site } = await createTestSite(owner, ['follow.test']);
  const path = `/api/v1/sites/${site.id}/logs/access/stream`;
  const linesOf = (events: readonly { data: unknown }[]) => events.flatMap(({ data }) => (data as Chunk).lines);
  const events = await readStream(port, path, owner, (seen) => linesOf(seen).length >= 2);
  const lines = linesOf(events);
  expect(new Set(lines).size).toBe(lines.length);
  expect(events.every(({ event, id, data }) => event === 'log' && id === (data as Chunk).cursor)).toBe(true);
  const lastEventId = events.at(-1)?.id ?? '';
  const more = await readStream(port, path, owner, (seen) => linesOf(seen).length >= 1, { lastEventId });
  expect(lines).not.toContain(linesOf(more)[0]);
});

it('strangers get no stream, and a site that is not there is a plain error before one opens', async () => {
  const address = `http://127.0.0.1:${port}/api/v1/sites/aaaaaaaaaaaaaaaa/logs/access/stream`;
  expect((await fetch(address)).status).toBe(401);
  const headers = { cookie: owner.cookie ?? '' };
  expect((await fetch(address, { headers })).status).toBe(404);
});
