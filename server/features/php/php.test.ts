import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { hasRoomApart, newSitePhp } from '../sites/site-php.ts';
import { countApart } from '../sites/sites.store.ts';
import { createTestSite, countSites, readHistory, readSite } from '../sites/testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
const sites = '/api/v1/sites';

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ installStepMs: 20, isNginxInstalled: true }) });
  owner = await (await test.signIn()).elevate();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const phpOf = (site: Site): NonNullable<Site['php']> => {
  if (site.php === null) throw new Error('not a PHP site');
  return site.php;
};

it('the installed versions are listed, newest first; a stranger gets 401', async () => {
  expect((await test.anonymous.get('/api/v1/php/versions')).status).toBe(401);
  expect((await viewer.get('/api/v1/php/versions')).json).toEqual({
    items: [
      { version: '8.4', isInstalled: true, isRunning: true, sites: 0 },
      { version: '8.2', isInstalled: true, isRunning: true, sites: 0 },
    ],
  });
});

describe('a PHP site', () => {
  it('is made with a version, and everything else has a value', async () => {
    const { site } = await createTestSite(owner, ['php.test'], { kind: 'php', php: { version: '8.2' } });
    expect(site).toMatchObject({
      kind: 'php',
      php: { version: '8.2', ini: { memoryLimitMb: 256 }, pool: { manager: 'ondemand' }, isOpcacheOn: true },
    });
    expect((await owner.get(`${sites}?kind=php`)).json).toMatchObject({ items: [{ id: site.id }] });
  });

  it.each([
    ['without a version', { kind: 'php' }, { fields: [{ field: 'php.version', code: 'required' }] }],
    [
      'with a strange version',
      { kind: 'php', php: { version: '8.2/../x' } },
      { fields: [{ field: 'php.version', code: 'php_version_invalid' }] },
    ],
    [
      'of another kind with PHP',
      { kind: 'static', php: { version: '8.2' } },
      { fields: [{ field: 'php', code: 'php_not_for_kind' }] },
    ],
    [
      'with a version that is not installed',
      { kind: 'php', php: { version: '7.4' } },
      { reason: 'php_version_missing' },
    ],
  ])('%s is refused, and nothing is made', async (_, body, refusal) => {
    const before = await countSites(owner);
    expect((await owner.post(sites, { domains: ['refused-php.test'], ...body })).json).toMatchObject(refusal);
    expect(await countSites(owner)).toBe(before);
  });

  it('SITE-2 has a process of its own where nothing else is said and the memory is there, and keeps it when PHP changes', async () => {
    const make = async (host: string, php: object): Promise<Site> =>
      (await createTestSite(owner, [host], { kind: 'php', php: { version: '8.2', ...php } })).site;
    const { db, config } = test.ctx;
    const before = await countApart(db);
    const own = await make('own-process.test', {});
    const told = await make('told-process.test', { isApart: false });
    expect([own, told].map((site) => phpOf(site).isApart)).toEqual([true, false]);
    expect(await countApart(db)).toBe(before + 1);
    await owner.patch(`${sites}/${own.id}`, { php: { version: '8.4' } });
    expect(phpOf(await readSite(owner, own.id))).toMatchObject({ version: '8.4', isApart: true });
    await owner.patch(`${sites}/${own.id}`, { php: { version: '8.2', isApart: false }, remark: '"isApart":true' });
    expect(phpOf(await readSite(owner, own.id)).isApart).toBe(false);
    expect(await countApart(db)).toBe(before);
    const never = { db, config: { ...config, phpApartPercent: 0 } };
    expect(await newSitePhp(never, { version: '8.2' })).toMatchObject({ isApart: false });
    expect(await newSitePhp(never, { version: '8.2', isApart: true })).toMatchObject({ isApart: true });
  });

  it.each([
    [0, 25, 1024, true],
    [20, 25, 1024, true],
    [21, 25, 1024, false],
    [5_000, 100, 8_192, false],
    [0, 0, 65_536, false],
    [0, 1, 512, false],
  ])('%i sites with processes of their own and %i %% of %i MB: one more is %s', (present, percent, mb, isFree) => {
    expect(hasRoomApart(present, percent, mb * 1024 * 1024)).toBe(isFree);
  });

  it('another version is a line in the history, and undo brings the old one back', async () => {
    const { site } = await createTestSite(owner, ['switch-php.test'], { kind: 'php', php: { version: '8.2' } });
    const changed = await owner.patch(`${sites}/${site.id}`, { php: { ...phpOf(site), version: '8.4' } });
    expect(changed.json).toMatchObject({ site: { php: { version: '8.4' } } });
    const [change] = await readHistory(owner, site.id);
    expect(change).toMatchObject({ action: 'update', fields: ['php'], isUndoable: true });
    expect((await owner.post(`/api/v1/site-changes/${change?.id}/undo`, {})).status).toBe(200);
    expect((await readSite(owner, site.id)).php?.version).toBe('8.2');
  });

  it('a change of something else leaves its settings as they are', async () => {
    const { site } = await createTestSite(owner, ['keeps-php.test'], { kind: 'php', php: { version: '8.2' } });
    const php = { ...phpOf(site), ini: { ...phpOf(site).ini, memoryLimitMb: 777 } };
    await owner.patch(`${sites}/${site.id}`, { php, behaviour: { index: ['home.php'] } });
    await owner.patch(`${sites}/${site.id}`, { remark: 'only a remark' });
    const seen = await readSite(owner, site.id);
    expect(seen.php?.ini.memoryLimitMb).toBe(777);
    expect(seen.behaviour.index).toEqual(['home.php']);
    expect((await readHistory(owner, site.id))[0]?.fields).toEqual(['remark']);
  });

  it('a site of another kind takes no PHP settings', async () => {
    const { site } = await createTestSite(owner, ['static-php.test']);
    const answer = await owner.patch(`${sites}/${site.id}`, { php: { version: '8.2' } });
    expect(answer.json).toMatchObject({ fields: [{ field: 'php', code: 'php_not_for_kind' }] });
  });
});

