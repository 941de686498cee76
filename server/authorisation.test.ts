import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Permission } from '#shared/access.ts';
import { builtInRoleFacts, permissions } from '#shared/access.ts';
import type { PanelEvent } from '#shared/events.ts';
import type { Operation } from '#shared/http.ts';
import { features, type Feature } from './app.ts';
import { createFakeAgent, type FakeCall } from './core/agent-fake.ts';
import { securityHeaders } from './core/security-headers.ts';
import { listen, readStream, untilJob } from './features/jobs/testing.ts';
import { createTestSite } from './features/sites/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from './testing.ts';
import {
  allBut,
  dangerous,
  dumpDatabase,
  makeToken,
  onlyForPeople,
  operations,
  roles,
  samplesOf,
  urlOf,
  withToken,
  type Scene,
  type Subject,
} from './testing/matrix.ts';

/*
 * Who may do what: every operation of shared/api.ts, asked by everybody. Refused means that nothing happened: the
 * database is as before, and the agent was asked for nothing but the record of the refusal.
 */

let test: TestApp;
let owner: TestClient;
let scene: Scene;
let port: number;
const calls: FakeCall[] = [];
const ownRoleId = 'bbbbbbbbbbbbbbbb';
/** Rows of the printed table: the operation, and the status for each subject. */
const table = new Map<string, Map<string, string>>();

beforeAll(async () => {
  const agent = createFakeAgent({ installStepMs: 5, isNginxInstalled: true, onCall: (call) => calls.push(call) });
  test = await makeTestApp({ agentClient: agent });
  port = await listen(test);
  owner = await (await test.signIn('owner')).elevate();
  const own = await createTestSite(owner, ['own.test']);
  const other = await createTestSite(owner, ['other.test']);
  const role = await owner.post('/api/v1/roles', { name: 'spare', permissions: ['sites.read'], siteScope: 'assigned' });
  const person = await owner.post('/api/v1/people', { name: 'somebody', role: 'viewer' });
  const { confirm } = (await owner.get(`/api/v1/sites/${other.site.id}/removal`)).json as { confirm: string };
  const job = await owner.post('/api/v1/software/nginx/install');
  scene = {
    ownSite: own.site.id,
    otherSite: other.site.id,
    otherChange: other.changeId ?? '',
    personId: (person.json as { person: { id: string } }).person.id,
    roleId: (role.json as { id: string }).id,
    confirm,
    jobId: (job.json as { id: string }).id,
  };
  await untilJob(owner, scene.jobId, ['succeeded']);
  const at = Date.now();
  await test.ctx.db
    .insertInto('role')
    .values({
      id: ownRoleId,
      name: 'everything of some sites',
      name_key: 'everything of some sites',
      permissions_json: JSON.stringify(permissions),
      site_scope: 'assigned',
      created_at: at,
      updated_at: at,
    })
    .execute();
});
afterAll(() => test.close());

/**
 * Who asks is the same on every engine; on the other two it is seen that each operation's statements work there, for who
 * may do all and for who may do least and that only to some sites.
 */
const isOtherEngine = process.env['TEST_DATABASE'] !== undefined;
const askingRoles = isOtherEngine ? (['owner', 'site_manager'] as const) : roles;

async function subjects(): Promise<Subject[]> {
  const siteIds = [scene.ownSite];
  const found: Subject[] = [{ name: 'anonymous', client: test.anonymous, permissions: undefined }];
  for (const role of askingRoles) {
    const isAssigned = builtInRoleFacts[role].siteScope === 'assigned';
    const client = await test.signIn(role, isAssigned ? { siteIds } : {});
    found.push({ name: role, client, permissions: builtInRoleFacts[role].permissions, isAssigned });
  }
  if (isOtherEngine) return found;
  const client = await test.signIn(ownRoleId, { siteIds });
  found.push({ name: 'own role', client, permissions, isAssigned: true });
  return found;
}

async function ask(operation: Operation, client: TestClient, siteId: string) {
  const sample = samplesOf(scene)[operation.id] ?? {};
  const url = urlOf(operation, sample, siteId);
  if (operation.stream === true && client.cookie !== undefined) {
    const headers: Record<string, string> = client.cookie === undefined ? {} : { cookie: client.cookie };
    const ended = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { headers, signal: ended.signal });
    const text = answer.ok ? '' : await answer.text();
    ended.abort();
    return { status: answer.status, json: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }
  if (operation.bytesMost !== undefined) {
    const headers = { 'content-type': 'application/octet-stream', 'if-match': '*' };
    return client.request(url, { method: operation.method, body: 'x', headers });
  }
  const hasBody = operation.body !== undefined;
  return client.request(url, { method: operation.method, ...(hasBody ? { body: sample.body ?? {} } : {}) });
}

