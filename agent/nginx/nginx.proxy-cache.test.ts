import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { ask, type Asked, type Question } from '../testing/asking.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { cacheFolder } from './nginx.behaviour-proxy-cache.ts';
import { poll } from './nginx.process.ts';

/*
 * Kept answers, asked of the real nginx: every answer of the application has a number of its own, so an answer that is seen
 * twice was kept.
 */

let world: World;
let machine: Machine;
let upstream: Server;
let port = 0;
let count = 0;
const host = 'kept.test';
let spec: SiteSpec;

type Rules = Parameters<typeof siteBehaviour.parse>[0];

async function apply(rules: Rules, isNew = false): Promise<void> {
  spec = {
    ...(isNew
      ? specOf(world, host, { kind: 'proxy', upstream: { url: `http://127.0.0.1:${port}`, isWebsocket: true } })
      : spec),
    behaviour: siteBehaviour.parse(rules),
  };
  await sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call(60));
}

const at = (path: string, more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.port, host, path, ...more });
const cookie = (text: string): Partial<Question> => ({ headers: { cookie: text } });
const zone = (): string => world.path(cacheFolder(spec.siteId));
/** What is asked once right after a change may reach a worker of before. */
async function seenUntil(path: string, isDone: (seen: Asked) => boolean, more: Partial<Question> = {}): Promise<Asked> {
  let seen = await at(path, more);
  expect(await poll(async () => isDone((seen = await at(path, more))), Date.now() + 10_000)).toBe(true);
  return seen;
}
/** Names of the kept answers on the disk. */
const kept = (): string[] =>
  readdirSync(zone(), { recursive: true, encoding: 'utf8' }).filter((name) => /\/[0-9a-f]{32}$/.test(name));
const empty = () =>
  sitesHandlers['sites.empty_cache'](machine, { site: { siteId: spec.siteId, slug: spec.slug } }, call(5));

