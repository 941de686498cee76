import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { api } from '#shared/api.ts';
import type { Operation } from '#shared/http.ts';
import { generate } from '../scripts/generate/openapi.ts';
import { makeTestApp } from './testing.ts';

const root = join(import.meta.dirname, '..');

it('docs/openapi.json says what the code says (npm run generate)', async () => {
  for (const { path, content } of generate()) expect(await readFile(join(root, path), 'utf8')).toBe(content);
});

it('the description of the API is served and names every operation', async () => {
  const test = await makeTestApp();
  const served = await test.anonymous.get('/api/v1/openapi.json');
  const { openapi, paths } = served.json as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  expect(openapi).toBe('3.1.0');
  const described = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  const known = Object.values(api).flatMap((feature) => Object.values(feature as Record<string, Operation>));
  expect(described.toSorted()).toEqual(known.map(({ id }) => id).toSorted());
  expect(new Set(known.map(({ method, path }) => `${method} ${path}`)).size).toBe(known.length);
  await test.close();
});