function note(operation: Operation, subject: string, answer: { status: number; json: unknown }): void {
  const { code } = (answer.json ?? {}) as { code?: string };
  const row = table.get(operation.id) ?? new Map<string, string>();
  table.set(operation.id, row.set(subject, code === 'elevation_required' ? '403+' : String(answer.status)));
}

type Refusal = { readonly operation: Operation; readonly subject: Subject; readonly statuses: readonly number[] };

/** The record of the refusal, and what the panel asks by its own clock, whoever asks meanwhile. */
const ofThePanel: ReadonlySet<string> = new Set(['audit.append', 'terminals.ends']);

/** Asks all of it, and makes sure that nothing came of it. */
async function expectRefused(refusals: readonly Refusal[]) {
  const before = await dumpDatabase(test);
  for (const { operation, subject, statuses } of refusals) {
    calls.length = 0;
    const answer = await ask(operation, subject.client, scene.otherSite);
    note(operation, subject.name, answer);
    expect([operation.id, subject.name, statuses.includes(answer.status) ? 'refused' : answer]).toEqual([
      operation.id,
      subject.name,
      'refused',
    ]);
    const acted = calls.map(({ name }) => name).filter((name) => !ofThePanel.has(name));
    expect([operation.id, subject.name, acted]).toEqual([operation.id, subject.name, []]);
  }
  // Once for many: the rows say what it was.
  expect([refusals[0]?.subject.name, differences(before, await dumpDatabase(test))]).toEqual([
    refusals[0]?.subject.name,
    [],
  ]);
}

/** Rows that came or went, each with its table. */
function differences(before: string, after: string): string[] {
  const rowsOf = (dump: string): Set<string> =>
    new Set(
      (JSON.parse(dump) as [string, string[]][]).flatMap(([table, rows]) => rows.map((row) => `${table} ${row}`)),
    );
  const [old, present] = [rowsOf(before), rowsOf(after)];
  return [...old.symmetricDifference(present)];
}

const isSiteObject = ({ path }: Operation) => path.includes('{siteId}') || path.includes('{changeId}');
/** What changes the own account. */
const mayEndSession = ({ access, method }: Operation) => access === 'signedIn' && method !== 'GET';
const restricted = operations.filter(({ access }) => access !== 'public');
/** On the other engines one of each permission. */
const askedWithToken = restricted.filter(
  ({ id, access }) => !isOtherEngine || restricted.find((first) => first.access === access)?.id === id,
);

