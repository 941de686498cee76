import { afterAll, beforeAll, expect, it } from 'vitest';
import { figureSorts, type SiteFigures } from '#shared/site-columns.ts';
import type { ListedSite } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { AgentCallError } from '../../core/agent-client.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { createTestSite } from './testing.ts';

const minute = 60_000;
const path = '/api/v1/sites';
const names = ['one.test', 'two.test', 'three.test', 'four.test', 'five.test', 'six.test', 'seven.test', 'eight.test'];
let test: TestApp;
let owner: TestClient;
const ids = new Map<string, string>();
let now = Date.now();
let asked = 0;
let isAway = false;
/** The agent's answer waits for this. */
let held: Promise<void> | undefined;

type List = {
  items: (ListedSite & { figures?: SiteFigures | null })[];
  measured: { at: string | null; isUnderWay: boolean } | null;
};
const list = async (query: string, client = owner) => (await client.get(`${path}?${query}`)).json as List;
/** Asks until nothing is measured any more. */
const settled = async (query: string, client = owner): Promise<List> => {
  await expect.poll(async () => (await list(query, client)).measured?.isUnderWay).toBe(false);
  return list(query, client);
};

beforeAll(async () => {
  const fake = createFakeAgent();
  const agentClient: typeof fake = {
    ...fake,
    async call(action, ...rest) {
      if (action === 'sites.figures') {
        asked += 1;
        if (isAway) throw new AgentCallError('agent_unavailable', 'away', { isOutcomeKnown: true });
        await held;
      }
      return fake.call(action, ...rest);
    },
  };
  test = await makeTestApp({ agentClient, clock: { now: () => now } });
  owner = await test.signIn();
  for (const name of names) ids.set(name, (await createTestSite(owner, [name])).site.id);
});
afterAll(() => test.close());

it('nothing is measured until somebody looks at figures, then once for all sites, behind the answer', async () => {
  expect((await list('sort=name')).measured).toBeNull();
  expect((await list('sort=name')).items[0]).not.toHaveProperty('figures');
  expect(asked).toBe(0);
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  const first = await list('figures=true');
  resolve();
  expect(first.measured).toEqual({ at: null, isUnderWay: true });
  expect(first.items.map(({ figures }) => figures)).toEqual(names.map(() => null));
  const { items, measured } = await settled('figures=true');
  expect(measured).toEqual({ at: new Date(now).toISOString(), isUnderWay: false });
  for (const { figures } of items) expect(figures).toMatchObject({ measuredAt: measured?.at, certificateEndsAt: null });
  expect(asked).toBe(1);
});

it('figures are measured anew when they are old or a site has changed, and never twice in a minute', async () => {
  now += minute + 1;
  expect((await list('figures=true')).measured?.isUnderWay).toBe(false);
  await owner.patch(`${path}/${ids.get('one.test') ?? ''}`, { remark: 'changed' });
  now += minute + 1;
  await settled('figures=true');
  expect(asked).toBe(2);
  now += 9 * minute;
  await settled('figures=true');
  expect(asked).toBe(2);
  now += 2 * minute;
  await settled('sort=bytes');
  expect(asked).toBe(3);
});

it('an agent that is away leaves what was measured before, with its moment, and is asked again later', async () => {
  const before = await list('figures=true');
  isAway = true;
  now += 11 * minute;
  const seen = await settled('figures=true');
  expect([seen.measured?.at, seen.items[0]?.figures]).toEqual([before.measured?.at, before.items[0]?.figures]);
  expect(asked).toBe(4);
  isAway = false;
  await list('figures=true');
  expect(asked).toBe(4);
  now += minute + 1;
  expect((await settled('figures=true')).measured?.at).toBe(new Date(now).toISOString());
  expect(asked).toBe(5);
});

it('the list is sorted by figures: what nobody measured, saved or counted stands at the end that it belongs to', async () => {
  const figuresOf = async (query: string) =>
    (await list(`figures=true&${query}`)).items.map(({ figures }) => figures ?? null);
  await test.ctx.db
    .deleteFrom('site_figure')
    .where('site_id', '=', ids.get('five.test') ?? '')
    .execute();
  for (const [sort, of] of [
    ['requests', (each: SiteFigures | null) => each?.requests ?? -1],
    ['bytes', (each: SiteFigures | null) => each?.bytes ?? -1],
    ['backup', (each: SiteFigures | null) => Date.parse(each?.backup?.at ?? new Date(0).toISOString())],
  ] as const) {
    const rising = (await figuresOf(`sort=${sort}&order=asc`)).map(of);
    expect(rising).toEqual([...rising].sort((a, b) => a - b));
    expect(new Set(rising).size).toBeGreaterThan(2);
    expect((await figuresOf(`sort=${sort}&order=desc`)).map(of)).toEqual([...rising].reverse());
  }
  const end = { ends_at: now, certificate_ends_at: now };
  await test.ctx.db
    .updateTable('site_figure')
    .set(end)
    .where('site_id', '=', ids.get('six.test') ?? '')
    .execute();
  for (const sort of ['endsAt', 'tls']) {
    expect((await list(`sort=${sort}&order=asc`)).items[0]?.name).toBe('six.test');
    expect((await list(`sort=${sort}&order=desc`)).items.at(-1)?.name).toBe('six.test');
  }
  const found = await list('sort=requests&order=asc&search=t&pageSize=3&page=2');
  expect(found.items).toHaveLength(3);
});

it('who has some of the sites sees figures of those alone; backups and their order need the permission', async () => {
  const two = ids.get('two.test') ?? '';
  const manager = await test.signIn('site_manager', { siteIds: [two] });
  for (const sort of figureSorts.filter((each) => each !== 'backup')) {
    const { items } = await list(`figures=true&sort=${sort}`, manager);
    expect(items.map(({ id, figures }) => [id, figures?.backup])).toEqual([[two, null]]);
  }
  const refused = await manager.get(`${path}?sort=backup`);
  expect([refused.status, refused.json]).toMatchObject([403, { code: 'not_allowed' }]);
  const viewer = await test.signIn('viewer');
  expect((await list('figures=true&sort=backup', viewer)).items.some(({ figures }) => figures?.backup?.at)).toBe(true);
  expect((await test.anonymous.get(`${path}?figures=true`)).status).toBe(401);
  expect((await owner.get(`${path}?sort=visitors`)).status).toBe(400);
});

it('figures go with their site', async () => {
  const site = ids.get('eight.test') ?? '';
  await test.ctx.db.deleteFrom('site_domain').where('site_id', '=', site).execute();
  await test.ctx.db.deleteFrom('site').where('id', '=', site).execute();
  const left = await test.ctx.db.selectFrom('site_figure').select('site_id').execute();
  expect(left.map(({ site_id }) => site_id)).not.toContain(site);
});
