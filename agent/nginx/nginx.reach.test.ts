import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { siteReach, type SiteReach } from '#shared/site-reach.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visit, visitUntil, type World } from '../testing/world.ts';

it.each([
  ['0.0.0.0/0', false],
  ['10.0.0.0/7', false],
  ['10.0.0.0/8', true],
  ['::/0', false],
  ['2001::/15', false],
  ['2001:db8::/32', true],
  ['192.0.2.1', true],
  ['proxy.example', false],
  ['192.0.2.1; include /etc/passwd', false],
])('%s as a server in front is taken: %s', (range, isTaken) => {
  const front = { kind: 'own', ranges: [range], header: 'X-Forwarded-For' };
  expect(siteReach.safeParse({ front }).success).toBe(isTaken);
});

describe.runIf(hasNginx)('with a running nginx', () => {
  let world: World;
  let machine: Machine;
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    world.destroy();
  });

  const put = (spec: SiteSpec) =>
    sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' }, call());
  const make = async (name: string, reach: Partial<SiteReach>, more: Partial<SiteSpec> = {}): Promise<SiteSpec> => {
    const spec = specOf(world, name, { reach: siteReach.parse(reach), ...more });
    await put(spec);
    return spec;
  };
  /** From an address of this machine, with headers that anybody can write. */
  const come = (
    host: string,
    from: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; seen: string }> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: world.port,
        localAddress: from,
        agent: false,
        headers: { host, ...headers },
      };
      request(options, (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, seen: String(response.headers['x-seen']) }),
        );
      })
        .on('error', reject)
        .end();
    });
  const shown = { customDirectives: 'add_header X-Seen $remote_addr always;\n' };
  const forged = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', 'cf-connecting-ip': '203.0.113.9' };

  it('WEB-1 only who is named in front is believed, and only by the header that was chosen', async () => {
    await make('none.test', {}, shown);
    await make('cdn.test', { front: { kind: 'cloudflare' } }, shown);
    const own = (header: 'X-Forwarded-For' | 'X-Real-IP') => ({
      front: { kind: 'own' as const, ranges: ['127.0.0.5', '127.0.6.0/24'], header },
    });
    await make('own.test', own('X-Forwarded-For'), shown);
    await make('real.test', own('X-Real-IP'), shown);
    await visitUntil(world.port, 'real.test', ({ status }) => status === 200);
    const seen = async (host: string, from: string, headers: Record<string, string> = forged) =>
      (await come(host, from, headers)).seen;
    // Nobody in front, or somebody else: the word of a visitor counts nothing.
    expect(await seen('none.test', '127.0.0.5')).toBe('127.0.0.5');
    expect(await seen('cdn.test', '127.0.0.5')).toBe('127.0.0.5');
    expect(await seen('own.test', '127.0.0.1')).toBe('127.0.0.1');
    expect(await seen('own.test', '127.0.0.5')).toBe('203.0.113.9');
    expect(await seen('own.test', '127.0.6.7')).toBe('203.0.113.9');
    // Through the server in front a visitor writes more before his address: the last one that is not ours is his.
    const chain = { 'x-forwarded-for': '198.51.100.1, 203.0.113.77, 127.0.6.2' };
    expect(await seen('own.test', '127.0.0.5', chain)).toBe('203.0.113.77');
    expect(await seen('own.test', '127.0.0.5', { 'cf-connecting-ip': '198.51.100.1' })).toBe('127.0.0.5');
    expect(await seen('own.test', '127.0.0.5', { 'x-forwarded-for': 'no address' })).toBe('127.0.0.5');
    expect(await seen('real.test', '127.0.0.5', { 'x-forwarded-for': '198.51.100.1' })).toBe('127.0.0.5');
    expect(await seen('real.test', '127.0.0.5', { 'x-real-ip': '198.51.100.1' })).toBe('198.51.100.1');
    const log = readFileSync(world.path('/www/wwwlogs/own.test.access.log'), 'utf8');
    expect(log).toMatch(/^203\.0\.113\.77 - /m);
  });

  it('WEB-1 rules of addresses look at the visitor, not at the server in front, and cannot be talked round', async () => {
    const behaviour = siteBehaviour.parse({
      access: { addresses: [{ path: '/', lines: [{ action: 'deny', range: '203.0.113.9' }], others: 'allow' }] },
    });
    const front = { kind: 'own' as const, ranges: ['127.0.0.5'], header: 'X-Forwarded-For' as const };
    await make('rules.test', { front }, { behaviour });
    await visitUntil(world.port, 'rules.test', ({ status }) => status === 200);
    // A worker from before may still answer, on a machine with other work.
    await expect.poll(async () => (await come('rules.test', '127.0.0.5', forged)).status, { timeout: 5_000 }).toBe(403);
    expect((await come('rules.test', '127.0.0.5', { 'x-forwarded-for': '203.0.113.8' })).status).toBe(200);
    expect((await come('rules.test', '127.0.0.1', forged)).status).toBe(200);
  });

  it('one site answers names that nobody has, and no other name of others', async () => {
    expect((await visit(world.port, 'nobody.example')).body).toBe('nobody');
    const spec = await make('any.test', { isDefault: true });
    writeFileSync(world.path('/www/wwwroot/any.test/index.html'), 'the default site');
    const other = await make('other.test', {});
    const is = ({ body }: { body: string }): boolean => body === 'the default site';
    expect((await visitUntil(world.port, 'nobody.example', is)).body).toBe('the default site');
    expect((await visit(world.port, '192.0.2.1')).body).toBe('the default site');
    expect((await visit(world.port, 'other.test')).body).not.toBe('the default site');
    await expect(put({ ...other, reach: { ...other.reach, isDefault: true } })).rejects.toMatchObject({
      reason: 'default_site_taken',
      params: { slug: 'any.test' },
    });
    await put({ ...spec, reach: { ...spec.reach, isDefault: false } });
    const back = await visitUntil(world.port, 'nobody.example', ({ body }) => body === 'nobody');
    expect(back.body).toBe('nobody');
    await put({ ...other, reach: { ...other.reach, isDefault: true } });
  });

  it('a site that is switched off shows its page at every address and reaches nothing of its own, whatever is set for it', async () => {
    const behaviour = siteBehaviour.parse({
      redirects: [{ match: 'exact', path: '/old', target: 'https://elsewhere.example/', status: 301 }],
    });
    const custom = { customDirectives: 'location = /open {\n    return 200 open;\n}\n' };
    const spec = await make('off.test', { endsAt: '2020-01-01T00:00:00.000Z' }, { behaviour, ...custom });
    const title = '</title><script>alert("$host")</script>';
    const offPage = { title, text: `\${uri}";}\n${'نعود بعد الترميم & التجديد '.repeat(30)}`.slice(0, 600) };
    const off = { ...spec, isEnabled: false, reach: { ...spec.reach, offPage } };
    await put(off);
    const isOff = ({ body }: { body: string }): boolean => body.includes('نعود');
    const own = await visitUntil(world.port, 'off.test', isOff);
    expect(own.status).toBe(503);
    expect(own.body).not.toMatch(/<script|انتهت مدة|switched off/);
    expect(own.body).toContain('&#60;script&#62;alert(&#34;&#36;host&#34;)');
    expect(own.body).toContain('&#36;{uri}&#34;;}<br>نعود');
    for (const path of ['/index.html', '/old', '/open', '/.env', '/no/such'])
      expect((await visit(world.port, 'off.test', path)).status, path).toBe(503);
    const proof = world.path('/var/lib/aapanel-acme/.well-known/acme-challenge');
    mkdirSync(proof, { recursive: true, mode: 0o755 });
    writeFileSync(`${proof}/off`, 'proof');
    expect((await visit(world.port, 'off.test', '/.well-known/acme-challenge/off')).body).toBe('proof');
    // Nobody's names stay nobody's, although it was the one to answer them.
    const asDefault = { ...off, reach: { ...off.reach, isDefault: true } };
    const { expectedText } = await sitesHandlers['sites.inspect'](machine, { spec: asDefault }, call());
    expect(expectedText).toContain('server_name off.test;');
    await put({ ...spec, reach: siteReach.parse({}) });
    expect((await visitUntil(world.port, 'off.test', ({ status }) => status === 200, '/open')).body).toBe('open');
    expect(siteReach.safeParse({ offPage: { title: 'a\u0000', text: '' } }).success).toBe(false);
    expect(siteReach.safeParse({ offPage: { title: '', text: 'x'.repeat(601) } }).success).toBe(false);
  });

  it('a site ends in the very second, by nginx alone, and can be given more time', async () => {
    const endsAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000).toISOString();
    const spec = await make('ending.test', { endsAt });
    const proof = world.path('/var/lib/aapanel-acme/.well-known/acme-challenge');
    const before = await visitUntil(world.port, 'ending.test', ({ status }) => status === 200);
    expect(Date.now() < Date.parse(endsAt) ? before.status : 200).toBe(200);
    while (Date.now() < Date.parse(endsAt) + 20) await new Promise((resolve) => setTimeout(resolve, 20));
    const over = await visit(world.port, 'ending.test', '/some/page');
    expect(over.status).toBe(503);
    expect(over.body).toContain('انتهت مدة هذا الموقع');
    expect(over.body).toContain('This site has ended');
    // Its certificate can be renewed all the same.
    mkdirSync(proof, { recursive: true, mode: 0o755 });
    writeFileSync(`${proof}/token`, 'proof');
    expect((await visit(world.port, 'ending.test', '/.well-known/acme-challenge/token')).body).toBe('proof');
    // In somebody's own words: as long as they may be, and nothing in them is more than text, for browser and nginx.
    const title = '</title><script>alert("$host")</script>';
    const text = `\${uri}";}\n${'متجرُنا في إجازة & لن يعود '.repeat(30)}`.slice(0, 600);
    await put({ ...spec, reach: { ...spec.reach, page: { title, text } } });
    const own = await visitUntil(world.port, 'ending.test', ({ body }) => body.includes('إجازة'), '/some/page');
    expect(own.status).toBe(503);
    expect(own.body).not.toMatch(/<script|انتهت مدة/);
    expect(own.body).toContain('&#60;script&#62;alert(&#34;&#36;host&#34;)');
    expect(own.body).toContain('&#36;{uri}&#34;;}<br>متجرُنا');
    expect(siteReach.safeParse({ page: { title: 'a\u0000', text: '' } }).success).toBe(false);
    expect(siteReach.safeParse({ page: { title: '', text: 'x'.repeat(601) } }).success).toBe(false);
    await put({ ...spec, reach: { ...spec.reach, endsAt: '2099-01-01T00:00:00.000Z' } });
    expect((await visitUntil(world.port, 'ending.test', ({ status }) => status === 200)).status).toBe(200);
  });
});
