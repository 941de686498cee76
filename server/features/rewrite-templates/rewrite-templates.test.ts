import { afterAll, beforeAll, expect, it } from 'vitest';
import { mostRewriteTemplates, type RewriteTemplate } from '#shared/rewrite-templates.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { putStored } from '../settings/settings.logic.ts';

const path = '/api/v1/rewrite-templates';
const rule = { path: '^/item/(\\d+)$', target: '/show.php?id=$1', isOnlyMissing: true, isEnabled: true };

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn('owner');
});
afterAll(() => test.close());

const list = async (client = owner): Promise<RewriteTemplate[]> =>
  ((await client.get(path)).json as { items: RewriteTemplate[] }).items;

it('DOM-1 rules are kept under a name, replaced under it, put into another site, and forgotten', async () => {
  const first = await owner.post(path, { name: 'Shop', rules: [rule] });
  expect(first.status).toBe(200);
  const second = await owner.post(path, { name: 'Shop', rules: [{ ...rule, isEnabled: false }] });
  expect(await list()).toEqual([second.json]);
  const [template] = await list();
  expect(template).toMatchObject({ id: (first.json as RewriteTemplate).id, rules: [{ isEnabled: false }] });
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['templates.test'] });
  const { site } = made.json as { site: { id: string; behaviour: object } };
  const behaviour = { ...site.behaviour, rewrites: { preset: 'none', rules: template?.rules } };
  const changed = await owner.patch(`/api/v1/sites/${site.id}`, { behaviour });
  expect(changed.json).toMatchObject({ site: { behaviour: { rewrites: { rules: template?.rules } } } });
  expect((await owner.delete(`${path}/${template?.id}`)).status).toBe(204);
  expect(await list()).toEqual([]);
  expect((await owner.delete(`${path}/${template?.id}`)).status).toBe(404);
  expect((await owner.get(`/api/v1/sites/${site.id}`)).json).toMatchObject({
    behaviour: { rewrites: { rules: [{ path: rule.path }] } },
  });
});

it('what is no rule is kept under no name', async () => {
  for (const rules of [
    [],
    [{ ...rule, target: 'https://evil.example/' }],
    [{ ...rule, path: '^/a/(.*)$', target: '/b/$1' }],
    [{ ...rule, path: '^/\r\nx' }],
  ])
    expect((await owner.post(path, { name: 'Bad', rules })).status, JSON.stringify(rules)).toBe(400);
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(61)])
    expect((await owner.post(path, { name, rules: [rule] })).status, name).toBe(400);
  expect(await list()).toEqual([]);
});

it('a viewer keeps nothing; who works at some sites sees only what is theirs', async () => {
  expect((await test.anonymous.get(path)).status).toBe(401);
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(path, { name: 'Mine', rules: [rule] })).status).toBe(403);
  await owner.post(path, { name: 'Shop', rules: [rule] });
  const [template] = await list();
  const role = { name: 'some sites', permissions: ['sites.read', 'sites.write'], siteScope: 'assigned' };
  const made = await (await owner.elevate()).post('/api/v1/roles', role);
  const assigned = await test.signIn((made.json as { id: string }).id, { siteIds: [] });
  expect(await list(assigned)).toEqual([]);
  expect((await assigned.delete(`${path}/${template?.id}`)).status).toBe(404);
  // The same name of two people is two templates.
  const own = await assigned.post(path, { name: 'Shop', rules: [rule] });
  expect(await list(assigned)).toEqual([own.json]);
  expect(await list()).toHaveLength(2);
});

it('there are never more than may be, and what today’s rules would refuse is not offered', async () => {
  const one = { name: 'n', rules: [rule], ownerId: 'somebody', updatedAt: '2026-01-01T00:00:00.000Z' };
  const all = Array.from({ length: mostRewriteTemplates }, (_, index) => ({
    ...one,
    id: `aaaaaaaaaaaaaa${'abcdefghijklmnopqrstuvwxyz'[Math.floor(index / 26)]}${'abcdefghijklmnopqrstuvwxyz'[index % 26]}`,
  }));
  await putStored(test.ctx, 'rewrite_templates', all);
  const full = await owner.post(path, { name: 'One more', rules: [rule] });
  expect(full.json).toMatchObject({ reason: 'rewrite_templates_full', params: { max: mostRewriteTemplates } });
  await putStored(test.ctx, 'rewrite_templates', [{ ...all[0], rules: [{ ...rule, target: '//evil.example' }] }]);
  expect(await list()).toEqual([]);
});
