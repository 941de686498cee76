import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { countSites, createTestSite, readHistory, readSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
let viewer: TestClient;
const path = '/api/v1/sites';
const nowhere = `${path}/aaaaaaaaaaaaaaaa`;
const confirm = '0'.repeat(64);

beforeAll(async () => {
  test = await makeTestApp();
  owner = await (await test.signIn()).elevate();
  viewer = await test.signIn('viewer');
});
afterAll(() => test.close());

const changing: { name: string; method: 'POST' | 'PATCH' | 'PUT'; path: string; body: unknown }[] = [
  { name: 'create', method: 'POST', path, body: { kind: 'static', domains: ['refused.test'] } },
  { name: 'update', method: 'PATCH', path: nowhere, body: { name: 'x' } },
  { name: 'custom directives', method: 'PUT', path: `${nowhere}/custom-directives`, body: { text: '' } },
  { name: 'drift', method: 'POST', path: `${nowhere}/drift`, body: { choice: 'adopt' } },
  { name: 'delete', method: 'POST', path: `${nowhere}/removal`, body: { confirm, files: 'keep' } },
  { name: 'undo', method: 'POST', path: '/api/v1/site-changes/aaaaaaaaaaaaaaaa/undo', body: {} },
];
const reading = [
  path,
  nowhere,
  `${nowhere}/inspection`,
  `${nowhere}/logs/access`,
  '/api/v1/site-changes',
  '/api/v1/site-categories',
];

describe('who may', () => {
  it.each(changing)('$name: a stranger gets 401, a viewer 403, an owner learns that it is not there', async (given) => {
    const before = await countSites(owner);
    const options = { method: given.method, body: given.body };
    expect((await test.anonymous.request(given.path, options)).status).toBe(401);
    expect((await viewer.request(given.path, options)).json).toMatchObject({ code: 'not_allowed' });
    expect(await countSites(owner)).toBe(before);
    if (given.name !== 'create') expect((await owner.request(given.path, options)).status).toBe(404);
  });

  it.each(reading)('%s: a stranger gets 401, a viewer is answered', async (address) => {
    expect((await test.anonymous.get(address)).status).toBe(401);
    expect([200, 404]).toContain((await viewer.get(address)).status);
  });

  it('a viewer cannot see what deleting would remove', async () => {
    expect((await viewer.get(`${nowhere}/removal`)).status).toBe(403);
  });
});

describe('creating', () => {
  it('a static site gets its slug, folder, user and revision, and is announced', async () => {
    const answer = await owner.post(path, {
      kind: 'static',
      domains: ['Example.TEST', '*.example.test', 'example.test:8080'],
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.json).toMatchObject({
      site: {
        slug: 'example.test',
        name: 'example.test',
        kind: 'static',
        root: '/www/wwwroot/example.test',
        upstream: null,
        isEnabled: true,
        state: 'active',
        failure: null,
        revision: 1,
        domains: [
          { host: 'example.test', port: 80 },
          { host: '*.example.test', port: 80 },
          { host: 'example.test', port: 8080 },
        ],
      },
      warnings: ['nginx_missing'],
    });
    const { site } = answer.json as { site: { id: string; linuxUser: string } };
    expect(site.linuxUser).toMatch(/^site-[a-z2-7]{8}$/);
    expect(await readSite(viewer, site.id)).toEqual(site);
  });

  it('a proxied site keeps its upstream, and a metadata address is a warning', async () => {
    const url = 'http://169.254.169.254/latest';
    const answer = await owner.post(path, { kind: 'proxy', domains: ['proxy.test'], upstream: { url } });
    expect(answer.json).toMatchObject({ site: { kind: 'proxy', upstream: { url, isWebsocket: true } } });
    expect((answer.json as { warnings: string[] }).warnings).toContain('metadata_address');
  });

  it('Arabic and punycode names are the same name, and a wildcard makes a slug of its own', async () => {
    const first = await createTestSite(owner, ['موقعي.test']);
    expect(first.site.domains[0]?.host).toMatch(/^xn--/);
    expect(first.warnings).not.toContain('lookalike_domain');
    expect(first.site.name).toBe('موقعي.test');
    const again = await owner.post(path, { kind: 'static', domains: [first.site.domains[0]?.host] });
    expect(again.json).toMatchObject({ code: 'already_exists', reason: 'domain_taken' });
    expect((await createTestSite(owner, ['*.wild.test'])).site.slug).toBe('_wildcard.wild.test');
    const deceptive = await createTestSite(owner, ['раypal.test']);
    expect(deceptive.site.name).toMatch(/^xn--/);
  });

  it('the same name on another port is another site with a numbered slug', async () => {
    await createTestSite(owner, ['ports.test']);
    const { site } = await createTestSite(owner, ['ports.test:8080']);
    expect(site.slug).toBe('ports.test-2');
    expect(site.root).toBe('/www/wwwroot/ports.test-2');
  });

  it('letters of two scripts in one label are a warning', async () => {
    expect((await createTestSite(owner, ['pаypal.test'])).warnings).toContain('lookalike_domain');
    expect((await createTestSite(owner, ['аррӏе.test'.replace('ӏ', 'і')])).warnings).toContain('lookalike_domain');
  });

  it('a name of another site is refused with both names, and nothing is made', async () => {
    await createTestSite(owner, ['taken.test'], { name: 'المتجر' });
    const before = await countSites(owner);
    const answer = await owner.post(path, { kind: 'static', domains: ['free.test', 'taken.test'] });
    expect(answer.status).toBe(409);
    expect(answer.json).toMatchObject({
      reason: 'domain_taken',
      params: { domain: 'taken.test', site: 'المتجر' },
      fields: [{ field: 'domains.1', code: 'domain_taken' }],
    });
    expect(await countSites(owner)).toBe(before);
  });

  it('DOM-3 the port that the panel itself answers on is refused in creation, domains and a copy', async () => {
    const { site } = await createTestSite(owner, ['beside.test']);
    const [port] = test.ctx.doors.ports();
    const domain = `own.test:${port}`;
    const refused = { code: 'already_exists', reason: 'domain_of_panel', params: { domain } };
    const before = await countSites(owner);
    expect((await owner.post(path, { kind: 'static', domains: [domain] })).json).toMatchObject(refused);
    const changed = await owner.patch(`${path}/${site.id}`, { domains: ['beside.test', domain] });
    expect(changed.json).toMatchObject({ ...refused, fields: [{ field: 'domains.1', code: 'domain_of_panel' }] });
    const copied = await owner.post(`${path}/${site.id}/copies`, { domains: [domain] });
    expect(copied.json).toMatchObject(refused);
    expect(await countSites(owner)).toBe(before);
  });

  it('two people who ask for one name at the same moment: one gets it, the other learns who has it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => owner.post(path, { kind: 'static', domains: ['race.test'] })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(4);
    expect((await owner.get(`${path}?search=race.test`)).json).toMatchObject({ total: 1 });
  });

  it('what nginx refuses leaves nothing behind, and its name is free again', async () => {
    const before = await countSites(owner);
    const answer = await owner.post(path, { kind: 'static', domains: ['fail-nginx.test'] });
    expect(answer.status).toBe(422);
    expect(answer.json).toMatchObject({ code: 'config_rejected', reason: 'nginx_rejected' });
    expect(await countSites(owner)).toBe(before);
    expect((await owner.post(path, { kind: 'static', domains: ['fail-nginx.test'] })).status).toBe(422);
  });

  it('an agent that is away is said so and nothing is left', async () => {
    const before = await countSites(owner);
    const answer = await owner.post(path, { kind: 'static', domains: ['fail-agent.test'] });
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ code: 'agent_unavailable' });
    expect(await countSites(owner)).toBe(before);
  });

  it('a lost answer is asked for again: the site that was made is there', async () => {
    const { site } = await createTestSite(owner, ['lost-agent.test']);
    expect(site.linuxUser).toMatch(/^site-/);
  });

  it('the same request with one Idempotency-Key makes one site', async () => {
    const body = { kind: 'static', domains: ['once.test'] };
    const first = await owner.post(path, body, { 'idempotency-key': 'k1' });
    const second = await owner.post(path, body, { 'idempotency-key': 'k1' });
    expect(second.status).toBe(201);
    expect(second.json).toEqual(first.json);
  });
});

