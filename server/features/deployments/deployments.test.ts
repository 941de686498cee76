import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deployment, DeployHook, deploymentsApi } from '#shared/deployments.ts';
import type { ResponseOf } from '#shared/http.ts';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { untilJob } from '../jobs/testing.ts';
import { createTestSite } from '../sites/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let site: Site;
let other: Site;
const deploy = {
  source: { url: 'https://code.example.com/shop.git', ref: { kind: 'branch', name: 'main' } },
  folder: '/public',
  build: [['npm', 'ci']],
};

beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ deployMs: 300 }) });
  owner = await (await test.signIn()).elevate();
  ({ site } = await createTestSite(owner, ['shop.test']));
  other = (await createTestSite(owner, ['other.test'])).site;
  for (const { id } of [site, other])
    expect((await owner.put(`/api/v1/sites/${id}/deploy`, { deploy })).status).toBe(200);
});
afterAll(() => test.close());

const stateOf = async ({ id }: Site = site) =>
  (await owner.get(`/api/v1/sites/${id}/deployments`)).json as ResponseOf<typeof deploymentsApi.state>;
const jobs = async (): Promise<Job[]> =>
  ((await owner.get('/api/v1/jobs?pageSize=200')).json as { items: Job[] }).items.filter(
    ({ kind, subject }) => kind === 'deployments.run' && subject['siteId'] === site.id,
  );
async function idle(): Promise<void> {
  for (let round = 0; round < 400; round++) {
    const isBusy = (await jobs()).some(({ endedAt }) => endedAt === null) || (await stateOf()).hook?.isWaiting === true;
    if (!isBusy) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the deployments do not end');
}

it('who may run deployments may not say how, and a site of others is not there', async () => {
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.get(`/api/v1/sites/${site.id}/deployments`)).status).toBe(200);
  expect((await manager.put(`/api/v1/sites/${site.id}/deploy`, { deploy })).status).toBe(403);
  expect((await manager.post(`/api/v1/sites/${site.id}/deploy/hook`)).status).toBe(403);
  for (const path of ['deployments', `deployments/${'a'.repeat(16)}/log`])
    expect((await manager.get(`/api/v1/sites/${other.id}/${path}`)).status).toBe(404);
  expect((await manager.post(`/api/v1/sites/${other.id}/deployments`)).status).toBe(404);
  // By the way of the settings neither.
  expect((await manager.patch(`/api/v1/sites/${site.id}`, { deploy })).status).toBe(400);
});

it('RUN-3 how many may build at once is seen and set by those who may see and set settings, between 1 and 16', async () => {
  const path = '/api/v1/deployments/builds';
  const [viewer, manager] = [await test.signIn('viewer'), await test.signIn('site_manager', { siteIds: [site.id] })];
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await manager.get(path)).status).toBe(403);
  expect((await viewer.put(path, { atOnce: 2 })).status).toBe(403);
  expect((await owner.get(path)).json).toEqual({ atOnce: 1, building: 0, waiting: 0 });
  for (const atOnce of [0, 17, 1.5, '2', null]) expect((await owner.put(path, { atOnce })).status).toBe(400);
  expect((await owner.put(path, { atOnce: 3 })).json).toMatchObject({ atOnce: 3 });
  expect((await owner.get(path)).json).toMatchObject({ atOnce: 3 });
});

