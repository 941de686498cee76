import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersonRow, RoleRow } from '#shared/people.ts';
import type { Terminal } from '#shared/terminals.ts';
import { cookiesOf, makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { listen, readStream } from '../jobs/testing.ts';
import { createTestSite } from '../sites/testing.ts';

let test: TestApp;
let owner: TestClient;
let administrator: TestClient;
let port: number;
let count = 0;

beforeAll(async () => {
  test = await makeTestApp();
  port = await listen(test);
  owner = await (await test.signIn('owner')).elevate();
  administrator = await (await test.signIn('administrator')).elevate();
});
afterAll(() => test.close());

const path = '/api/v1/people';

async function invite(by: TestClient, body: object): Promise<{ person: PersonRow; token: string }> {
  count += 1;
  const answer = await by.post(path, { name: `invited-${count}`, role: 'viewer', ...body });
  expect(answer.json).toMatchObject({ person: { name: `invited-${count}` } });
  const { person, invitation } = answer.json as { person: PersonRow; invitation: { url: string } };
  return { person, token: invitation.url.split('#token=')[1] ?? '' };
}

async function list(by: TestClient = owner): Promise<PersonRow[]> {
  return ((await by.get(path)).json as { items: PersonRow[] }).items;
}

const accept = (token: string, password = 'a quite long password') =>
  test.anonymous.post('/api/v1/invitation/accept', { token, password });

describe('invitations', () => {
  it('the link lets exactly one person choose a password, once, and its secret is kept nowhere in the panel', async () => {
    const { person, token } = await invite(owner, { displayName: 'سامي' });
    expect(person).toMatchObject({ hasPassword: false, displayName: 'سامي' });
    expect(person.invitedUntil).not.toBeNull();
    expect((await test.anonymous.post('/api/v1/invitation', { token })).json).toMatchObject({ name: person.name });
    const common = await accept(token, 'Password123!');
    expect(common.json).toMatchObject({ fields: [{ field: 'password', code: 'password_common' }] });
    const accepted = await accept(token);
    expect(accepted.json).toMatchObject({ state: 'signed_in', me: { person: { name: person.name } } });
    expect((await accept(token)).json).toMatchObject({ code: 'not_allowed', reason: 'link_void' });
    expect((await list()).find(({ id }) => id === person.id)).toMatchObject({ hasPassword: true, sessionCount: 1 });
    const rows = await test.ctx.db.selectFrom('audit').select('detail_json').execute();
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('a new link voids the old one, and one that clears takes the second factors away', async () => {
    const { person, token } = await invite(owner, {});
    const again = await owner.post(`${path}/${person.id}/invitation`, { clear: true });
    expect(again.status).toBe(201);
    expect((await accept(token)).json).toMatchObject({ reason: 'link_void' });
  });

  it('AUTH-4 a name that is taken, in whatever form, is refused and nobody is added', async () => {
    const { person } = await invite(owner, {});
    const before = (await list()).length;
    const wide = person.name.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
    for (const name of [person.name, person.name.toUpperCase(), ` ${person.name} `, wide]) {
      const { fields } = (await owner.post(path, { name, role: 'viewer' })).json as { fields: { code: string }[] };
      expect([name, fields[0]?.code]).toEqual([name, expect.stringMatching(/^user_name_(taken|invalid)$/)]);
    }
    expect(await list()).toHaveLength(before);
  });
});

it('AUTH-5 somebody’s sessions end at once when they are ended for them, and nobody else’s', async () => {
  const [viewer, other] = [await test.signIn('viewer'), await test.signIn('viewer')];
  const sessions = `${path}/${viewer.personId}/sessions`;
  expect((await owner.get(sessions)).json).toMatchObject({ items: [{ isCurrent: false }] });
  expect((await other.request(sessions, { method: 'DELETE' })).status).toBe(403);
  expect((await viewer.get('/api/v1/me')).status).toBe(200);
  expect((await owner.request(sessions, { method: 'DELETE' })).status).toBe(204);
  expect((await viewer.get('/api/v1/me')).status).toBe(401);
  expect((await other.get('/api/v1/me')).status).toBe(200);
});

describe('nobody gives what they do not have', () => {
  it('USER-6 only an owner makes and changes owners, and the last one stays', async () => {
    const made = await administrator.post(path, { name: 'another-owner', role: 'owner' });
    expect(made.json).toMatchObject({ code: 'not_allowed', reason: 'owner_only' });
    const demoted = await administrator.patch(`${path}/${owner.personId}`, { role: 'viewer' });
    expect(demoted.json).toMatchObject({ reason: 'owner_only' });
    const self = await owner.patch(`${path}/${owner.personId}`, { isDisabled: true });
    expect(self.json).toMatchObject({ code: 'not_allowed', reason: 'last_owner' });
    expect((await owner.delete(`${path}/${owner.personId}`)).json).toMatchObject({ reason: 'last_owner' });
    expect((await list(administrator)).find(({ id }) => id === owner.personId)).toMatchObject({ canChange: false });
  });

  it('USER-6 a role with people.write alone can neither give more nor change who has more', async () => {
    const role = await owner.post('/api/v1/roles', {
      name: 'doorman',
      permissions: ['people.read', 'people.write'],
      siteScope: 'all',
    });
    const doorman = await (await test.signIn((role.json as RoleRow).id)).elevate();
    const { person } = await invite(owner, { role: 'operator' });
    const more = [
      doorman.post(path, { name: 'more', role: 'viewer' }),
      doorman.patch(`${path}/${person.id}`, { isDisabled: true }),
      doorman.delete(`${path}/${person.id}`),
      doorman.post(`${path}/${person.id}/invitation`, {}),
      doorman.delete(`${path}/${person.id}/sessions`),
      doorman.post('/api/v1/roles', { name: 'mine', permissions: ['sites.delete'], siteScope: 'all' }),
    ];
    for (const answer of await Promise.all(more)) expect(answer.json).toMatchObject({ reason: 'more_than_own' });
    expect((await list()).find(({ id }) => id === person.id)).toMatchObject({ isDisabled: false });
  });
});

describe('changes act at once', () => {
  it('USER-4 PERM-6 AUTH-5 a disabled person is out, streams included, and their password is as wrong as any', async () => {
    const client = await test.signIn('viewer');
    const reading = readStream(port, '/api/v1/events', client, () => false).catch(() => []);
    await expect.poll(async () => (await client.get('/api/v1/me')).status).toBe(200);
    expect((await owner.patch(`${path}/${client.personId}`, { isDisabled: true })).status).toBe(200);
    const startedAt = Date.now();
    await reading;
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect((await client.get('/api/v1/me')).status).toBe(401);
    const { name, password } = client.person ?? { name: '', password: '' };
    expect((await test.anonymous.post('/api/v1/sign-in', { name, password })).json).toMatchObject({
      reason: 'wrong_credentials',
    });
    await owner.patch(`${path}/${client.personId}`, { isDisabled: false });
    expect((await test.anonymous.post('/api/v1/sign-in', { name, password })).status).toBe(200);
  });

  it('USER-4 PERM-6 a role that is changed during a session, or taken, counts from the next request on', async () => {
    const role = await owner.post('/api/v1/roles', {
      name: 'editor',
      permissions: ['sites.read', 'sites.write', 'sites.create'],
      siteScope: 'all',
    });
    const { id } = role.json as RoleRow;
    const client = await test.signIn(id);
    await createTestSite(client, ['role.test']);
    const reading = readStream(port, '/api/v1/events', client, () => false).catch(() => []);
    await expect.poll(async () => (await client.get('/api/v1/sites')).status).toBe(200);
    const smaller = { name: 'editor', permissions: ['sites.read'], siteScope: 'all' };
    expect((await owner.put(`/api/v1/roles/${id}`, smaller)).status).toBe(200);
    await reading;
    const refused = await client.post('/api/v1/sites', { kind: 'static', domains: ['late.test'] });
    expect(refused.json).toMatchObject({ code: 'not_allowed', params: { permission: 'sites.create' } });
    expect((await owner.delete(`/api/v1/roles/${id}`)).json).toMatchObject({
      code: 'in_use',
      reason: 'role_in_use',
      params: { people: 1 },
    });
    await owner.patch(`${path}/${client.personId}`, { role: 'viewer' });
    expect((await client.get('/api/v1/system')).status).toBe(200);
    expect((await owner.delete(`/api/v1/roles/${id}`)).status).toBe(204);
  });

  it('who is removed is gone from both halves, with sessions and tokens', async () => {
    const { person, token } = await invite(owner, {});
    const cookie = cookiesOf(await accept(token));
    expect((await owner.delete(`${path}/${person.id}`)).status).toBe(204);
    expect((await test.anonymous.get('/api/v1/me', { cookie })).status).toBe(401);
    expect((await list()).some(({ id }) => id === person.id)).toBe(false);
    const { people } = await test.ctx.agent.call(
      'people.list',
      {},
      { actor: owner.person ?? { id: '', name: '' }, requestId: 't' },
    );
    expect(people.some(({ id }) => id === person.id)).toBe(false);
  });
});

describe('assigned sites', () => {
  it('PERM-1 are the only ones in lists, counts, categories, history and searches, and others do not exist', async () => {
    const mine = await createTestSite(owner, ['mine.test'], { category: 'shop' });
    const theirs = await createTestSite(owner, ['theirs.test'], { category: 'secret' });
    const manager = await test.signIn('site_manager', { siteIds: [mine.site.id] });
    expect((await manager.get('/api/v1/sites')).json).toMatchObject({ total: 1, items: [{ id: mine.site.id }] });
    expect((await manager.get('/api/v1/sites?search=theirs')).json).toMatchObject({ total: 0, items: [] });
    expect((await manager.get('/api/v1/site-categories')).json).toEqual({ items: [{ name: 'shop', count: 1 }] });
    expect((await manager.get('/api/v1/site-changes')).json).toMatchObject({ total: 1 });
    expect((await manager.get(`/api/v1/site-changes?siteId=${theirs.site.id}`)).json).toMatchObject({ total: 0 });
    expect((await manager.patch(`/api/v1/sites/${theirs.site.id}`, { remark: 'x' })).status).toBe(404);
    const taken = await manager.patch(`/api/v1/sites/${mine.site.id}`, { domains: ['theirs.test'] });
    expect(taken.json).toMatchObject({ reason: 'domain_taken', params: { site: '…' } });
    await owner.patch(`${path}/${manager.personId}`, { siteIds: [theirs.site.id] });
    expect((await manager.get('/api/v1/sites')).json).toMatchObject({ items: [{ id: theirs.site.id }] });
    const unknown = await owner.patch(`${path}/${manager.personId}`, { siteIds: ['aaaaaaaaaaaaaaaa'] });
    expect(unknown.json).toMatchObject({ fields: [{ field: 'siteIds.0', code: 'site_unknown' }] });
  });

  it('a site that somebody with assigned sites makes is theirs', async () => {
    const role = await owner.post('/api/v1/roles', {
      name: 'maker',
      permissions: ['sites.read', 'sites.create', 'sites.write'],
      siteScope: 'assigned',
    });
    const maker = await test.signIn((role.json as RoleRow).id);
    const { site } = await createTestSite(maker, ['made.test']);
    expect((await maker.get(`/api/v1/sites/${site.id}`)).status).toBe(200);
  });
});

it('terminals of a role are recorded always, never or as its people wish: changed after a confirmation, and written down', async () => {
  const rulePath = '/api/v1/roles/site_manager/recording';
  const person = await test.signIn('owner');
  const { site } = await createTestSite(owner, ['recorded.test']);
  const keeper = await test.signIn('site_manager', { siteIds: [site.id] });
  const open = async (client: TestClient, more: object = {}): Promise<Terminal> => {
    const answer = await client.post('/api/v1/terminals', {
      kind: 'site',
      siteId: site.id,
      cols: 80,
      rows: 24,
      ...more,
    });
    return (answer.json as { terminal: Terminal }).terminal;
  };
  const isRecorded = async (wished?: boolean): Promise<boolean> => {
    const terminal = await open(keeper, wished === undefined ? {} : { isRecorded: wished });
    await keeper.delete(`/api/v1/terminals/${terminal.id}`);
    return terminal.isRecorded;
  };
  const ruleOf = async () => ((await keeper.get('/api/v1/terminals')).json as { recording: object }).recording;
  expect([await isRecorded(), await isRecorded(true)]).toEqual([false, true]);
  expect((await keeper.put(rulePath, { recording: 'never' })).json).toMatchObject({ code: 'not_allowed' });
  expect((await person.put(rulePath, { recording: 'always' })).json).toMatchObject({ code: 'elevation_required' });
  expect(await ruleOf()).toEqual({ role: 'chosen', recorded: 'none' });
  await person.elevate();
  expect((await person.put(rulePath, { recording: 'sometimes' })).status).toBe(400);
  expect((await person.put('/api/v1/roles/aaaaaaaaaaaaaaaa/recording', { recording: 'always' })).status).toBe(404);
  const answer = await person.put(rulePath, { recording: 'always' });
  expect(answer.json).toMatchObject({ id: 'site_manager', isBuiltIn: true, recording: 'always' });
  expect(await ruleOf()).toEqual({ role: 'always', recorded: 'none' });
  // Who has it already, who gets it later, and what they wish: recorded.
  expect(await isRecorded(false)).toBe(true);
  const later = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await open(later)).isRecorded).toBe(true);
  await person.put(rulePath, { recording: 'never' });
  expect(await isRecorded(true)).toBe(false);
  // An administrator says nothing of owners.
  const administrator = await (await test.signIn('administrator')).elevate();
  const refused = await administrator.put('/api/v1/roles/owner/recording', { recording: 'never' });
  expect(refused.json).toMatchObject({ code: 'not_allowed' });
  const { items } = (await person.get('/api/v1/roles')).json as { items: { id: string; recording: string }[] };
  expect(items.filter(({ recording }) => recording !== 'chosen').map(({ id }) => id)).toEqual(['site_manager']);
  await person.put(rulePath, { recording: 'chosen' });
  const row = await test.ctx.db
    .selectFrom('audit')
    .select(['target', 'detail_json'])
    .where('action', '=', 'setRoleRecording')
    .where('outcome', '=', 'done')
    .orderBy('at')
    .executeTakeFirst();
  expect(row?.target).toBe('site_manager');
  expect(row?.detail_json).toContain('always');
});
