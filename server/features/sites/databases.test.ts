import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasMariadb, hasPostgres, startMariadb, startPostgres, type DatabaseServer } from '../../../test/databases.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import type { Job } from '#shared/jobs.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { countSites, createTestSite, readHistory, readSite } from './testing.ts';

/* One body on every database: sites, their history and jobs. Where a server is missing it says so: skipped. */

const password = 'S3cret-of-this-test';
const engines = [
  { name: 'sqlite', isHere: true, start: () => Promise.resolve(undefined) },
  { name: 'mysql', isHere: hasMariadb, start: () => startMariadb({ port: 15_281, password }) },
  { name: 'postgresql', isHere: hasPostgres, start: () => startPostgres({ port: 15_282, password }) },
];

describe.each(engines)('sites and jobs on $name', ({ isHere, start }) => {
  let server: DatabaseServer | undefined;
  let test: TestApp | undefined;
  let owner: TestClient;

  beforeAll(async () => {
    if (!isHere) return;
    server = await start();
    const env = server === undefined ? {} : { DATABASE_TYPE: server.engine, DATABASE_URL: urlOf(server) };
    test = await makeTestApp({ env, agentClient: createFakeAgent({ installStepMs: 20 }) });
    owner = await (await test.signIn()).elevate();
  }, 60_000);
  afterAll(async () => {
    await test?.close();
    await server?.stop();
  });

  it.skipIf(!isHere)('a site is made, changed, found, refused, taken back, deleted and brought back', async () => {
    const { site } = await createTestSite(owner, ['one.test', 'متجر.test'], { name: 'Über Shop', category: 'b' });
    const changed = await owner.patch(`/api/v1/sites/${site.id}`, { domains: ['one.test', 'two.test'] });
    const { changeId } = changed.json as { changeId: string };
    const taken = await owner.post('/api/v1/sites', { kind: 'static', domains: ['two.test'] });
    expect(taken.json).toMatchObject({ reason: 'domain_taken', params: { domain: 'two.test', site: 'Über Shop' } });
    const rejected = await owner.patch(`/api/v1/sites/${site.id}`, { domains: ['fail-nginx.test'] });
    expect(rejected.status).toBe(422);
    expect((await owner.get('/api/v1/sites?search=%C3%BCber')).json).toMatchObject({ total: 1 });
    expect((await owner.get('/api/v1/sites?search=%25')).json).toMatchObject({ total: 0 });
    expect((await owner.get('/api/v1/site-categories')).json).toEqual({ items: [{ name: 'b', count: 1 }] });
    expect((await owner.post(`/api/v1/site-changes/${changeId}/undo`, {})).status).toBe(200);
    expect((await readSite(owner, site.id)).domains).toEqual(site.domains);
    const { confirm } = (await owner.get(`/api/v1/sites/${site.id}/removal`)).json as { confirm: string };
    const gone = await owner.post(`/api/v1/sites/${site.id}/removal`, { confirm, files: 'recycle' });
    expect(await countSites(owner)).toBe(0);
    const { changeId: removal } = gone.json as { changeId: string };
    expect((await owner.post(`/api/v1/site-changes/${removal}/undo`, {})).status).toBe(200);
    expect(await readSite(owner, site.id)).toMatchObject({ name: 'Über Shop', domains: site.domains });
    expect((await readHistory(owner, site.id)).map(({ action }) => action)).toEqual([
      'undo',
      'delete',
      'undo',
      'update',
      'update',
      'create',
    ]);
  });

  it.skipIf(!isHere)('five who want one name: one gets it, the others hear who has it, time after time', async () => {
    for (let round = 0; round < 6; round += 1) {
      const body = { kind: 'static', domains: [`race-${round}.test`] };
      const answers = await Promise.all(Array.from({ length: 5 }, () => owner.post('/api/v1/sites', body)));
      const refused = answers.filter(({ status }) => status !== 201).map(({ json }) => json);
      expect(refused).toEqual(Array(4).fill(expect.objectContaining({ reason: 'domain_taken' })));
    }
  });

  it.skipIf(!isHere)('a job runs to its end with its log', async () => {
    const { id } = (await owner.post('/api/v1/software/nginx/install')).json as Job;
    await expect
      .poll(async () => ((await owner.get(`/api/v1/jobs/${id}`)).json as Job).state, { timeout: 15_000 })
      .toBe('succeeded');
    const log = await test?.ctx.db.selectFrom('job_log').select('text').where('job_id', '=', id).execute();
    expect(log?.map(({ text }) => text)).toContain('Setting up nginx (1.26.3-3) ...');
  });
});

function urlOf({ engine, user, port, name }: DatabaseServer): string {
  return `${engine}://${user}:${password}@127.0.0.1:${port}/${name}`;
}