it('CMD-5 addresses, branches, paths and steps that git, ssh or a shell could take for something else are refused by their field', async () => {
  const refused = async (change: object): Promise<unknown> => {
    const answer = await owner.put(`/api/v1/sites/${site.id}/deploy`, { deploy: { ...deploy, ...change } });
    expect(answer.status).toBe(400);
    return [
      ...new Map(
        (answer.json as { fields: { field: string; code: string }[] }).fields.map((each) => [each.field, each]),
      ).values(),
    ].map(({ field, code }) => [field, code]);
  };
  for (const [url, code] of [
    ['file:///etc', 'repository_scheme'],
    ['ext::sh -c touch% /tmp/x', 'repository_invalid'],
    ['ext::sh', 'repository_scheme'],
    ['git://code.example.com/x', 'repository_scheme'],
    ['http://code.example.com/x', 'repository_scheme'],
    ['--upload-pack=touch /tmp/x', 'repository_invalid'],
    ['-oProxyCommand=x@host:path', 'repository_invalid'],
    ['git@-oProxyCommand=x:path', 'repository_invalid'],
    ['ssh://-oProxyCommand=x/path', 'repository_invalid'],
    ['ssh://git@host/-path', 'repository_invalid'],
    ['git@host:../../etc', 'repository_invalid'],
    ['https://name:word@code.example.com/x', 'repository_credentials'],
    ['https://token@code.example.com/x', 'repository_credentials'],
    ['ssh://git:word@host/x', 'repository_credentials'],
    ['git@host:a b', 'repository_invalid'],
    ['git@host:a\nb', 'repository_invalid'],
    ['/srv/repo', 'repository_invalid'],
    ['git@host:$(id)', 'repository_invalid'],
  ] as const)
    expect([url, await refused({ source: { ...deploy.source, url } })]).toEqual([url, [['deploy.source.url', code]]]);
  expect(await refused({ source: { ...deploy.source, url: 'git@code.example.com:shop.git' } })).toEqual([
    ['deploy.source.hostKey', 'host_key_needed'],
  ]);
  for (const name of [
    '-x',
    'main;touch x',
    'a..b',
    'a b',
    'x.lock',
    '/x',
    'x/',
    'a\nb',
    '@{1}',
    'a~1',
    'a^',
    'a:b',
    'a?',
    '*',
  ])
    expect([name, await refused({ source: { ...deploy.source, ref: { kind: 'branch', name } } })]).toEqual([
      name,
      [['deploy.source.ref.name', 'git_ref_invalid']],
    ]);
  for (const folder of ['public', '/..', '/a/../b', '/.git', '/a/.GIT/b', '/-x', '/a b', '/a;', '/$x'])
    expect([folder, await refused({ folder })]).toEqual([folder, [['deploy.folder', 'release_path_invalid']]]);
  for (const program of ['-rf', '../x', '/bin/sh', 'a b', 'x;', '$(id)', './../x', ''])
    expect([program, ((await refused({ build: [[program]] })) as string[][]).map(([field]) => field)]).toEqual([
      program,
      ['deploy.build.0.0'],
    ]);
  expect(await refused({ build: [['echo', 'a\nb']] })).toEqual([['deploy.build.0.1', 'control_characters']]);
  expect(await refused({ sharedFolders: ['storage'], sharedFiles: ['storage/x'] })).toEqual([
    ['deploy.sharedFolders', 'shared_path_nested'],
  ]);
});

