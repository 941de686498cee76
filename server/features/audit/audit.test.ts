import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentActions } from '#shared/agent/index.ts';
import type { AuditRow } from '#shared/audit.ts';
import { AgentCallError, type AgentClient } from '../../core/agent-client.ts';
import { createFakeAgent, type FakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { csvField } from './audit-export.ts';

const clock = { time: Date.now(), now: () => clock.time };
const cable = { isCut: false };
let test: TestApp;
let owner: TestClient;

/** The fake agent; while the cable is cut it is away. */
function cableAgent(): AgentClient {
  const inner: FakeAgent = createFakeAgent({ now: clock.now });
  const call: AgentClient['call'] = async (action, params, options) => {
    if (!cable.isCut) return inner.call(action, params, options);
    throw new AgentCallError('agent_unavailable', 'cut', { reason: 'agent_not_running', isOutcomeKnown: true });
  };
  return {
    ...inner,
    call,
    get state() {
      return inner.state;
    },
  };
}

beforeAll(async () => {
  test = await makeTestApp({ clock, agentClient: cableAgent() });
  owner = await (await test.signIn('owner')).elevate();
});
afterAll(() => test.close());

const verify = async () =>
  (await owner.post('/api/v1/audit/verify')).json as { fault: object | null; rowCount: number };
const list = async (query = '') =>
  (await owner.get(`/api/v1/audit?${query}`)).json as { items: AuditRow[]; total: number };

describe('the record', () => {
  it('has who, what, from where, before and after, the outcome and its number in the chain', async () => {
    const role = { name: 'watched', permissions: ['sites.read'], siteScope: 'all' };
    const made = (await owner.post('/api/v1/roles', role)).json as { id: string };
    await owner.put(`/api/v1/roles/${made.id}`, { ...role, name: 'renamed' });
    const [row] = (await list('action=updateRole')).items;
    expect(row).toMatchObject({
      actor: { id: owner.personId },
      target: made.id,
      outcome: 'done',
      address: '127.0.0.1',
      detail: { before: { name: 'watched' }, after: { name: 'renamed' } },
    });
    expect(row?.sequence).toBeGreaterThan(0);
    expect(await verify()).toMatchObject({ fault: null });
  });

  it('filters are bound and mean what they say: wildcards and quotes are letters', async () => {
    await test.anonymous.post('/api/v1/sign-in', { name: `100%_' or 1=1 --`, password: 'x' });
    expect((await list(`search=${encodeURIComponent(`%_' or`)}`)).total).toBe(1);
    expect((await list('search=%25%25')).total).toBe(0);
    expect((await list(`actor=${owner.person?.name}&outcome=done&action=createRole`)).total).toBe(1);
    expect((await list('since=2999-01-01T00:00:00.000Z')).total).toBe(0);
    expect((await owner.get('/api/v1/audit?outcome=done;drop')).status).toBe(400);
  });

  it('OUT-3 the export as CSV runs nothing in a spreadsheet, and as JSON it is JSON', async () => {
    await test.anonymous.post('/api/v1/sign-in', { name: '=cmd|calc!a1', password: 'x' });
    const csv = await owner.get('/api/v1/audit/export?format=csv&action=signIn');
    expect(csv.headers['content-type']).toMatch(/^text\/csv/);
    expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="audit-[\d-]+\.csv"$/);
    expect(csv.text).toContain(`"'=cmd|calc!a1"`);
    expect(csv.text).not.toMatch(/(^|,)"?[=+@]/m);
    const json = await owner.get('/api/v1/audit/export?format=json&action=signIn');
    expect((JSON.parse(json.text) as AuditRow[]).every(({ action }) => action === 'signIn')).toBe(true);
    expect(['=1', '+1', '-1', '@a', ' =1', '\t=1', 'safe', 'a"b'].map(csvField)).toEqual([
      `"'=1"`,
      `"'+1"`,
      `"'-1"`,
      `"'@a"`,
      `"' =1"`,
      `"'\t=1"`,
      `"safe"`,
      `"a""b"`,
    ]);
  });
});

describe('no audit record, no action', () => {
  it('AUD-2 while the agent is away people sign out and read, everything else is refused and nothing happens', async () => {
    const client = await test.signIn('owner');
    const leaving = await test.signIn('viewer');
    cable.isCut = true;
    try {
      const refused = await client.put('/api/v1/settings', { panelName: 'changed', defaultLanguage: 'ar' });
      expect([refused.status, refused.json]).toEqual([503, expect.objectContaining({ reason: 'audit_unavailable' })]);
      expect((await client.get('/api/v1/settings')).json).toMatchObject({ panelName: '' });
      const wanted = { language: 'ar', theme: 'dark', digits: 'latn', timeZone: 'auto' };
      expect((await client.put('/api/v1/me/preferences', wanted)).status).toBe(200);
      expect((await leaving.post('/api/v1/sign-out')).status).toBe(204);
      expect((await leaving.get('/api/v1/me')).status).toBe(401);
      const [row] = (await list('action=signOut')).items;
      expect(row).toMatchObject({ outcome: 'done', sequence: null });
    } finally {
      cable.isCut = false;
    }
    clock.time += 60_000;
    expect(await test.ctx.audit.ship()).toBeGreaterThan(2);
    expect((await list('action=signOut')).items[0]?.sequence).toBeGreaterThan(0);
    expect(await verify()).toMatchObject({ fault: null });
  });
});

it('AUD-1 nobody clears it, the owner neither: nothing under its address changes a row, and the agent only adds and reads', async () => {
  const { total, items } = await list();
  for (const path of ['/api/v1/audit', '/api/v1/audit/export', `/api/v1/audit/${items[0]?.id ?? ''}`])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
      expect([path, method, [404, 405].includes((await owner.request(path, { method, body: {} })).status)]).toEqual([
        path,
        method,
        true,
      ]);
  expect(Object.keys(agentActions).filter((name) => name.startsWith('audit.'))).toEqual([
    'audit.append',
    'audit.read',
    'audit.verify',
  ]);
  expect((await list()).total).toBeGreaterThanOrEqual(total);
  expect(await verify()).toMatchObject({ fault: null });
});

describe('verification', () => {
  const rowOf = async (action: string) => (await list(`action=${action}`)).items[0]?.id ?? '';

  it('AUD-1 finds a row of the index that was changed, and one that was removed, and one that was added', async () => {
    const { db } = test.ctx;
    const id = await rowOf('updateRole');
    const kept = await db.selectFrom('audit').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const differs = { fault: { kind: 'index_differs', sequence: expect.any(Number) as number } };
    await db.updateTable('audit').set({ actor_name: 'somebody else' }).where('id', '=', id).execute();
    expect(await verify()).toMatchObject(differs);
    // Nor is it hidden by what looks like a row that still waits.
    const hidden = { start_sequence: null, start_mac: null, end_sequence: null, end_mac: null, is_pending: 1 };
    await db.updateTable('audit').set(hidden).where('id', '=', id).execute();
    expect(await verify()).toMatchObject(differs);
    await db.updateTable('audit').set(kept).where('id', '=', id).execute();
    await db.updateTable('audit').set({ actor_name: kept.actor_name }).where('id', '=', id).execute();
    expect(await verify()).toMatchObject({ fault: null });
    await db.deleteFrom('audit').where('id', '=', id).execute();
    expect(await verify()).toMatchObject(differs);
    await db.insertInto('audit').values(kept).execute();
    expect(await verify()).toMatchObject({ fault: null });
    const forged = { ...kept, id: 'aaaaaaaaaaaaaaaa', start_sequence: 9_999, end_sequence: 10_000 };
    await db.insertInto('audit').values(forged).execute();
    expect(await verify()).toMatchObject(differs);
    await db.deleteFrom('audit').where('id', '=', forged.id).execute();
    await db
      .insertInto('audit')
      .values({ ...kept, id: forged.id })
      .execute();
    expect(await verify()).toMatchObject(differs);
    await db.deleteFrom('audit').where('id', '=', forged.id).execute();
    expect(await verify()).toMatchObject({ fault: null });
  });
});