describe('hostile input is refused by field, and nothing happens', () => {
  const domains: [string, string, string][] = [
    ['empty', '', 'required'],
    ['254 characters', `${'a.'.repeat(125)}test`, 'domain_too_long'],
    ['a leading hyphen', '-a.com', 'domain_invalid'],
    ['an empty label', 'test..com', 'domain_invalid'],
    ['a semicolon', 'a.com;', 'domain_invalid'],
    ['a line feed', 'a.com\nserver', 'domain_invalid'],
    ['a carriage return', 'a.com\rserver', 'domain_invalid'],
    ['NUL', 'a.com\u0000', 'domain_invalid'],
    ['a double quote', 'a".com', 'domain_invalid'],
    ['a single quote', "a'.com", 'domain_invalid'],
    ['two wildcards', '*.*.com', 'domain_invalid'],
    ['a wildcard in the middle', 'a.*.com', 'domain_invalid'],
    ['an address', '127.0.0.1', 'domain_invalid'],
    ['an address in brackets', '[::1]', 'domain_invalid'],
    ['a variable', '$host.com', 'domain_invalid'],
    ['broken punycode', 'xn--a.com', 'domain_invalid'],
    ['a path', '../etc', 'domain_invalid'],
    ['port 0', 'a.com:0', 'port_invalid'],
    ['port 65536', 'a.com:65536', 'port_invalid'],
    ['a label of 64 characters', `${'a'.repeat(64)}.com`, 'domain_invalid'],
    ['a direction override', 'a\u202eb.com', 'domain_invalid'],
  ];
  it.each(domains)('domain: %s', async (_name, domain, code) => {
    const before = await countSites(owner);
    const answer = await owner.post(path, { kind: 'static', domains: ['good.test', domain] });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'invalid_request', fields: [{ field: 'domains.1', code }] });
    expect(await countSites(owner)).toBe(before);
  });

  it('a name twice in one request, also in another spelling', async () => {
    const answer = await owner.post(path, { kind: 'static', domains: ['Twice.test', 'twice.test:80'] });
    expect(answer.json).toMatchObject({
      fields: [{ field: 'domains.1', code: 'domain_repeated', params: { domain: 'twice.test' } }],
    });
  });

  const upstreams: [string, string][] = [
    ['file:///etc/passwd', 'upstream_scheme'],
    ['http://unix:/run/docker.sock', 'upstream_socket'],
    ['unix:/run/docker.sock', 'upstream_socket'],
    ['unix:/run/aapanel/agent.sock', 'upstream_socket'],
    ['unix:/run/x/../docker.sock', 'upstream_socket'],
    ['https+unix:/run/app.sock', 'upstream_scheme'],
    ['http://user:secret@127.0.0.1:3000', 'upstream_credentials'],
    ['http://127.0.0.1:3000\nreturn 200;', 'upstream_invalid'],
    ['http://127.0.0.1:3000;', 'upstream_invalid'],
    ['http://127.0.0.1/$request_uri', 'upstream_invalid'],
    ['http://127.0.0.1/?a=b', 'upstream_invalid'],
    ['javascript:alert(1)', 'upstream_scheme'],
    ['not a url', 'upstream_invalid'],
  ];
  it.each(upstreams)('upstream: %j', async (url, code) => {
    const answer = await owner.post(path, { kind: 'proxy', domains: ['up.test'], upstream: { url } });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ fields: [{ field: 'upstream.url', code }] });
    expect((await owner.get(`${path}?search=up.test`)).json).toMatchObject({ total: 0 });
  });

  it('a proxy without an upstream, and a static site with one', async () => {
    const none = await owner.post(path, { kind: 'proxy', domains: ['kind.test'] });
    expect(none.json).toMatchObject({ fields: [{ field: 'upstream.url', code: 'required' }] });
    const body = { kind: 'static', domains: ['kind.test'], upstream: { url: 'http://127.0.0.1' } };
    expect((await owner.post(path, body)).json).toMatchObject({ fields: [{ code: 'upstream_not_for_kind' }] });
  });

  const roots: [string, string][] = [
    ['/www/wwwroot/../../etc', 'root_invalid'],
    ['/etc', 'root_outside'],
    ['/www/wwwroot', 'root_outside'],
    ['/www/wwwroot/', 'root_outside'],
    ['/www/wwwrootx/a', 'root_outside'],
    ['relative/a', 'root_invalid'],
    ['/www/wwwroot/a b', 'root_invalid'],
    ['/www/wwwroot/a\nb', 'root_invalid'],
    ['/www/wwwroot/neighbour.test', 'root_of_other_site'],
    ['/www/wwwroot/neighbour.test/public', 'root_of_other_site'],
    ['/www/wwwroot//neighbour.test/', 'root_of_other_site'],
  ];
  it.each(roots)('root: %j', async (root, code) => {
    await owner.post(path, { kind: 'static', domains: ['neighbour.test'] });
    const answer = await owner.post(path, { kind: 'static', domains: ['root.test'], root });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ fields: [{ field: 'root', code }] });
  });

  it('a folder that only begins like another one is free', async () => {
    await createTestSite(owner, ['under_score.test'.replace('_', '-')], { root: '/www/wwwroot/a_b' });
    await createTestSite(owner, ['other-score.test'], { root: '/www/wwwroot/axb/c' });
    await createTestSite(owner, ['third-score.test'], { root: '/www/wwwroot/a_bc' });
  });

  it('unknown fields, wrong kinds and control characters in texts', async () => {
    expect((await owner.post(path, { kind: 'php', domains: ['x.test'] })).status).toBe(400);
    expect((await owner.post(path, { kind: 'static', domains: ['x.test'], uid: 0 })).status).toBe(400);
    expect((await owner.post(path, { kind: 'static', domains: [] })).status).toBe(400);
    expect((await owner.post(path, { kind: 'static', domains: ['x.test'], remark: 'a\u0000b' })).json).toMatchObject({
      fields: [{ field: 'remark', code: 'control_characters' }],
    });
    expect((await owner.get(`${path}/..%2f..%2fetc`)).status).toBe(404);
  });
});

