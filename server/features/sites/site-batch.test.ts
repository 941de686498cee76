import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { BatchResult } from '#shared/site-batches.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { untilJob } from '../jobs/testing.ts';
import { createTestSite, readHistory, readSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
const ends = ['succeeded', 'failed', 'cancelled'];
const path = '/api/v1/site-batches';

beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn();
});
afterAll(() => test.close());

type Batch = { job: Job; total: number; results: BatchResult[] };

async function change(client: TestClient, siteIds: string[], wanted: object): Promise<Batch> {
  const answer = await client.post(path, { siteIds, change: wanted });
  expect(answer.json).toMatchObject({ kind: 'sites.batch' });
  expect(answer.status).toBe(202);
  const { id } = answer.json as Job;
  await untilJob(client, id, ends);
  return (await client.get(`${path}/${id}`)).json as Batch;
}

const statesOf = ({ results }: Batch): string[] => results.map(({ state }) => state);
const make = async (...names: string[]): Promise<string[]> =>
  await Promise.all(names.map(async (name) => (await createTestSite(owner, [`${name}.test`])).site.id));

it('ALL-12 several sites are changed as one by one: each with its line in the history, and its own way back', async () => {
  const ids = await make('one', 'two', 'three');
  const off = await change(owner, ids, { kind: 'disable' });
  expect(off).toMatchObject({ total: 3, job: { state: 'succeeded', subject: { what: 'disable', count: '3' } } });
  expect(statesOf(off)).toEqual(['changed', 'changed', 'changed']);
  for (const id of ids) {
    expect((await readSite(owner, id)).isEnabled).toBe(false);
    expect((await readHistory(owner, id))[0]).toMatchObject({ action: 'disable', isUndoable: true });
  }
  const [first = ''] = ids;
  const [last] = await readHistory(owner, first);
  expect((await owner.post(`/api/v1/site-changes/${last?.id}/undo`, {})).status).toBeLessThan(300);
  const on = await change(owner, ids, { kind: 'enable' });
  expect(statesOf(on)).toEqual(['unchanged', 'changed', 'changed']);
  expect(statesOf(await change(owner, [first, first], { kind: 'category', category: 'Shops' }))).toEqual(['changed']);
  expect((await readSite(owner, first)).category).toBe('Shops');
  const endsAt = '2030-01-01T00:00:00.000Z';
  await change(owner, ids, { kind: 'end', endsAt });
  expect((await readSite(owner, first)).reach.endsAt).toBe(endsAt);
});

it('ALL-12 what one site refuses is said of it, and stops none of the others', async () => {
  const [plain = ''] = await make('plain');
  const body = { kind: 'php', domains: ['php.test'], php: { version: '8.2' } };
  const made = await owner.post('/api/v1/sites', body);
  expect(made.status).toBe(201);
  const { id: php } = (made.json as { site: { id: string } }).site;
  const moved = await change(owner, [plain, php], { kind: 'php', version: '8.4' });
  expect(moved.job).toMatchObject({
    state: 'failed',
    failure: { reason: 'batch_partly', params: { refused: 1, total: 2 } },
  });
  expect(moved.results).toMatchObject([
    { siteId: plain, state: 'refused', failure: { reason: 'batch_not_php' } },
    { siteId: php, state: 'changed', failure: null },
  ]);
  const forced = await change(owner, [plain], { kind: 'https', isForced: true });
  expect(forced.results).toMatchObject([{ state: 'refused', failure: { reason: 'batch_no_certificate' } }]);
});

it('PERM-1 nothing begins for who may not, or with a site of others; who asks sees only their own batches', async () => {
  const [mine = '', theirs = ''] = await make('mine', 'theirs');
  const begin = (client: TestClient, siteIds: string[]) => client.post(path, { siteIds, change: { kind: 'disable' } });
  expect((await begin(test.anonymous, [mine])).status).toBe(401);
  expect((await begin(await test.signIn('viewer'), [mine])).json).toMatchObject({ code: 'not_allowed' });
  const manager = await test.signIn('site_manager', { siteIds: [mine] });
  expect((await begin(manager, [mine, theirs])).status).toBe(404);
  expect((await readSite(owner, mine)).isEnabled).toBe(true);
  expect(statesOf(await change(manager, [mine], { kind: 'disable' }))).toEqual(['changed']);
  expect((await readSite(owner, theirs)).isEnabled).toBe(true);
  const { job } = await change(owner, [theirs], { kind: 'disable' });
  expect((await manager.get(`${path}/${job.id}`)).status).toBe(404);
  const wrong = { siteIds: [], change: { kind: 'enable' } };
  for (const body of [
    wrong,
    { ...wrong, siteIds: [mine], change: { kind: 'delete' } },
    { ...wrong, siteIds: ['../x'] },
  ])
    expect((await owner.post(path, body)).status).toBe(400);
});