describe.runIf(hasNginx)('answers of applications are kept where somebody asked for it', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
    upstream = createServer((request, response) => {
      count += 1;
      const { url = '' } = request;
      if (url.startsWith('/long')) response.setHeader('content-type', 'text/plain');
      if (url.startsWith('/signs-in')) response.setHeader('set-cookie', 'session=1');
      if (url.startsWith('/own')) response.setHeader('cache-control', 'private');
      response.statusCode = url.startsWith('/lost') ? 404 : 200;
      response.end(`${count} ${request.headers.host} ${url}${url.startsWith('/long') ? ' word'.repeat(200) : ''}`);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const address = upstream.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
    await apply(
      {
        proxyCache: { minutes: 10 },
        security: { frame: 'deny' },
        proxies: [
          { path: '/live', servers: [{ address: `127.0.0.1:${port}` }] },
          { path: '/news', servers: [{ address: `127.0.0.1:${port}` }], cacheMinutes: 1 },
        ],
      },
      true,
    );
    await visitUntil(world.port, host, ({ body }) => body.includes(host), '/first');
  }, 60_000);
  afterAll(async () => {
    upstream.closeAllConnections();
    upstream.close();
    await machine.settled();
    machine.close();
    world.destroy();
  });

  it('DOM-1 the same answer comes again, says so, and keeps the headers of the site', async () => {
    const first = await at('/page?x=1');
    expect(first.headers['x-cache-status']).toBe('MISS');
    const second = await at('/page?x=1');
    expect(second).toMatchObject({ body: first.body, headers: { 'x-cache-status': 'HIT', 'x-frame-options': 'DENY' } });
    expect((await at('/page?x=2')).body).not.toBe(first.body);
    expect((await at('/news')).body).toBe((await at('/news')).body);
  });

  it('DOM-1 what belongs to one visitor is never given to another', async () => {
    const open = (await at('/mine')).body;
    for (const more of [cookie('any=1'), { headers: { authorization: 'Basic YTpi' } }, { method: 'POST' }]) {
      const own = await at('/mine', more);
      expect(own.body).not.toBe(open);
      expect((await at('/mine', more)).body).not.toBe(own.body);
    }
    // And none of those was kept for the others.
    expect((await at('/mine')).body).toBe(open);
    for (const path of ['/signs-in', '/own', '/lost', '/live'])
      expect((await at(path)).body, path).not.toBe((await at(path)).body);
    // Another name, which the application is told, fills nothing of this one.
    const strange = await at('/mine', { host: `${host}:1` });
    expect(strange.body).toContain(`${host}:1`);
    expect((await at('/mine')).body).toBe(open);
  });

  it('DOM-1 emptied it asks again; what is no kept answer stays, and no link leads out', async () => {
    const before = (await at('/page?x=1')).body;
    const [first = '', ...others] = kept();
    const total = 1 + others.length;
    const level = `${zone()}/${first.slice(0, 4)}`;
    const outside = world.path('/www/outside');
    mkdirSync(`${outside}/aa`, { recursive: true });
    const name = 'a'.repeat(32);
    for (const folder of [outside, `${outside}/aa`]) writeFileSync(`${folder}/${name}`, 'precious');
    writeFileSync(`${level}/${name}.0000000001`, 'being written');
    symlinkSync(`${outside}/${name}`, `${level}/${'b'.repeat(32)}`);
    const unused = 'fedcba9876543210'.split('').find((each) => !existsSync(`${zone()}/${each}`)) ?? '';
    symlinkSync(outside, `${zone()}/${unused}`);
    const emptied = await empty();
    expect(emptied.fileCount).toBe(total);
    expect(emptied.sizeBytes).toBeGreaterThan(100);
    expect(readdirSync(outside).toSorted()).toEqual(['aa', name].toSorted());
    expect(readdirSync(`${outside}/aa`)).toEqual([name]);
    expect(readdirSync(level).toSorted()).toEqual([`${name}.0000000001`, 'b'.repeat(32)]);
    const again = await at('/page?x=1');
    expect(again.body).not.toBe(before);
    expect((await at('/page?x=1')).body).toBe(again.body);
    await expect(
      sitesHandlers['sites.empty_cache'](machine, { site: { siteId: newChangeId(), slug: spec.slug } }, call(5)),
    ).rejects.toMatchObject({ code: 'already_exists' });
    rmSync(`${zone()}/${unused}`);
    rmSync(`${level}/${'b'.repeat(32)}`);
    rmSync(`${level}/${name}.0000000001`);
  });

  it('DOM-1 only named cookies pass by, kept answers serve while the application is away, and the header can go', async () => {
    await apply({ proxyCache: { minutes: 1, cookieNames: ['session', 'a.b'], isStatusShown: false } });
    const { body } = await seenUntil('/named', ({ headers }) => headers['x-cache-status'] === undefined);
    // A worker of before would let every cookie pass by.
    await seenUntil('/named', (seen) => seen.body === body, cookie('_ga=1; mysession=2; axb=3'));
    for (const own of ['session=1', '_ga=1; session=', '_ga=1;a.b=2'])
      expect((await at('/named', cookie(own))).body, own).not.toBe(body);
  });

  it('DOM-1 texts are packed by brotli for who understands it; without the module that is refused by name', async () => {
    const module = '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so';
    const asks = (encoding: string): Partial<Question> => ({ headers: { 'accept-encoding': encoding } });
    await expect(apply({ compression: { brotli: 'on' } })).rejects.toMatchObject({
      fields: [{ field: 'behaviour.compression.brotli', code: 'brotli_unavailable' }],
    });
    if (!existsSync(module)) return;
    const main = world.path('/etc/nginx/nginx.conf');
    writeFileSync(main, `load_module ${module};\n${readFileSync(main, 'utf8')}`);
    await apply({ compression: { gzip: 'on', brotli: 'on' } });
    const packed = await seenUntil('/long', ({ headers }) => headers['content-encoding'] === 'br', asks('gzip, br'));
    expect(packed.headers['vary']).toBe('Accept-Encoding');
    await seenUntil('/long', ({ headers }) => headers['content-encoding'] === 'gzip', asks('gzip'));
    expect((await at('/long', asks('identity'))).headers['content-encoding']).toBeUndefined();
    expect((await at('/short', asks('br'))).headers['content-encoding']).toBeUndefined();
  });

  it('DOM-1 switched off nothing is kept, and nothing stays on the disk; nor of a site that is gone', async () => {
    await apply({});
    await poll(async () => (await at('/off')).body !== (await at('/off')).body, Date.now() + 10_000);
    await machine.settled();
    expect(existsSync(zone())).toBe(false);
    expect((await at('/off')).body).not.toBe((await at('/off')).body);
    await apply({ proxyCache: { minutes: 1 } });
    await seenUntil('/again', ({ headers }) => headers['x-cache-status'] === 'HIT');
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call(10));
    await sitesHandlers['sites.remove'](
      machine,
      { site, root: spec.root, changeId: newChangeId(), files: 'keep', confirm },
      call(30),
    );
    await machine.settled();
    expect(existsSync(zone())).toBe(false);
  }, 30_000);
});