describe('changing', () => {
  it('only the given fields change, the revision rises, and the history says which', async () => {
    const { site } = await createTestSite(owner, ['change.test']);
    const answer = await owner.patch(
      `${path}/${site.id}`,
      { domains: ['change.test', 'www.change.test'] },
      { 'if-match': '"1"' },
    );
    expect(answer.status).toBe(200);
    expect(answer.headers['etag']).toBe('"2"');
    expect(answer.json).toMatchObject({
      site: { ...site, revision: 2, domains: [{}, { host: 'www.change.test' }], updatedAt: expect.any(String) },
    });
    const [latest] = await readHistory(owner, site.id);
    expect(latest).toMatchObject({ action: 'update', outcome: 'done', fields: ['domains'], isUndoable: true });
    const detail = await owner.get(`/api/v1/site-changes/${latest?.id}`);
    expect(detail.text).toContain('+    server_name change.test www.change.test;');
  });

  it('two people editing: the second one learns it, and the first one loses nothing', async () => {
    const { site } = await createTestSite(owner, ['two.test']);
    expect((await owner.patch(`${path}/${site.id}`, { remark: 'first' }, { 'if-match': '"1"' })).status).toBe(200);
    const second = await owner.patch(`${path}/${site.id}`, { remark: 'second' }, { 'if-match': '"1"' });
    expect(second.status).toBe(412);
    expect(second.json).toMatchObject({ code: 'changed_meanwhile', reason: 'revision_changed' });
    expect((await readSite(owner, site.id)).remark).toBe('first');
  });

  it('a change while another one is under way is refused as busy', async () => {
    const { site } = await createTestSite(owner, ['slow.test']);
    const slow = owner.patch(`${path}/${site.id}`, { isEnabled: false });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await readSite(viewer, site.id)).state).toBe('applying');
    const other = await owner.patch(`${path}/${site.id}`, { remark: 'x' });
    expect(other.status).toBe(423);
    expect(other.json).toMatchObject({ reason: 'site_busy' });
    expect((await slow).status).toBe(200);
  });

  it('what nginx refuses is taken back: facts, names and state are as before', async () => {
    const { site } = await createTestSite(owner, ['back.test']);
    const answer = await owner.patch(`${path}/${site.id}`, {
      domains: ['back.test', 'fail-nginx.test'],
      name: 'other',
    });
    expect(answer.status).toBe(422);
    const after = await readSite(owner, site.id);
    expect(after).toEqual({ ...site, revision: 3, updatedAt: after.updatedAt });
    expect((await readHistory(owner, site.id))[0]).toMatchObject({ outcome: 'failed', isUndoable: false });
    // The refused name is held by nobody: whoever asks for it next hears nginx, not "taken".
    expect((await owner.post(path, { kind: 'static', domains: ['fail-nginx.test'] })).status).toBe(422);
  });

  it('names and remarks ask nothing of the machine: they change while the agent is away', async () => {
    const { site } = await createTestSite(owner, ['texts.test']);
    expect((await owner.patch(`${path}/${site.id}`, { name: 'اسم', remark: 'r', category: 'c' })).status).toBe(200);
    expect((await owner.get('/api/v1/site-categories')).json).toEqual({ items: [{ name: 'c', count: 1 }] });
    expect((await owner.patch(`${path}/${site.id}`, { name: 'اسم' })).json).toMatchObject({ changeId: null });
  });

  it('disabling and enabling have their own names in the history', async () => {
    const { site } = await createTestSite(owner, ['switch.test']);
    await owner.patch(`${path}/${site.id}`, { isEnabled: false });
    await owner.patch(`${path}/${site.id}`, { isEnabled: true });
    expect((await readHistory(owner, site.id)).map(({ action }) => action)).toEqual(['enable', 'disable', 'create']);
  });

  it('a hand-changed file is not overwritten silently; overwrite and adopt are explicit', async () => {
    const { site } = await createTestSite(owner, ['drift.test']);
    expect((await owner.get(`${path}/${site.id}/inspection`)).json).toMatchObject({
      drift: 'changed',
      nginx: { isInstalled: false },
    });
    const refused = await owner.patch(`${path}/${site.id}`, { domains: ['drift.test', 'b.drift.test'] });
    expect(refused.status).toBe(412);
    expect(refused.json).toMatchObject({ reason: 'site_drift' });
    expect((await readSite(owner, site.id)).domains).toHaveLength(1);
    expect((await owner.post(`${path}/${site.id}/drift`, { choice: 'adopt' })).status).toBe(200);
    expect((await owner.get(`${path}/${site.id}/inspection`)).json).toMatchObject({ drift: 'adopted' });
    expect((await owner.post(`${path}/${site.id}/drift`, { choice: 'overwrite' })).status).toBe(200);
    expect((await owner.get(`${path}/${site.id}/inspection`)).json).toMatchObject({ drift: 'in_sync', diff: '' });
    expect((await readHistory(owner, site.id)).map(({ action }) => action)).toEqual([
      'overwrite',
      'adopt',
      'update',
      'create',
    ]);
  });
});