it('RUN-4 PATH-6 a deployment is started, followed and gone back to; no answer, list or audit row holds a key or a secret', async () => {
  const started = await owner.post(`/api/v1/sites/${site.id}/deployments`);
  expect(started.status).toBe(202);
  expect((await owner.post(`/api/v1/sites/${site.id}/deployments`)).json).toMatchObject({ reason: 'deploy_under_way' });
  const job = await untilJob(owner, (started.json as Job).id, ['succeeded', 'failed']);
  expect(job).toMatchObject({
    state: 'succeeded',
    kind: 'deployments.run',
    subject: { name: 'shop.test', siteId: site.id },
  });
  expect(job.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
  const [first] = (await stateOf()).items;
  expect(first).toMatchObject({ id: job.id, state: 'succeeded', isCurrent: true });
  const log = (await owner.get(`/api/v1/sites/${site.id}/deployments/${job.id}/log`)).json as { text: string };
  expect(log.text).toContain('$ npm ci');
  expect((await owner.get(`/api/v1/sites/${other.id}/deployments/${job.id}/log`)).status).toBe(404);
  await untilJob(owner, ((await owner.post(`/api/v1/sites/${site.id}/deployments`)).json as Job).id, ['succeeded']);
  const back = await owner.post(`/api/v1/sites/${site.id}/deployments/${job.id}/rollback`);
  expect(back.json as Deployment).toMatchObject({ kind: 'rollback', state: 'succeeded', releaseId: first?.releaseId });
  const key = await owner.post(`/api/v1/sites/${site.id}/deploy/key`, {});
  expect((key.json as { publicKey: string }).publicKey).toMatch(/^ssh-ed25519 /);
  const plain = await test.signIn();
  expect((await plain.post(`/api/v1/sites/${site.id}/deploy/key`, { isReplacing: true })).json).toMatchObject({
    code: 'elevation_required',
  });
  expect((await owner.post(`/api/v1/sites/${site.id}/deploy/key`, { isReplacing: true })).status).toBe(201);
}, 30_000);

it('another tag or commit is deployed once, by whoever may set deployments up', async () => {
  const path = `/api/v1/sites/${site.id}/deployments/once`;
  const name = 'c'.repeat(40);
  const started = await owner.post(path, { target: { kind: 'commit', name } });
  expect(started.status).toBe(202);
  await untilJob(owner, (started.json as Job).id, ['succeeded']);
  expect((await stateOf()).items[0]).toMatchObject({ ref: name, state: 'succeeded' });
  for (const target of [
    { kind: 'commit', name: 'main' },
    { kind: 'commit', name: `-${name.slice(1)}` },
    { kind: 'tag', name: '--upload-pack=x' },
  ])
    expect((await owner.post(path, { target })).status).toBe(400);
  expect((await (await test.signIn('viewer')).post(path, { target: { kind: 'tag', name: 'v1' } })).status).toBe(403);
});

type Hook = { hook: DeployHook; secret: string };
const branch = (ref: string, more: object = {}): string => JSON.stringify({ ref, after: 'a'.repeat(40), ...more });
const hmac = (secret: string, body: string): string => createHmac('sha256', secret).update(body).digest('hex');
const send = (path: string, body: string, headers: Record<string, string>, remoteAddress = '198.51.100.7') =>
  test.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
    remoteAddress,
  });

