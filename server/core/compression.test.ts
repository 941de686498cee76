import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Operation } from '#shared/http.ts';
import type { Feature } from '../app.ts';
import { makeTestApp, type TestApp } from '../testing.ts';
import { route } from './route.ts';

const long = {
  id: 'readLong',
  method: 'GET',
  path: '/api/v1/test-long',
  access: 'public',
  summary: 'test',
  query: z.object({ length: z.coerce.number().int() }),
  response: z.object({ text: z.string() }),
} as const satisfies Operation;

const feature: Feature = (app) => route(app, long, ({ query }) => Promise.resolve({ text: 'ن'.repeat(query.length) }));

let test: TestApp;
beforeAll(async () => {
  test = await makeTestApp({ features: [feature] });
});
afterAll(async () => await test.close());

async function read(length: number, encoding?: string) {
  return await test.app.inject({
    url: `/api/v1/test-long?length=${length}`,
    headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
  });
}

it('a long answer is compressed for those who can read that, and is the same text', async () => {
  const answer = await read(20_000, 'gzip, deflate, br');
  expect(answer.headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: expect.stringContaining('accept-encoding'),
  });
  expect(answer.rawPayload.length).toBeLessThan(1_000);
  expect(JSON.parse(gunzipSync(answer.rawPayload).toString('utf8'))).toEqual({ text: 'ن'.repeat(20_000) });
});

it('a short answer, and one for somebody who names no encoding, stay as they are', async () => {
  for (const answer of [await read(10, 'gzip'), await read(20_000), await read(20_000, 'br')]) {
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.statusCode).toBe(200);
  }
});
