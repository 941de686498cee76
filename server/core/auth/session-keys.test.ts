import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createContext } from '../../context.ts';
import { buildApp } from '../../app.ts';
import { insertPerson } from './person-rows.ts';
import { testConfig } from '../../testing.ts';

const keys = { first: 'b7c1f6e2a9d84035', second: '5fd0a3c8e1b29746', third: '90e4b1d7c6a2f835' } as const;
const keyOf = (name: keyof typeof keys) => `${keys[name]}${keys[name].toUpperCase()}zQ`;
let folder: string;
let cookie: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-test-'));
  cookie = await run(keyOf('first'), [], async (ctx) => {
    const person = { name: 'owner', displayName: '', role: 'owner', at: Date.now() } as const;
    const id = (await insertPerson(ctx.db, person)) ?? '';
    const { token } = await ctx.sessions.create(id, { address: '', userAgent: '' });
    return `aapanel_dev=${token}`;
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One life of the panel on the same data folder. */
async function run<T>(
  secretKey: string,
  previous: string[],
  use: (ctx: Awaited<ReturnType<typeof createContext>>) => Promise<T>,
): Promise<T> {
  const env = { SECRET_KEY: secretKey, PREVIOUS_SECRET_KEYS: previous.join(','), LOG_LEVEL: 'ERROR' };
  const ctx = await createContext(testConfig(folder, { env }));
  try {
    return await use(ctx);
  } finally {
    await ctx.close();
  }
}

/** Status of a request with the first cookie. */
function statusWith(secretKey: string, previous: string[] = []): Promise<number> {
  return run(secretKey, previous, async (ctx) => {
    const app = await buildApp(ctx);
    const answer = await app.inject({ url: '/api/v1/me', headers: { cookie, host: 'other-host.test' } });
    await app.close();
    return answer.statusCode;
  });
}

it('P1.2-4 a session survives a restart under another host name and dies with a new SECRET_KEY', async () => {
  expect(await statusWith(keyOf('first'))).toBe(200);
  expect(await statusWith(keyOf('second'))).toBe(401);
  expect(await statusWith(keyOf('first'))).toBe(200);
});

it('P1.2-8 a rotated key keeps old sessions, which then hang on the new key', async () => {
  expect(await statusWith(keyOf('second'), [keyOf('first')])).toBe(200);
  // Re-wrapped: the second key alone is enough now, the first one no longer is.
  expect(await statusWith(keyOf('second'))).toBe(200);
  expect(await statusWith(keyOf('first'))).toBe(401);
  expect(await statusWith(keyOf('third'), [keyOf('first')])).toBe(401);
});
