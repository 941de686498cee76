import { afterEach, expect, it } from 'vitest';
import { AgentCallError, type AgentClient } from '../../core/agent-client.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { settleAll } from './site-settling.ts';
import { countSites, createTestSite, readHistory, readSite } from './testing.ts';

/** The fake agent behind a cable that can be cut before or after it acted. */
function cableAgent() {
  const inner = createFakeAgent();
  const cable = { cut: 'none' as 'none' | 'before' | 'after' };
  const lost = () =>
    new AgentCallError('agent_unavailable', 'cut', { reason: 'agent_connection_lost', isOutcomeKnown: false });
  const agent: AgentClient = {
    mode: 'fake',
    get state() {
      return inner.state;
    },
    onState: (callback) => inner.onState(callback),
    async call(action, params, options) {
      // The audit log is another matter: without it nothing would be asked at all.
      const isCut = action.startsWith('sites.') || action.startsWith('changes.');
      if (isCut && cable.cut === 'before') throw lost();
      const result = await inner.call(action, params, options);
      if (isCut && cable.cut === 'after') throw lost();
      return result;
    },
    send: (...given) => inner.send(...given),
    fetch: (...given) => inner.fetch(...given),
    close: () => inner.close(),
  };
  return { agent, cable };
}

let test: TestApp | undefined;
afterEach(() => test?.close());
const path = '/api/v1/sites';

async function setUp(): Promise<{ owner: TestClient; cable: { cut: 'none' | 'before' | 'after' }; app: TestApp }> {
  const { agent, cable } = cableAgent();
  test = await makeTestApp({ agentClient: agent });
  return { owner: await test.signIn(), cable, app: test };
}

it.each([
  ['before', 0],
  ['after', 1],
] as const)(
  'a creation whose answer is lost (%s the agent acted) is flagged, then ends as it really ended',
  async (cut, count) => {
    const { owner, cable, app } = await setUp();
    cable.cut = cut;
    const answer = await owner.post(path, { kind: 'static', domains: ['open.test'] });
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ code: 'agent_unavailable', reason: 'outcome_unknown' });
    const listed = (await owner.get(path)).json as { items: { id: string; state: string; failure: object }[] };
    expect(listed.items).toMatchObject([{ state: 'failed', failure: { reason: 'outcome_unknown' } }]);
    const id = listed.items[0]?.id ?? '';
    const refused = await owner.patch(`${path}/${id}`, { remark: 'x' });
    expect(refused.json).toMatchObject({ reason: 'outcome_unknown' });
    cable.cut = 'none';
    expect(await settleAll(app.ctx)).toBe(0);
    expect(await countSites(owner)).toBe(count);
    expect((await readHistory(owner, id))[0]).toMatchObject({ outcome: cut === 'after' ? 'done' : 'failed' });
    if (cut === 'after')
      expect(await readSite(owner, id)).toMatchObject({ state: 'active', linuxUser: `site-${id.slice(0, 8)}` });
  },
);

it('a change whose answer is lost before it was done is taken back by the next change', async () => {
  const { owner, cable } = await setUp();
  const { site } = await createTestSite(owner, ['still.test']);
  cable.cut = 'before';
  expect((await owner.patch(`${path}/${site.id}`, { domains: ['moved.test'] })).status).toBe(503);
  cable.cut = 'none';
  expect((await owner.patch(`${path}/${site.id}`, { remark: 'go on' })).status).toBe(200);
  expect(await readSite(owner, site.id)).toMatchObject({
    state: 'active',
    domains: site.domains,
    remark: 'go on',
    failure: null,
  });
  await createTestSite(owner, ['moved.test']);
});

it('a deletion whose answer is lost after it was done ends as a deletion', async () => {
  const { owner, cable, app } = await setUp();
  const { site } = await createTestSite(owner, ['delete.test']);
  const { confirm } = (await owner.get(`${path}/${site.id}/removal`)).json as { confirm: string };
  cable.cut = 'after';
  expect((await owner.post(`${path}/${site.id}/removal`, { confirm, files: 'keep' })).status).toBe(503);
  cable.cut = 'none';
  expect(await settleAll(app.ctx)).toBe(0);
  expect((await owner.get(`${path}/${site.id}`)).status).toBe(404);
  expect((await readHistory(owner, site.id))[0]).toMatchObject({ action: 'delete', outcome: 'done', isUndoable: true });
});

it('rows that a killed process left applying are settled by the next start within two seconds', async () => {
  const { owner, app } = await setUp();
  const { site } = await createTestSite(owner, ['killed.test']);
  const { id: changeId } = (await readHistory(owner, site.id))[0] ?? { id: '' };
  // As a process leaves it that dies after asking and before writing down the answer.
  await app.ctx.db.updateTable('site_change').set({ outcome: 'applying' }).where('id', '=', changeId).execute();
  await app.ctx.db
    .updateTable('site')
    .set({ state: 'applying', change_id: changeId, worker: null, linux_user: '', row_version: 5 })
    .where('id', '=', site.id)
    .execute();
  expect(await readSite(owner, site.id)).toMatchObject({ state: 'applying' });
  const startedAt = performance.now();
  expect(await settleAll(app.ctx)).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(await readSite(owner, site.id)).toMatchObject({ state: 'active', linuxUser: site.linuxUser });
});

it('a change that another living process carries out is left alone', async () => {
  const { owner, app } = await setUp();
  const { site } = await createTestSite(owner, ['other.test']);
  const { id: changeId } = (await readHistory(owner, site.id))[0] ?? { id: '' };
  await app.ctx.db
    .updateTable('site')
    .set({ state: 'applying', change_id: changeId, worker: 'elsewhere/boot/1:1:1', row_version: 5 })
    .where('id', '=', site.id)
    .execute();
  expect(await settleAll(app.ctx)).toBe(1);
  expect((await owner.patch(`${path}/${site.id}`, { remark: 'x' })).status).toBe(423);
  expect(await readSite(owner, site.id)).toMatchObject({ state: 'applying' });
});