describe('deleting', () => {
  it('takes the hash of the preview; a wrong one deletes nothing', async () => {
    const { site } = await createTestSite(owner, ['gone.test']);
    const preview = (await owner.get(`${path}/${site.id}/removal`)).json as {
      confirm: string;
      items: { kind: string }[];
    };
    expect(preview.items.map(({ kind }) => kind)).toContain('files');
    const wrong = await owner.post(`${path}/${site.id}/removal`, { confirm, files: 'recycle' });
    expect(wrong.status).toBe(412);
    expect(wrong.json).toMatchObject({ reason: 'removal_list_changed' });
    expect((await readSite(owner, site.id)).state).toBe('active');
    const done = await owner.post(`${path}/${site.id}/removal`, { confirm: preview.confirm, files: 'recycle' });
    expect(done.status).toBe(200);
    expect((await owner.get(`${path}/${site.id}`)).status).toBe(404);
    expect((await readHistory(owner, site.id))[0]).toMatchObject({ action: 'delete', isUndoable: true });
  });

  it('a deleted site comes back with one click, with the same id, name and folder', async () => {
    const { site } = await createTestSite(owner, ['back-again.test'], { remark: 'مهم' });
    const { confirm: hash } = (await owner.get(`${path}/${site.id}/removal`)).json as { confirm: string };
    const { changeId } = (await owner.post(`${path}/${site.id}/removal`, { confirm: hash, files: 'recycle' })).json as {
      changeId: string;
    };
    const undone = await owner.post(`/api/v1/site-changes/${changeId}/undo`, {});
    expect(undone.status).toBe(200);
    expect(await readSite(owner, site.id)).toMatchObject({
      ...site,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      revision: expect.any(Number),
    });
    expect((await owner.post(`/api/v1/site-changes/${changeId}/undo`, {})).json).toMatchObject({
      reason: 'not_undoable',
    });
  });
});

describe('logs', () => {
  it('are read from a cursor on, and a cursor of another shape is refused', async () => {
    const { site } = await createTestSite(owner, ['logs.test']);
    const first = await viewer.get(`${path}/${site.id}/logs/access`);
    expect(first.json).toMatchObject({ lines: [], cursor: '1:0', isTruncated: false });
    expect((await viewer.get(`${path}/${site.id}/logs/access?cursor=1:0`)).status).toBe(200);
    expect((await viewer.get(`${path}/${site.id}/logs/access?cursor=..`)).status).toBe(400);
    expect((await viewer.get(`${path}/${site.id}/logs/secrets`)).status).toBe(404);
  });
});
