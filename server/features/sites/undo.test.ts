import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultBehaviour } from '#shared/site-behaviour.ts';
import { withCertificates } from '../../core/testing/certificates.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { dumpDatabase } from '../../testing/matrix.ts';
import { createTestSite, readHistory, readSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
const path = '/api/v1/sites';

beforeAll(async () => {
  test = await makeTestApp();
  owner = await (await test.signIn()).elevate();
});
afterAll(() => test.close());

async function change(id: string, body: Record<string, unknown>): Promise<string> {
  const answer = await owner.patch(`${path}/${id}`, body);
  expect(answer.status).toBe(200);
  return (answer.json as { changeId: string }).changeId;
}

const undo = (changeId: string, body: object = {}) => owner.post(`/api/v1/site-changes/${changeId}/undo`, body);

it('the third last change is taken back without the two after it', async () => {
  const { site } = await createTestSite(owner, ['third.test']);
  const third = await change(site.id, { domains: ['third.test', 'www.third.test'] });
  await change(site.id, { isEnabled: false });
  await change(site.id, { remark: 'later', root: '/www/wwwroot/third.test/public' });
  const undone = await undo(third);
  expect(undone.status).toBe(200);
  expect(await readSite(owner, site.id)).toMatchObject({
    domains: [{ host: 'third.test', port: 80 }],
    isEnabled: false,
    remark: 'later',
    root: '/www/wwwroot/third.test/public',
  });
  const history = await readHistory(owner, site.id);
  expect(history[0]).toMatchObject({ action: 'undo', undoes: third, fields: ['domains'], isUndoable: true });
  expect(history.find(({ id }) => id === third)).toMatchObject({ isUndoable: false });
});

it('a field that was changed again since is a conflict that names it, and nothing changes', async () => {
  const { site } = await createTestSite(owner, ['conflict.test']);
  const first = await change(site.id, { remark: 'one', category: 'a' });
  await change(site.id, { remark: 'two' });
  const answer = await undo(first);
  expect(answer.status).toBe(412);
  expect(answer.json).toMatchObject({
    code: 'changed_meanwhile',
    reason: 'undo_conflict',
    params: { field: 'remark' },
  });
  expect(await readSite(owner, site.id)).toMatchObject({ remark: 'two', category: 'a' });
});

it('a setting is changed whole, stands in the history, and comes back by undo', async () => {
  const { site } = await createTestSite(owner, ['setting.test']);
  expect(site.behaviour).toEqual(defaultBehaviour);
  const first = await change(site.id, { behaviour: { index: ['home.html'] } });
  expect((await readSite(owner, site.id)).behaviour).toEqual({ ...defaultBehaviour, index: ['home.html'] });
  expect((await readHistory(owner, site.id))[0]).toMatchObject({ id: first, fields: ['behaviour'] });
  await undo(first);
  expect((await readSite(owner, site.id)).behaviour).toEqual(defaultBehaviour);
  const wrong = await owner.patch(`${path}/${site.id}`, { behaviour: { index: ['../x'] } });
  expect(wrong.json).toMatchObject({ fields: [{ field: 'behaviour.index.0', code: 'index_invalid' }] });
});

it('PERM-4 a password of visitors goes to the agent alone: the database and all answers have its id, and undo the old one', async () => {
  const { site } = await createTestSite(owner, ['locked.test']);
  const secret = 'visitors open this';
  const rule = (passwordId: string) => ({ passwords: [{ path: '/in', users: [{ name: 'sara', passwordId }] }] });
  const kept: string[] = [];
  for (const password of [secret, `${secret} too`]) {
    const answer = await owner.post(`${path}/${site.id}/passwords`, { password });
    expect(answer.status).toBe(201);
    kept.push((answer.json as { passwordId: string }).passwordId);
    await change(site.id, { behaviour: rule(kept.at(-1) ?? '') });
  }
  const [last] = await readHistory(owner, site.id);
  const detail = await owner.get(`/api/v1/site-changes/${last?.id ?? ''}`);
  expect(detail.json).toMatchObject({
    before: { behaviour: rule(kept[0] ?? '') },
    after: { behaviour: rule(kept[1] ?? '') },
  });
  await undo(last?.id ?? '');
  expect((await readSite(owner, site.id)).behaviour).toMatchObject(rule(kept[0] ?? ''));
  const audit = await test.ctx.db.selectFrom('audit').selectAll().execute();
  const all = [await dumpDatabase(test), audit, detail.json, await readSite(owner, site.id)];
  expect(JSON.stringify(all)).not.toMatch(/visitors open|\$6\$/);
  const unknown = await owner.patch(`${path}/${site.id}`, { behaviour: rule('abcdefghijklmnop') });
  expect(unknown.json).toMatchObject({
    fields: [{ field: 'behaviour.passwords.0.users.0.passwordId', code: 'site_password_unknown' }],
  });
  for (const [password, code] of [
    ['short', 'password_too_short'],
    ['كلمة مرور طويلة', 'site_password_ascii'],
    ['with a\nline end', 'site_password_ascii'],
    ['x'.repeat(129), 'password_too_long'],
  ])
    expect((await owner.post(`${path}/${site.id}/passwords`, { password })).json).toMatchObject({
      fields: [{ field: 'password', code }],
    });
});

it('a site from before a kind of rule was there has its default, and its old changes can be taken back', async () => {
  const { site } = await createTestSite(owner, ['older.test']);
  const first = await change(site.id, { behaviour: { index: ['home.html'] } });
  const { passwords, ...before } = { ...defaultBehaviour, index: ['home.html'] };
  expect(passwords).toEqual([]);
  const json = JSON.stringify({ behaviour: before });
  await test.ctx.db
    .updateTable('site')
    .set({ settings_json: json, row_version: 1 })
    .where('id', '=', site.id)
    .execute();
  expect((await readSite(owner, site.id)).behaviour).toEqual({ ...before, passwords: [] });
  expect((await undo(first)).status).toBe(200);
  expect((await readSite(owner, site.id)).behaviour).toEqual(defaultBehaviour);
});

it('an undo can be undone', async () => {
  const { site } = await createTestSite(owner, ['redo.test']);
  const first = await change(site.id, { remark: 'one' });
  const back = (await undo(first)).json as { changeId: string };
  expect((await readSite(owner, site.id)).remark).toBe('');
  await undo(back.changeId);
  expect((await readSite(owner, site.id)).remark).toBe('one');
});

it('a creation cannot be undone, and is not offered', async () => {
  const { site, changeId } = await createTestSite(owner, ['made.test']);
  expect(await readHistory(owner, site.id)).toMatchObject([{ action: 'create', isUndoable: false }]);
  const answer = await undo(changeId ?? '');
  expect(answer.status).toBe(409);
  expect(answer.json).toMatchObject({ reason: 'not_undoable' });
  await readSite(owner, site.id);
});

it('a domain that another site took since cannot be given back', async () => {
  const { site } = await createTestSite(owner, ['keep.test', 'moved.test']);
  const dropped = await change(site.id, { domains: ['keep.test'] });
  await createTestSite(owner, ['moved.test'], { name: 'new home' });
  const answer = await undo(dropped);
  expect(answer.json).toMatchObject({ code: 'already_exists', params: { domain: 'moved.test', site: 'new home' } });
});

it('custom directives are kept in their own file and come back by undo', async () => {
  const { site } = await createTestSite(owner, ['custom.test']);
  const text = 'add_header X-Test "1";\n';
  const set = await owner.put(`${path}/${site.id}/custom-directives`, { text }, { 'if-match': '"1"' });
  expect(set.status).toBe(200);
  const { changeId } = set.json as { changeId: string };
  expect((await owner.get(`/api/v1/site-changes/${changeId}`)).json).toMatchObject({
    action: 'custom_directives',
    files: [{ path: '/etc/nginx/aapanel/custom/custom.test.conf' }],
  });
  expect((await undo(changeId)).status).toBe(200);
  expect((await readSite(owner, site.id)).customDirectives).toBe('');
  const stale = await owner.put(`${path}/${site.id}/custom-directives`, { text }, { 'if-match': '"1"' });
  expect(stale.status).toBe(412);
});

it('a change of something else leaves every setting as it is', async () => {
  const { site } = await createTestSite(owner, ['left-alone.test']);
  await change(site.id, { behaviour: { index: ['home.html'] } });
  await change(site.id, { remark: 'another' });
  expect(await readSite(owner, site.id)).toMatchObject({ remark: 'another', behaviour: { index: ['home.html'] } });
  expect((await readHistory(owner, site.id))[0]).toMatchObject({ fields: ['remark'] });
});

it('a deleted site whose certificate was removed meanwhile says so, and comes back without HTTPS when that is wanted', async () => {
  const { site } = await createTestSite(owner, ['lost.test']);
  const pair = withCertificates((make) => make.selfSigned('DNS:lost.test'));
  const { id: certificateId } = (await owner.post('/api/v1/certificates', { ...pair, name: '' })).json as {
    id: string;
  };
  await change(site.id, { tls: { certificateId } });
  const { confirm } = (await owner.get(`${path}/${site.id}/removal`)).json as { confirm: string };
  const removed = await owner.post(`${path}/${site.id}/removal`, { files: 'keep', confirm });
  const { changeId } = removed.json as { changeId: string };
  expect((await owner.delete(`/api/v1/certificates/${certificateId}`)).status).toBe(204);
  const refused = await undo(changeId);
  expect([refused.status, refused.json]).toMatchObject([409, { reason: 'undo_certificate_missing' }]);
  expect((await owner.get(`${path}/${site.id}`)).status).toBe(404);
  expect((await undo(changeId, { withoutHttps: true })).status).toBe(200);
  expect(await readSite(owner, site.id)).toMatchObject({ tls: null, domains: [{ host: 'lost.test', port: 80 }] });
});