describe('the processes of a site', () => {
  it('are shown to who may see the site, and restarted by who may change it', async () => {
    const { site } = await createTestSite(owner, ['pool-php.test'], { kind: 'php', php: { version: '8.2' } });
    const path = `${sites}/${site.id}/php`;
    expect((await test.anonymous.get(path)).status).toBe(401);
    expect((await viewer.get(path)).json).toMatchObject({ pool: { active: 1, queue: 0 } });
    expect((await viewer.post(`${path}/restart`, {})).status).toBe(403);
    expect((await owner.post(`${path}/restart`, {})).json).toEqual({ ended: 3 });
  });

  it('of a site of another kind are nowhere', async () => {
    const { site } = await createTestSite(owner, ['no-pool.test']);
    expect((await owner.get(`${sites}/${site.id}/php`)).json).toMatchObject({ code: 'not_found' });
    expect((await owner.get(`${sites}/aaaaaaaaaaaaaaaa/php`)).status).toBe(404);
  });
});

describe('versions as software', () => {
  const ended = async (job: unknown): Promise<Job> => {
    const { id } = job as Job;
    for (;;) {
      const now = (await owner.get(`/api/v1/jobs/${id}`)).json as Job;
      if (now.endedAt !== null) return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const versions = async () =>
    ((await owner.get('/api/v1/php/versions')).json as { items: { version: string; isInstalled: boolean }[] }).items;

  it.each(['install', 'remove'])('%s: a stranger gets 401, a viewer 403, and no job is made', async (what) => {
    const path = `/api/v1/software/php8.4/${what}`;
    expect((await test.anonymous.post(path, {})).status).toBe(401);
    expect((await viewer.post(path, {})).status).toBe(403);
  });

  it('one that a site needs is not removed, and the job names the site', async () => {
    await createTestSite(owner, ['needs-php.test'], { kind: 'php', php: { version: '8.2' } });
    const answer = await owner.post('/api/v1/software/php8.2/remove', {});
    expect(answer.status).toBe(202);
    expect(await ended(answer.json)).toMatchObject({
      state: 'failed',
      failure: { reason: 'software_in_use', params: { name: 'php8.2' } },
    });
    expect(await versions()).toContainEqual(expect.objectContaining({ version: '8.2', isInstalled: true }));
  });

  it('one that nothing needs goes and comes back, as jobs with a log', async () => {
    const removed = await owner.post('/api/v1/software/php8.4/remove', {});
    expect(await ended(removed.json)).toMatchObject({ kind: 'software.remove', state: 'succeeded' });
    expect(await versions()).toContainEqual(expect.objectContaining({ version: '8.4', isInstalled: false }));
    const installed = await owner.post('/api/v1/software/php8.4/install', {});
    expect(await ended(installed.json)).toMatchObject({ state: 'succeeded', subject: { software: 'php8.4' } });
    expect(await versions()).toContainEqual(expect.objectContaining({ version: '8.4', isInstalled: true }));
  });

  it('extensions of a version are listed, come and go as jobs, also while sites use the version', async () => {
    const path = '/api/v1/php/versions/8.2/extensions';
    const has = async (name: string) =>
      ((await owner.get(path)).json as { items: { name: string; isInstalled: boolean }[] }).items.find(
        (each) => each.name === name,
      )?.isInstalled;
    expect((await test.anonymous.get(path)).status).toBe(401);
    expect(await has('redis')).toBe(false);
    expect((await viewer.post('/api/v1/software/php8.2-redis/install', {})).status).toBe(403);
    const installed = await owner.post('/api/v1/software/php8.2-redis/install', {});
    expect(await ended(installed.json)).toMatchObject({ state: 'succeeded', subject: { software: 'php8.2-redis' } });
    expect(await has('redis')).toBe(true);
    const removed = await owner.post('/api/v1/software/php8.2-redis/remove', {});
    expect(await ended(removed.json)).toMatchObject({ kind: 'software.remove', state: 'succeeded' });
    expect(await has('redis')).toBe(false);
  });

  it('extensions of a version that is not there are refused by name, and others are on no list', async () => {
    expect((await owner.get('/api/v1/php/versions/8.5/extensions')).json).toMatchObject({
      reason: 'php_version_missing',
      params: { version: '8.5' },
    });
    expect((await owner.get('/api/v1/php/versions/..%2f8.2/extensions')).status).toBe(404);
    for (const name of ['php8.2-fpm', 'php8.2-redis-tools', 'php8.2-redis:i386', 'php9.9-redis', 'php8.2-redis%0a-y'])
      expect((await owner.post(`/api/v1/software/${name}/install`, {})).status).toBe(404);
  });

  it('the web server is not removed, and neither is anything that is not on the list', async () => {
    for (const name of ['nginx', 'php7.4', 'openssh-server'])
      expect((await owner.post(`/api/v1/software/${name}/remove`, {})).status).toBe(404);
  });
});
