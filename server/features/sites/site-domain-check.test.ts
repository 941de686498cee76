import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp } from '../../testing.ts';
import { markerIn, namesToCheck } from './site-domain-check.ts';
import { createTestSite } from './testing.ts';

let test: TestApp;
beforeAll(async () => {
  test = await makeTestApp();
});
afterAll(() => test.close());

it('a site’s names are looked at by whoever sees it, ten times a minute; each host once', async () => {
  const owner = await test.signIn();
  const { site } = await createTestSite(owner, ['shop.test', 'shop.test:8080', '*.shop.test']);
  const path = `/api/v1/sites/${site.id}/domain-check`;
  expect((await test.anonymous.post(path)).status).toBe(401);
  expect((await (await test.signIn('site_manager', { siteIds: [] })).post(path)).status).toBe(404);
  const found = await owner.post(path);
  expect([found.status, found.json]).toMatchObject([
    200,
    {
      leftOut: 0,
      names: [
        { host: 'shop.test', state: 'unasked', addresses: [] },
        { host: '*.shop.test', state: 'unasked', addresses: [] },
      ],
    },
  ]);
  for (let count = 0; count < 9; count++) expect((await owner.post(path)).status).toBe(200);
  expect((await owner.post(path)).status).toBe(429);
  expect(
    namesToCheck({
      domains: [
        { host: 'a', port: 8_080 },
        { host: 'b', port: 443 },
        { host: 'a', port: 80 },
      ],
    }),
  ).toEqual([
    { host: 'a', isOfWeb: true },
    { host: 'b', isOfWeb: true },
  ]);
  expect(namesToCheck({ domains: [{ host: 'a', port: 8_080 }] })).toEqual([{ host: 'a', isOfWeb: false }]);
});

it('a site is known by what the agent writes into its text', () => {
  const text = readFileSync(new URL('../../../agent/nginx/testdata/tls-forced.golden.conf', import.meta.url), 'utf8');
  expect(markerIn(text)).toMatch(/^[0-9a-f]{32}$/);
  expect(text).toContain(`return 200 "${markerIn(text)}";`);
  expect(markerIn('server { return 204; }')).toBeUndefined();
});
