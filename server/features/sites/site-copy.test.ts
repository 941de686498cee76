import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';
import { countSites, createTestSite, readHistory, readSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
const ends = ['succeeded', 'failed', 'cancelled'];

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ copyMs: 200, isNginxInstalled: true }) });
  owner = await (await test.signIn()).elevate();
});
afterAll(() => test.close());

const ask = (client: TestClient, id: string, body: object) => client.post(`/api/v1/sites/${id}/copies`, body);

async function copied(client: TestClient, id: string, body: object): Promise<Job> {
  const answer = await ask(client, id, body);
  expect(answer.json).toMatchObject({ kind: 'sites.copy' });
  expect(answer.status).toBe(202);
  return untilJob(client, (answer.json as Job).id, ends);
}

async function siteNamed(slug: string): Promise<Site> {
  const { items } = (await owner.get(`/api/v1/sites?search=${slug}&pageSize=200`)).json as { items: Site[] };
  const found = items.find((each) => each.slug === slug);
  if (found === undefined) throw new Error(`no site ${slug}`);
  return readSite(owner, found.id);
}

it('PERM-1 only who may make sites and change this one copies it; a site of others is not there', async () => {
  const { site } = await createTestSite(owner, ['guarded.test']);
  const body = { domains: ['stolen.test'] };
  const before = await countSites(owner);
  expect((await ask(test.anonymous, site.id, body)).status).toBe(401);
  for (const role of ['viewer', 'site_manager'])
    expect((await ask(await test.signIn(role, { siteIds: [site.id] }), site.id, body)).json).toMatchObject({
      code: 'not_allowed',
    });
  const roleOf = async (permissions: string[]): Promise<TestClient> => {
    const made = await owner.post('/api/v1/roles', { name: permissions.join(' '), permissions, siteScope: 'assigned' });
    expect(made.status).toBe(201);
    return test.signIn((made.json as { id: string }).id, { siteIds: [site.id] });
  };
  const maker = await roleOf(['sites.read', 'sites.create']);
  expect((await ask(maker, site.id, body)).json).toMatchObject({ code: 'not_allowed' });
  const both = await roleOf(['sites.read', 'sites.create', 'sites.write', 'jobs.read']);
  const other = (await createTestSite(owner, ['of-others.test'])).site;
  expect((await ask(both, other.id, body)).status).toBe(404);
  expect(await countSites(owner)).toBe(before + 1);
  // Who sees only assigned sites sees the one they have just made.
  expect((await copied(both, site.id, { domains: ['mine.test'] })).state).toBe('succeeded');
  const mine = await siteNamed('mine.test');
  expect((await both.get(`/api/v1/sites/${mine.id}`)).status).toBe(200);
});

it('a copy has all settings under its own names; the certificate, a fixed port and secrets stay', async () => {
  const { site } = await createTestSite(owner, ['app.test', 'www.app.test'], {
    kind: 'app',
    app: {
      program: 'node',
      arguments: ['server.js'],
      listen: { kind: 'port', port: 4_321 },
      environment: [
        { name: 'PLAIN', value: 'x' },
        { name: 'TOKEN', secret: 'very-secret-value' },
      ],
    },
    category: 'shops',
  });
  const changed = await owner.patch(`/api/v1/sites/${site.id}`, {
    behaviour: { mainHost: { host: 'www.app.test' }, redirects: [{ match: 'exact', path: '/old', target: '/new' }] },
    sftp: {
      keys: [
        {
          name: 'laptop',
          key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN',
        },
      ],
    },
  });
  expect([changed.status, changed.json]).toEqual([200, expect.anything()]);
  const job = await copied(owner, site.id, { domains: ['copy.test', 'www.copy.test'], name: 'The copy' });
  expect([job.state, job.failure]).toEqual(['succeeded', null]);
  const copy = await siteNamed('copy.test');
  const source = await readSite(owner, site.id);
  expect(copy).toMatchObject({
    name: 'The copy',
    category: 'shops',
    kind: 'app',
    state: 'active',
    root: '/www/wwwroot/copy.test',
    tls: null,
    sftp: { keys: [] },
    behaviour: { ...source.behaviour, mainHost: null },
    app: { ...source.app, listen: { kind: 'port', port: null }, environment: [{ name: 'PLAIN', value: 'x' }] },
  });
  expect((await readHistory(owner, copy.id)).map(({ action, outcome }) => [action, outcome])).toEqual([
    ['create', 'done'],
  ]);
  // Secrets only for who asks, and confirms.
  const plain = await test.signIn();
  const wanted = { domains: ['secret.test'], withSecrets: true };
  expect((await ask(plain, site.id, wanted)).json).toMatchObject({ code: 'elevation_required' });
  const answer = await ask(owner, site.id, wanted);
  expect(answer.text).not.toContain('very-secret-value');
  expect((await untilJob(owner, (answer.json as Job).id, ends)).state).toBe('succeeded');
  expect((await siteNamed('secret.test')).app?.environment).toEqual(source.app?.environment);
});

it('directives of their own come along only when asked for, with the permission for them', async () => {
  const { site } = await createTestSite(owner, ['direct.test']);
  const text = 'add_header X-Mine yes;\n';
  expect((await owner.put(`/api/v1/sites/${site.id}/custom-directives`, { text })).status).toBe(200);
  expect((await copied(owner, site.id, { domains: ['plain-copy.test'] })).state).toBe('succeeded');
  expect((await siteNamed('plain-copy.test')).customDirectives).toBe('');
  expect((await copied(owner, site.id, { domains: ['full-copy.test'], withDirectives: true })).state).toBe('succeeded');
  expect((await siteNamed('full-copy.test')).customDirectives).toBe(text);
});

it('what is wrong is said by its field at once, and a copy that fails or is cancelled leaves no site', async () => {
  const { site } = await createTestSite(owner, ['origin.test']);
  const before = await countSites(owner);
  expect((await ask(owner, site.id, { domains: ['origin.test'] })).json).toMatchObject({
    reason: 'domain_taken',
    fields: [{ field: 'domains.0' }],
  });
  expect((await ask(owner, site.id, { domains: ['a b'] })).status).toBe(400);
  expect((await ask(owner, site.id, { domains: [] })).status).toBe(400);
  const full = await copied(owner, site.id, { domains: ['full-disk.test'] });
  expect([full.state, full.failure?.reason]).toEqual(['failed', 'disk_full']);
  const refused = await copied(owner, site.id, { domains: ['fail-nginx.test'] });
  expect([refused.state, refused.failure?.reason]).toEqual(['failed', 'nginx_rejected']);
  expect(refused.steps.map(({ state }) => state)).toEqual(['compensated', 'failed']);
  const job = (await ask(owner, site.id, { domains: ['cancelled.test'] })).json as Job;
  expect((await owner.post(`/api/v1/jobs/${job.id}/cancel`)).status).toBe(202);
  expect((await untilJob(owner, job.id, ends)).state).toBe('cancelled');
  // The name was taken while files were copied.
  const late = (await ask(owner, site.id, { domains: ['late.test'] })).json as Job;
  await createTestSite(owner, ['late.test']);
  const lost = await untilJob(owner, late.id, ends);
  expect([lost.state, lost.failure?.reason]).toEqual(['failed', 'domain_taken']);
  expect(await countSites(owner)).toBe(before + 1);
  // An answer that was lost: the site is there, once.
  expect((await copied(owner, site.id, { domains: ['lost-agent.test'] })).state).toBe('succeeded');
  expect((await siteNamed('lost-agent.test')).state).toBe('active');
});
