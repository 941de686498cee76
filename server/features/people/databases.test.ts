import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Me } from '#shared/accounts.ts';
import type { AuditRow } from '#shared/audit.ts';
import type { PersonRow, RoleRow } from '#shared/people.ts';
import { hasMariadb, hasPostgres, startMariadb, startPostgres, type DatabaseServer } from '../../../test/databases.ts';
import { totpAt, totpStep } from '../../core/agent-fake/totp.ts';
import { findRoleRecording } from '../../core/auth/rights.ts';
import { cookiesOf, makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { createTestSite } from '../sites/testing.ts';

/* One body on every database: people, roles, tokens, steps of signing in, notices, the audit index. */

const password = 'S3cret-of-this-test';
const engines = [
  { name: 'sqlite', isHere: true, start: () => Promise.resolve(undefined) },
  { name: 'mysql', isHere: hasMariadb, start: () => startMariadb({ password }) },
  { name: 'postgresql', isHere: hasPostgres, start: () => startPostgres({ password }) },
];

describe.each(engines)('accounts on $name', ({ isHere, start }) => {
  let server: DatabaseServer | undefined;
  let test: TestApp;
  let owner: TestClient;

  beforeAll(async () => {
    if (!isHere) return;
    server = await start();
    const env = server === undefined ? {} : { DATABASE_TYPE: server.engine, DATABASE_URL: urlOf(server) };
    test = await makeTestApp({ env });
    owner = await (await test.signIn()).elevate();
  }, 60_000);
  afterAll(async () => {
    await test?.close();
    await server?.stop();
  });

  it.skipIf(!isHere)('people, roles and assigned sites are kept, changed, found and removed', async () => {
    const { site } = await createTestSite(owner, ['mine.test'], { category: 'shop' });
    await createTestSite(owner, ['other.test'], { category: 'else' });
    const body = { name: 'Händler', permissions: ['sites.read', 'jobs.read'], siteScope: 'assigned' };
    const role = (await owner.post('/api/v1/roles', body)).json as RoleRow;
    expect((await owner.post('/api/v1/roles', { ...body, name: 'HÄNDLER' })).json).toMatchObject({
      reason: 'role_name_taken',
    });
    const invited = await owner.post('/api/v1/people', { name: 'sami', role: role.id, siteIds: [site.id, site.id] });
    const { person } = invited.json as { person: PersonRow };
    expect(person).toMatchObject({ roleName: 'Händler', siteIds: [site.id] });
    const manager = await test.signIn(role.id, { siteIds: [site.id] });
    expect((await manager.get('/api/v1/sites')).json).toMatchObject({ total: 1 });
    expect((await manager.get('/api/v1/site-categories')).json).toEqual({ items: [{ name: 'shop', count: 1 }] });
    expect((await manager.get('/api/v1/site-changes')).json).toMatchObject({ total: 1 });
    const chosen = await owner.put(`/api/v1/roles/${role.id}/recording`, { recording: 'always' });
    expect(chosen.json).toMatchObject({ name: 'Händler', recording: 'always', personCount: 2 });
    await owner.put(`/api/v1/roles/${role.id}`, { ...body, name: 'Seller', permissions: ['sites.read'] });
    expect((await manager.get('/api/v1/jobs')).status).toBe(403);
    expect(await findRoleRecording(test.ctx.db, role.id)).toBe('always');
    expect(await findRoleRecording(test.ctx.db, 'aaaaaaaaaaaaaaaa')).toBe('always');
    expect((await owner.delete(`/api/v1/people/${person.id}`)).status).toBe(204);
    const left = await test.ctx.db.selectFrom('person_site').selectAll().where('person_id', '=', person.id).execute();
    expect(left).toEqual([]);
  });

  it.skipIf(!isHere)('a sign-in with two factors, its step, its device and its notices', async () => {
    const client = await test.signIn('viewer');
    await client.elevate();
    const { secret } = (await client.post('/api/v1/me/totp/secret')).json as { secret: string };
    await client.post('/api/v1/me/totp', { secret, code: totpAt(secret, totpStep(Date.now())) });
    const { name, password: own } = client.person ?? { name: '', password: '' };
    const start = async () => {
      const answer = await test.anonymous.post('/api/v1/sign-in', { name, password: own });
      return (answer.json as { step: string }).step;
    };
    const wrong = { step: await start(), proof: { kind: 'totp', code: '000000' } };
    for (let tries = 0; tries < 5; tries += 1) await test.anonymous.post('/api/v1/sign-in/second', wrong);
    expect((await test.anonymous.post('/api/v1/sign-in/second', wrong)).json).toMatchObject({
      reason: 'sign_in_step_void',
    });
    const right = { step: await start(), proof: { kind: 'totp', code: totpAt(secret, totpStep(Date.now()) + 1) } };
    const both = await Promise.all([1, 2].map(() => test.anonymous.post('/api/v1/sign-in/second', right)));
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    const done = both.find(({ status }) => status === 200);
    const me = (await test.anonymous.get('/api/v1/me', { cookie: cookiesOf(done ?? { headers: {} }) })).json as Me;
    expect(me.person.name).toBe(name);
  });

  it.skipIf(!isHere)('tokens are kept as hashes and end', async () => {
    const made = await owner.post('/api/v1/me/tokens', { name: 'ci', scopes: ['sites.read'], expiresInDays: 1 });
    const { secret, token } = made.json as { secret: string; token: { id: string } };
    const headers = { authorization: `Bearer ${secret}` };
    expect((await test.anonymous.get('/api/v1/sites', headers)).json).toMatchObject({ total: 2 });
    expect((await owner.delete(`/api/v1/me/tokens/${token.id}`)).status).toBe(204);
    expect((await test.anonymous.get('/api/v1/sites', headers)).status).toBe(401);
  });

  it.skipIf(!isHere)('the audit index is searched as typed, exported and verified', async () => {
    await test.anonymous.post('/api/v1/sign-in', { name: "100%_'\\!x", password: 'x' });
    const search = async (text: string) =>
      ((await owner.get(`/api/v1/audit?search=${encodeURIComponent(text)}`)).json as { total: number }).total;
    expect(await search("%_'\\!X")).toBe(1);
    expect(await search('%%')).toBe(0);
    expect(await search('_0')).toBe(0);
    const { items } = (await owner.get('/api/v1/audit?action=createRole&outcome=done')).json as { items: AuditRow[] };
    expect(items[0]?.sequence).toBeGreaterThan(0);
    expect((await owner.get('/api/v1/audit/export?format=json')).status).toBe(200);
    expect((await owner.post('/api/v1/audit/verify')).json).toMatchObject({ fault: null });
  });
});

function urlOf({ engine, user, port, name }: DatabaseServer): string {
  return `${engine}://${user}:${password}@127.0.0.1:${port}/${name}`;
}