describe('the matrix of authorisation', () => {
  it('USER-2 AUTH-1 PERM-1 ALL-4 refuses everybody whom the operation does not name, and nothing happens', async () => {
    for (const subject of await subjects()) {
      const refusals = restricted.flatMap((operation): Refusal[] => {
        if (subject.permissions === undefined) return [{ operation, subject, statuses: [401] }];
        const isNamed = operation.access === 'signedIn' || subject.permissions.includes(operation.access as Permission);
        if (!isNamed) return [{ operation, subject, statuses: [403] }];
        return subject.isAssigned === true && isSiteObject(operation) ? [{ operation, subject, statuses: [404] }] : [];
      });
      await expectRefused(refusals);
    }
  });

  it('USER-2 AUTH-1 AUTH-6 a token without the scope is refused, and a token never does what is for people', async () => {
    const secrets = new Map<string, string>();
    const refusals: Refusal[] = [];
    for (const operation of askedWithToken) {
      if (operation.stream === true) continue;
      const isForPeople = onlyForPeople.includes(operation.id);
      if (!isForPeople && operation.access === 'signedIn') continue;
      const key = isForPeople ? '' : operation.access;
      const secret = secrets.get(key) ?? (await makeToken(await (await test.signIn()).elevate(), allBut(key)));
      secrets.set(key, secret);
      const subject = { name: 'token without', client: withToken(test.anonymous, secret), permissions: [] };
      refusals.push({ operation, subject, statuses: [403] });
    }
    await expectRefused(refusals);
  });

  it('asks an owner for a fresh factor before each dangerous operation, and nothing happens without one', async () => {
    const client = await test.signIn('owner');
    const before = await dumpDatabase(test);
    for (const id of dangerous) {
      const operation = operations.find((known) => known.id === id);
      if (operation === undefined) throw new Error(`there is no operation ${id}`);
      const answer = await ask(operation, client, scene.otherSite);
      note(operation, 'not elevated', answer);
      const { code } = answer.json as { code?: string };
      expect([id, answer.status, code]).toEqual([id, 403, 'elevation_required']);
    }
    expect(differences(before, await dumpDatabase(test))).toEqual([]);
  });

  it('USER-2 AUTH-1 lets through whom the operation names: what is wrong then is the request, not the person', async () => {
    const wanted = new Set(operations.map(({ id }) => id));
    let everybody = await subjects();
    for (const operation of restricted) {
      for (const subject of everybody) {
        const { permissions: own, name } = subject;
        if (own === undefined) continue;
        if (operation.access !== 'signedIn' && !own.includes(operation.access as Permission)) continue;
        // Whose site it is: a reading of the own one, so that what is deleted here is missed by nobody.
        if (subject.isAssigned === true && operation.path.includes('{changeId}')) continue;
        const siteId = subject.isAssigned === true ? scene.ownSite : scene.otherSite;
        const answer = await ask(operation, subject.client, siteId);
        note(operation, name, answer);
        expect([operation.id, name, isThrough(answer) ? 'through' : answer]).toEqual([operation.id, name, 'through']);
        wanted.delete(operation.id);
      }
      if (mayEndSession(operation)) everybody = await subjects();
    }
    expect([...wanted].toSorted()).toEqual(
      operations
        .filter(({ access }) => access === 'public')
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  it('USER-2 AUTH-1 AUTH-6 a token with the scope does what its person may', async () => {
    const client = await (await test.signIn()).elevate();
    const { site } = await createTestSite(client, ['token.test']);
    const secrets = new Map<string, string>();
    for (const operation of askedWithToken) {
      if (operation.stream === true || onlyForPeople.includes(operation.id)) continue;
      const { access } = operation;
      const scopes = access === 'signedIn' ? ['sites.read'] : [access, 'sites.create', 'sites.write'];
      const made = async () => makeToken(await (await test.signIn()).elevate(), scopes, { isElevated: true });
      const secret = secrets.get(access) ?? (await made());
      secrets.set(access, secret);
      const answer = await ask(operation, withToken(test.anonymous, secret), site.id);
      note(operation, 'token with', answer);
      expect([operation.id, isThrough(answer) ? 'through' : answer]).toEqual([operation.id, 'through']);
    }
  });

  it('S-7 an owner who has confirmed is through all of them, and every answer carries the security headers', async () => {
    const signIn = async () => (await test.signIn('owner')).elevate();
    let client = await signIn();
    for (const operation of restricted) {
      if (operation.stream === true) continue;
      const answer = await ask(operation, client, scene.otherSite);
      expect('headers' in answer ? answer.headers : {}, operation.id).toMatchObject(securityHeaders);
      note(operation, 'elevated', answer);
      const { code, reason } = (answer.json ?? {}) as { code?: string; reason?: string };
      // Recovery codes are for who has a second factor; this owner has none.
      const isDomain = operation.id === 'newRecoveryCodes' && reason === 'second_factor_needed';
      const isFine = code !== 'elevation_required' && (isDomain || isThrough(answer));
      expect([operation.id, isFine ? 'through' : answer]).toEqual([operation.id, 'through']);
      if (mayEndSession(operation)) client = await signIn();
    }
    print();
  });
});

/** Not 401, and no 403 that speaks of permissions: what a person, a factor or an owner lacks is another matter. */
function isThrough({ status, json }: { status: number; json: unknown }): boolean {
  const { code, params, reason } = (json ?? {}) as { code?: string; reason?: string; params?: { permission?: string } };
  if (status === 401 || status >= 500) return reason === 'wrong_credentials';
  if (status !== 403) return true;
  if (code === 'elevation_required') return true;
  return params?.permission === undefined && reason !== 'not_with_token' && reason !== 'second_factor_needed';
}

function print(): void {
  const kinds = ['anonymous', ...roles, 'own role', 'token without', 'token with', 'not elevated', 'elevated'];
  const columns = kinds.filter((kind) => [...table.values()].some((row) => row.has(kind)));
  const lines = [...table].map(([id, row]) =>
    [id.padEnd(26), ...columns.map((column) => (row.get(column) ?? '').padEnd(column.length))].join(' '),
  );
  const count = [...table.values()].reduce((sum, row) => sum + row.size, 0);
  const head = [''.padEnd(26), ...columns].join(' ');
  console.log(
    [
      `authorisation: ${table.size} operations × ${columns.length} kinds of people, ${count} answers`,
      head,
      ...lines,
    ].join('\n'),
  );
}

describe('the list of operations', () => {
  /** Routes of the API that the server has, as its router knows them. */
  async function registered(list: readonly Feature[]): Promise<{ key: string; access: unknown }[]> {
    const found: { key: string; access: unknown }[] = [];
    const collect: Feature = ({ server }) => {
      server.addHook('onRoute', ({ url, config, method }) => {
        const isListed = url.startsWith('/api/v1/') || url.endsWith('/metrics');
        if (!isListed) return;
        for (const one of [method].flat()) found.push({ key: `${one} ${url}`, access: config?.access });
      });
    };
    const app = await makeTestApp({ features: [collect, ...list] });
    await app.close();
    return found;
  }

  /** What the server answers and shared/api.ts does not name, or names with another access; and the other way round. */
  async function differences(list: readonly Feature[]): Promise<string[]> {
    const wanted = new Map<string, unknown>();
    for (const { method, path, access } of operations) {
      const key = `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      wanted.set(key, access);
      if (method === 'GET') wanted.set(`HEAD ${key.slice(4)}`, access);
    }
    // Signed by somebody else's server: no operation of the API.
    wanted.set('POST /api/v1/hooks/:hookId', 'public');
    wanted.set('GET /api/v1/openapi.json', 'public').set('HEAD /api/v1/openapi.json', 'public');
    const found = await registered(list);
    const missing = [...wanted.keys()].filter(
      (key) => !key.startsWith('HEAD') && !found.some((one) => one.key === key),
    );
    const foreign = found.filter(({ key, access }) => !wanted.has(key) || wanted.get(key) !== access);
    return [...missing.map((key) => `missing: ${key}`), ...foreign.map(({ key }) => `foreign: ${key}`)];
  }

  it('USER-2 PERM-8 is what the server serves: nothing more, nothing less, and with the same access', async () => {
    expect(await differences(features)).toEqual([]);
  });

  it('USER-2 a planted route without access stops the start, and one that the list does not name is found', async () => {
    const open: Feature = ({ server }) => void server.get('/api/v1/open', () => 'open');
    await expect(makeTestApp({ features: [...features, open] })).rejects.toThrow('declares no access');
    const sly: Feature = ({ server }) =>
      void server.get('/api/v1/sly', { config: { access: 'public' } }, () => 'everything');
    expect(await differences([...features, sly])).toEqual(['foreign: GET /api/v1/sly', 'foreign: HEAD /api/v1/sly']);
  });
});

describe('live events', () => {
  const publish = async () => {
    const { events, jobs } = test.ctx;
    const job = await jobs.get(scene.jobId);
    const list: PanelEvent[] = [
      { type: 'site', siteId: scene.ownSite, change: 'updated' },
      { type: 'site', siteId: scene.otherSite, change: 'updated' },
      { type: 'job', job },
      { type: 'agent', state: 'up' },
    ];
    for (const event of list) events.publish(event);
  };

  it.each([
    ['owner', ['own', 'other', 'job']],
    ['operator', ['own', 'other', 'job']],
    ['viewer', ['own', 'other', 'job']],
    ['site_manager', ['own']],
    [ownRoleId, ['own']],
  ] as const)('USER-2 PERM-1 %s hears of %j', async (role, heard) => {
    const siteIds = [scene.ownSite];
    const client = await test.signIn(role, ['site_manager', ownRoleId].includes(role) ? { siteIds } : {});
    const reading = readStream(port, '/api/v1/events?topics=system', client, (events) =>
      events.some(({ event }) => event === 'agent'),
    );
    const again = setInterval(() => void publish(), 50);
    const events = await reading.finally(() => clearInterval(again));
    const names = events.flatMap(({ event, data }) => {
      const { siteId } = data as { siteId?: string };
      if (event === 'job') return ['job'];
      if (event !== 'site') return [];
      return [siteId === scene.ownSite ? 'own' : 'other'];
    });
    expect([...new Set(names)].toSorted()).toEqual([...heard].toSorted());
  });
});