it('WEB-6 a push counts when it is signed as its server signs, for this site and the configured branch, and nothing else does', async () => {
  const plain = await test.signIn();
  expect((await plain.post(`/api/v1/sites/${site.id}/deploy/hook`)).json).toMatchObject({ code: 'elevation_required' });
  const made = (await owner.post(`/api/v1/sites/${site.id}/deploy/hook`)).json as Hook;
  const foreign = (await owner.post(`/api/v1/sites/${other.id}/deploy/hook`)).json as Hook;
  const path = new URL(made.hook.url).pathname;
  const { secret } = made;
  await idle();
  const before = (await jobs()).length;
  const main = branch('refs/heads/main');
  const form = `payload=${encodeURIComponent(main)}`;
  const signed = { 'x-hub-signature-256': `sha256=${hmac(secret, main)}` };
  const ignored: [string, string, Record<string, string>][] = [
    ['another branch', branch('refs/heads/develop'), {}],
    ['a tag of that name', branch('refs/tags/main'), {}],
    ['a branch that goes', branch('refs/heads/main', { deleted: true }), {}],
    ['a branch that goes, by its hash', branch('refs/heads/main', { after: '0'.repeat(40) }), {}],
    ['a ping', '{"zen":"x"}', {}],
    ['no JSON', 'hello', {}],
    ['another branch that begins so', branch('refs/heads/main2'), {}],
  ];
  for (const [what, body] of ignored) {
    const answer = await send(path, body, { 'x-hub-signature-256': `sha256=${hmac(secret, body)}` });
    expect([what, answer.statusCode, answer.json()]).toEqual([what, 202, { outcome: 'ignored' }]);
  }
  const refused: [string, string, Record<string, string>][] = [
    ['unsigned', main, {}],
    ['the secret of another site', main, { 'x-hub-signature-256': `sha256=${hmac(foreign.secret, main)}` }],
    ['another body', branch('refs/heads/main', { x: 1 }), signed],
    ['the beginning of a signature', main, { 'x-hub-signature-256': signed['x-hub-signature-256'].slice(0, 20) }],
    ['SHA-1', main, { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(main).digest('hex')}` }],
    ['an empty signature', main, { 'x-hub-signature-256': '' }],
    ['an empty token', main, { 'x-gitlab-token': '' }],
    ['a wrong token', main, { 'x-gitlab-token': `${secret}x` }],
    [
      'a wrong first signature beside a right token',
      main,
      { 'x-hub-signature-256': 'sha256=00', 'x-gitlab-token': secret },
    ],
    ['the secret as signature', main, { 'x-gitea-signature': secret }],
  ];
  const nowhere = await send('/api/v1/nothing-here', main, signed);
  for (const [index, [what, body, headers]] of refused.entries()) {
    const answer = await send(path, body, headers, `198.51.100.${20 + index}`);
    const { instance: _one, requestId: _two, ...said } = answer.json() as Record<string, unknown>;
    const { instance: _three, requestId: _four, ...elsewhere } = nowhere.json() as Record<string, unknown>;
    expect([what, answer.statusCode, said]).toEqual([what, 404, elsewhere]);
  }
  expect((await jobs()).length).toBe(before);
  const good: [string, string, Record<string, string>][] = [
    ['GitHub', main, signed],
    [
      'GitHub with a form',
      form,
      { 'content-type': 'application/x-www-form-urlencoded', 'x-hub-signature-256': `sha256=${hmac(secret, form)}` },
    ],
    ['Gitea', main, { 'x-gitea-signature': hmac(secret, main) }],
    ['Forgejo', main, { 'x-forgejo-signature': hmac(secret, main) }],
    ['GitLab', main, { 'x-gitlab-token': secret, 'x-gitlab-event': 'Push Hook' }],
  ];
  for (const [what, body, headers] of good) {
    const answer = await send(path, body, headers);
    expect([what, answer.statusCode, answer.json()]).toEqual([what, 202, { outcome: 'started' }]);
    await idle();
  }
  const bucket = JSON.stringify({ push: { changes: [{ new: { type: 'branch', name: 'main' } }] } });
  expect((await send(path, bucket, { 'x-hub-signature': `sha256=${hmac(secret, bucket)}` })).json()).toEqual({
    outcome: 'started',
  });
  await idle();
  const all = await jobs();
  expect(all.length).toBe(before + good.length + 1);
  expect(all[0]).toMatchObject({ actor: { id: 'webhook' }, state: 'succeeded' });
  expect((await stateOf()).items[0]).toMatchObject({ trigger: 'webhook', actorName: 'webhook' });
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(rows.filter(({ action }) => action === 'receivePush').length).toBeGreaterThan(8);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(
    JSON.stringify([await stateOf(), await jobs(), (await owner.get(`/api/v1/sites/${site.id}`)).json]),
  ).not.toContain(secret);
}, 60_000);

it('pushes that come while a deployment runs become one more, and no push is lost', async () => {
  const { hook, secret } = (await owner.post(`/api/v1/sites/${site.id}/deploy/hook`)).json as Hook;
  const path = new URL(hook.url).pathname;
  await idle();
  const before = (await jobs()).length;
  const main = branch('refs/heads/main');
  const signed = { 'x-gitlab-token': secret };
  expect((await send(path, main, signed)).json()).toEqual({ outcome: 'started' });
  const later = await Promise.all(Array.from({ length: 6 }, () => send(path, main, signed)));
  expect(later.map((answer) => answer.json() as unknown)).toEqual(Array(6).fill({ outcome: 'waiting' }));
  expect((await stateOf()).hook?.isWaiting).toBe(true);
  await idle();
  expect((await jobs()).length).toBe(before + 2);
}, 30_000);

it('a new secret makes the one before void, too many calls are refused, and a large body is not read', async () => {
  const old = (await owner.post(`/api/v1/sites/${site.id}/deploy/hook`)).json as Hook;
  const made = (await owner.post(`/api/v1/sites/${site.id}/deploy/hook`)).json as Hook;
  const ping = '{"zen":"x"}';
  const call = ({ hook, secret }: Hook, body = ping, from = '198.51.100.90') =>
    send(new URL(hook.url).pathname, body, { 'x-gitlab-token': secret }, from);
  expect((await call(old)).statusCode).toBe(404);
  expect((await call(made)).statusCode).toBe(202);
  expect((await call(made, 'x'.repeat(5 * 1024 * 1024 + 1))).statusCode).toBe(404);
  const codes: number[] = [];
  for (let count = 0; count < 70; count++) codes.push((await call(made)).statusCode);
  expect(codes.filter((code) => code === 202).length).toBeLessThanOrEqual(60);
  expect(codes.at(-1)).toBe(404);
  // Whoever guesses is no longer looked at.
  const guess = (): Promise<unknown> => send(`/api/v1/hooks/${'a'.repeat(16)}`, ping, {}, '198.51.100.99');
  for (let count = 0; count < 25; count++) await guess();
  const fresh = (await owner.post(`/api/v1/sites/${other.id}/deploy/hook`)).json as Hook;
  expect((await call(fresh, ping, '198.51.100.99')).statusCode).toBe(404);
  expect((await call(fresh)).statusCode).toBe(202);
  expect((await owner.delete(`/api/v1/sites/${other.id}/deploy/hook`)).status).toBe(204);
  expect((await call(fresh)).statusCode).toBe(404);
}, 30_000);

it('PERM-8 behind a secret way in a push is let through, and a refusal is the same as for every other address', async () => {
  const { hook, secret } = (await owner.post(`/api/v1/sites/${other.id}/deploy/hook`)).json as Hook;
  const path = new URL(hook.url).pathname;
  const doors = test.ctx.doors.current();
  Object.assign(test.ctx.doors, { current: () => ({ ...doors, entryPath: 'secret-way-in' }) });
  try {
    const ping = '{"zen":"x"}';
    const from = '198.51.100.150';
    expect((await send(path, ping, { 'x-gitlab-token': secret }, from)).statusCode).toBe(202);
    const elsewhere = await send('/api/v1/nothing', ping, {}, from);
    expect([elsewhere.statusCode, elsewhere.body]).toEqual([404, '404 Not Found\n']);
    const without = ({ headers }: { headers: object }): object => ({
      ...headers,
      date: undefined,
      // A body that nobody read ends the connection.
      connection: undefined,
    });
    for (const answer of [
      await send(path, ping, { 'x-gitlab-token': 'wrong' }, from),
      await send(`/api/v1/hooks/${'b'.repeat(16)}`, ping, { 'x-gitlab-token': secret }, from),
      await send(`${path}/`, ping, { 'x-gitlab-token': secret }, from),
      await send(`${path}?x=1`, ping, { 'x-gitlab-token': secret }, from),
      await send(path, 'x'.repeat(6 * 1024 * 1024), { 'x-gitlab-token': secret }, from),
      await test.app.inject({ method: 'GET', url: path, remoteAddress: from }),
    ])
      expect([answer.statusCode, answer.body, without(answer)]).toEqual([404, elsewhere.body, without(elsewhere)]);
  } finally {
    Object.assign(test.ctx.doors, { current: () => doors });
  }
}, 30_000);
