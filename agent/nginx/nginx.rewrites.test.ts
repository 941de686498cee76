import { lchownSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { presetFacts, presetOf } from '#shared/behaviour/rewrite-preset-facts.ts';
import { rewritePresets } from '#shared/behaviour/rewrite-presets.ts';
import { readPattern } from '#shared/behaviour/patterns.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { sitePhp } from '#shared/site-php.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { keepPassword } from '../sites/site-passwords.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { ask, type Asked, type Question } from '../testing/asking.ts';
import type { Rules } from '../testing/behaviour-sites.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { markerOf } from './nginx.render.ts';

/*
 * Rewrites, asked of the real nginx and PHP: each preset reaches the script that its application expects, with what it
 * expects, and gives away nothing of what lies in its private folders.
 */

const presets = rewritePresets.filter((preset) => preset !== 'none');
const script = '<?php echo json_encode([$_SERVER["SCRIPT_NAME"], $_GET, $_SERVER["REQUEST_URI"]]);';

let world: World;
let machine: Machine;
let app: Server;
let appPort = 0;

const at = (name: string, path = '/', more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.port, host: `${name}.test`, path, ...more });

async function apply(name: string, rules: Rules, more: Partial<SiteSpec> = {}): Promise<SiteSpec> {
  const spec = specOf(world, `${name}.test`, { behaviour: siteBehaviour.parse(rules), ...more });
  await send(spec, true);
  put(spec, '/.well-known/acme-challenge/t', 'token');
  return spec;
}

const send = (spec: SiteSpec, isNew = false) =>
  sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call(60));

function put({ root }: Pick<SiteSpec, 'root'>, path: string, text: string): void {
  const whole = world.path(root + path);
  mkdirSync(whole.slice(0, whole.lastIndexOf('/')), { recursive: true });
  writeFileSync(whole, text);
}

/** Script, what it gets, by preset: as their applications write addresses. */
const reached: Partial<Record<(typeof presets)[number] | 'public', [string, string, Record<string, string>][]>> = {
  bludit: [['/about', '/index.php', {}]],
  cakephp: [['/articles/view/5?page=2', '/index.php', { page: '2' }]],
  codeigniter: [['/news/local/123?x=1', '/index.php', { x: '1' }]],
  concrete: [['/blog/first-post?x=1', '/index.php', { x: '1' }]],
  craft: [['/news/first?page=2', '/index.php', { page: '2' }]],
  dedecms: [
    ['/list-3.html', '/plus/list.php', { tid: '3' }],
    ['/list-3-40-2.html', '/plus/list.php', { tid: '3', totalresult: '40', PageNo: '2' }],
    ['/view-12-1.html', '/plus/view.php', { arcID: '12' }],
    ['/view-12-3.html', '/plus/view.php', { aid: '12', pageno: '3' }],
    ['/tag-4-2.html', '/tags.php', { '/4/2/': '' }],
  ],
  discuz: [
    ['/forum-abc-2.html', '/forum.php', { mod: 'forumdisplay', fid: 'abc', page: '2' }],
    ['/thread-12-3-4.html', '/forum.php', { mod: 'viewthread', tid: '12', extra: 'page=4', page: '3' }],
    ['/space-uid-7.html', '/home.php', { mod: 'space', uid: '7' }],
    ['/tid-9.html', '/archiver/index.php', { action: 'tid', value: '9' }],
    ['/my_plugin-do-it.html', '/plugin.php', { id: 'my_plugin:do-it' }],
  ],
  drupal: [['/node/1?page=2', '/index.php', { page: '2' }]],
  dokuwiki: [
    ['/wiki:syntax?do=edit', '/doku.php', { id: 'wiki:syntax', do: 'edit' }],
    ['/%D8%A8%D8%AF%D8%A7%D9%8A%D8%A9/a', '/doku.php', { id: 'بداية/a' }],
    ['/_media/wiki/logo.png?w=64', '/lib/exe/fetch.php', { media: 'wiki/logo.png', w: '64' }],
    ['/_export/xhtml/start', '/doku.php', { do: 'export_xhtml', id: 'start' }],
  ],
  ecshop: [
    ['/goods-7.html', '/goods.php', { id: '7' }],
    [
      '/category-3-b2-min10-max50-attr1.2-4-goods_id-DESC.html',
      '/category.php',
      {
        id: '3',
        brand: '2',
        price_min: '10',
        price_max: '50',
        filter_attr: '1.2',
        page: '4',
        sort: 'goods_id',
        order: 'DESC',
      },
    ],
    ['/category-3-b2.html', '/category.php', { id: '3', brand: '2' }],
    ['/brand-5-c3.html', '/brand.php', { id: '5', cat: '3' }],
    ['/feed-b9.xml', '/feed.php', { brand: '9' }],
  ],
  emlog: [['/post/12', '/index.php', {}]],
  flarum: [['/d/1-welcome', '/index.php', {}]],
  grav: [['/blog/first?q=a', '/index.php', { q: 'a' }]],
  joomla: [
    ['/about-us', '/index.php', {}],
    ['/api/index.php/v1/content', '/api/index.php', {}],
  ],
  kirby: [['/projects/trees', '/index.php', {}]],
  laravel: [['/users/5/edit?tab=a', '/index.php', { tab: 'a' }]],
  maccms: [
    ['/vod/detail/5.html', '/index.php', { s: 'vod/detail/5.html' }],
    ['/admin.php/admin/index?a=1', '/admin.php', { s: '/admin/index', a: '1' }],
  ],
  matomo: [['/index.php?module=API', '/index.php', { module: 'API' }]],
  mediawiki: [
    ['/wiki/Main_Page', '/index.php', { title: 'Main_Page' }],
    ['/wiki/%D9%82%D8%B7%20%26?action=edit', '/index.php', { title: 'قط &', action: 'edit' }],
  ],
  modx: [['/about/team.html?a=1', '/index.php', { q: 'about/team.html', a: '1' }]],
  moodle: [
    ['/pluginfile.php/12/mod/a%20b.pdf?x=1', '/pluginfile.php', { file: '/12/mod/a b.pdf', x: '1' }],
    ['/theme/styles.php/boost/1/all', '/theme/styles.php', { file: '/boost/1/all' }],
  ],
  mybb: [
    ['/forum-4-page-2.html', '/forumdisplay.php', { fid: '4', page: '2' }],
    ['/thread-12-lastpost.html', '/showthread.php', { tid: '12', action: 'lastpost' }],
    ['/thread-12-post-34.html?x=1', '/showthread.php', { tid: '12', pid: '34', x: '1' }],
    ['/user-7.html', '/member.php', { action: 'profile', uid: '7' }],
    [
      '/calendar-1-year-2026-month-3-day-4.html',
      '/calendar.php',
      {
        action: 'dayview',
        calendar: '1',
        year: '2026',
        month: '3',
        day: '4',
      },
    ],
  ],
  nextcloud: [
    ['/remote.php/dav/files/sara/', '/remote.php', {}],
    ['/index.php/apps/files', '/index.php', {}],
    ['/apps/files/', '/index.php', {}],
  ],
  opencart: [
    ['/desktops/mac?sort=a', '/index.php', { _route_: 'desktops/mac', sort: 'a' }],
    ['/sitemap.xml', '/index.php', { route: 'extension/feed/google_sitemap' }],
  ],
  pbootcms: [
    ['/news/5.html', '/index.php', { p: 'news/5.html' }],
    ['/index.php/list/2', '/index.php', { p: 'list/2' }],
  ],
  phpbb: [
    ['/user/login', '/app.php', {}],
    ['/viewtopic.php?t=3', '/viewtopic.php', { t: '3' }],
  ],
  phpcms: [
    ['/show-1-2-3.html', '/index.php', { m: 'content', c: 'index', a: 'show', catid: '1', id: '2', page: '3' }],
    ['/list-4-1.html', '/index.php', { m: 'content', c: 'index', a: 'lists', catid: '4', page: '1' }],
  ],
  prestashop: [
    ['/api/products', '/webservice/dispatcher.php', { url: 'products' }],
    ['/3-accessories', '/index.php', {}],
  ],
  processwire: [['/about/us/?x=1', '/index.php', { it: '/about/us/', x: '1' }]],
  roundcube: [['/?_task=mail', '/index.php', { _task: 'mail' }]],
  symfony: [['/blog/1', '/index.php', {}]],
  thinkphp: [['/home/user/5?a=b', '/index.php', { s: '/home/user/5', a: 'b' }]],
  typecho: [['/archives/1/', '/index.php', {}]],
  wordpress: [
    ['/2026/11/a-post/?p=1', '/index.php', { p: '1' }],
    ['/wp-json/wp/v2/posts', '/index.php', {}],
  ],
  xenforo: [['/threads/hello.5/?page=2', '/index.php', { page: '2' }]],
  yii: [['/site/about', '/index.php', {}]],
  yourls: [['/abc', '/yourls-loader.php', {}]],
  zblog: [['/post/1.html', '/index.php', {}]],
};

describe.runIf(hasNginx && hasPhp)('rewrites', () => {
  const specs = new Map<string, SiteSpec>();
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installPhp(world, '8.2');
    machine = await openMachine(world.settings);
    app = createServer((request, response) => response.end(`app ${request.url}`));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const address = app.address();
    appPort = typeof address === 'object' && address !== null ? address.port : 0;
    const php = { kind: 'php', php: sitePhp.parse({ version: '8.2' }) } as const;
    for (const preset of presets) {
      const spec = await apply(preset, { rewrites: { preset } }, php);
      specs.set(preset, spec);
      const scripts = new Set(['/index.php', ...(reached[preset] ?? []).map(([, each]) => each)]);
      for (const each of scripts) put(spec, each, script);
      for (const closed of presetFacts[preset].closed)
        put(spec, /\.\w+$/.test(closed) ? closed : `${closed}/secret.txt`, 'secret');
      for (const suffix of presetFacts[preset].closedSuffixes ?? []) put(spec, `/deep/in.${suffix}`, 'secret');
      put(spec, '/.git/config', 'secret');
      put(spec, '/assets/a.css', 'css');
    }
    put({ root: '/www/wwwroot/prestashop.test' }, '/img/p/1/2/3/123-large.jpg', 'picture');
    put({ root: '/www/wwwroot/prestashop.test' }, '/img/c/5-wide.jpg', 'picture');
    const inside = await apply(
      'public',
      { rewrites: { preset: 'laravel' } },
      { ...php, root: '/www/wwwroot/public.test/public' },
    );
    put(inside, '/index.php', script);
    put(inside, '/storage/photo.txt', 'shown');
    await apply('rules', {
      rewrites: {
        rules: [
          { path: '^/item/(\\d+)$', target: '/shop/item.html?id=$1' },
          { path: '^/always/([a-z]+)$', target: '/shop/$1.html', isOnlyMissing: false },
          { path: '^/off$', target: '/shop/item.html', isEnabled: false },
          { path: '^/قديم$', target: '/متجر/item.html' },
          { path: '^/first', target: '/shop/item.html' },
          { path: '^/first', target: '/never' },
          { path: '^/\\.well-known/', target: '/shop/item.html', isOnlyMissing: false },
        ],
      },
      redirects: [{ match: 'exact', path: '/shop/moved.html', target: '/never' }],
    });
    for (const [path, text] of [
      ['/shop/item.html', 'item'],
      ['/shop/moved.html', 'moved'],
      ['/متجر/item.html', 'arabic'],
      ['/always/there', 'there'],
      ['/first.txt', 'file'],
    ] as const)
      put({ root: '/www/wwwroot/rules.test' }, path, text);
    const upstream = { url: `http://127.0.0.1:${appPort}`, isWebsocket: false };
    const spec = await apply('behind', {}, { kind: 'proxy', upstream });
    const { passwordId } = await keepPassword(machine, { siteId: spec.siteId, password: 'saras long one' }, call());
    const locked = {
      rewrites: {
        rules: [
          { path: '^/admin/(\\d+)$', target: '/open/$1?by=rewrite' },
          { path: '^/in$', target: '/admin/x' },
        ],
      },
      passwords: [{ path: '/admin', users: [{ name: 'sara', passwordId }] }],
    };
    await send({ ...spec, behaviour: siteBehaviour.parse(locked) });
    await visitUntil(world.port, 'behind.test', ({ status }) => status === 401, '/admin/1');
  }, 120_000);
  afterAll(async () => {
    app.close();
    await machine.settled();
    machine.close();
    stopPhp(world);
    world.destroy();
  });

  it.each(presets)(
    'DOM-1 the preset %s reaches the scripts of its application, and files stay files',
    async (preset) => {
      expect(reached[preset]?.length ?? 0).toBeGreaterThan(0);
      for (const [path, name, query] of reached[preset] ?? []) {
        const { status, body } = await at(preset, path);
        expect([status, JSON.parse(body) as unknown], path).toEqual([
          200,
          [name, Object.keys(query).length === 0 ? [] : query, path],
        ]);
      }
      expect(await at(preset, '/assets/a.css')).toMatchObject({ status: 200, body: 'css' });
      expect((await at(preset, '/')).body).toContain('"\\/index.php"');
      expect(await at(preset, '/.well-known/acme-challenge/t')).toMatchObject({ status: 200, body: 'token' });
      const text = readFileSync(world.path(`/etc/nginx/aapanel/sites/${preset}.test.conf`), 'utf8');
      expect((await at(preset, `/.well-known/aapanel/${markerOf(text) ?? ''}`)).status).toBe(200);
    },
  );

  it.each(presets)('DOM-1 the preset %s gives away nothing of its private folders', async (preset) => {
    const { closed, closedSuffixes = [] } = presetFacts[preset];
    const paths = ['/.git/config', ...closed, ...closed.map((each) => `${each}/secret.txt`)];
    paths.push(
      ...closed.map((each) => `${each.toUpperCase()}/secret.txt`),
      ...closed.map((each) => `/${each}/secret.txt`),
    );
    paths.push(...closedSuffixes.map((suffix) => `/deep/in.${suffix}`));
    for (const path of paths) {
      const seen = await at(preset, path);
      expect([403, 404], path).toContain(seen.status);
      expect(seen.body, path).not.toContain('secret');
    }
  });

  it('the pictures of PrestaShop lie in a folder for each digit of their number', async () => {
    expect(await at('prestashop', '/123-large/some-name.jpg')).toMatchObject({ status: 200, body: 'picture' });
    expect(await at('prestashop', '/c/5-wide/shoes.jpg')).toMatchObject({ status: 200, body: 'picture' });
  });

  it('DOM-1 only the served folder is given out, its scripts reach what lies beside it, and no link leads elsewhere', async () => {
    const php = { kind: 'php', php: sitePhp.parse({ version: '8.2' }) } as const;
    const spec = await apply('served', {}, php);
    put(spec, '/config/app.txt', 'beside');
    put(
      spec,
      '/public/index.php',
      '<?php echo $_SERVER["DOCUMENT_ROOT"], file_get_contents(__DIR__ . "/../config/app.txt");',
    );
    put(spec, '/public/a.txt', 'shown');
    const served = (servedFolder: string, presets: Rules = {}): SiteSpec => ({
      ...spec,
      behaviour: siteBehaviour.parse({ ...presets, servedFolder }),
    });
    const refused = (code: string, path: string) => ({
      fields: [{ field: 'behaviour.servedFolder', code, params: { path: `${spec.root}/${path}` } }],
    });
    await expect(send(served('web'))).rejects.toMatchObject(refused('served_folder_missing', 'web'));
    await expect(send(served('public/a.txt'))).rejects.toMatchObject(refused('served_folder_missing', 'public/a.txt'));
    const link = world.path(`${spec.root}/link`);
    symlinkSync(world.path('/www/wwwroot/rules.test'), link);
    await expect(send(served('link/shop'))).rejects.toMatchObject(refused('served_folder_symlink', 'link'));
    expect((await visitUntil(world.port, 'served.test', ({ body }) => body === 'shown', '/public/a.txt')).body).toBe(
      'shown',
    );
    await send(served('public', { rewrites: { preset: 'laravel' } }));
    await visitUntil(world.port, 'served.test', ({ body }) => body === 'shown', '/a.txt');
    expect((await at('served', '/any')).body).toBe(`${world.path(spec.root)}/publicbeside`);
    for (const path of ['/config/app.txt', '/../config/app.txt', '/..%2fconfig/app.txt'])
      expect((await at('served', path)).body, path).not.toBe('beside');
    // A link that comes later leads to files of its own owner only.
    renameSync(world.path(`${spec.root}/public`), world.path(`${spec.root}/old`));
    mkdirSync(world.path('/www/outside'), { recursive: true });
    writeFileSync(world.path('/www/outside/secret.txt'), 'secret');
    symlinkSync(world.path('/www/outside'), world.path(`${spec.root}/public`));
    expect((await at('served', '/secret.txt')).body).toBe('secret');
    lchownSync(world.path(`${spec.root}/public`), 65_534, 65_534);
    expect((await at('served', '/secret.txt')).body).not.toContain('secret');
    // And another change of the site is not refused for it.
    await send(served('public', { security: { isNosniff: true } }));
  });

  it('where only the public folder is served, nothing in it is closed', async () => {
    expect(await at('public', '/storage/photo.txt')).toMatchObject({ status: 200, body: 'shown' });
    expect((await at('public', '/any')).status).toBe(200);
    expect(presetOf('laravel', '/www/wwwroot/a.test/public')?.closed).toEqual([]);
    expect(presetOf('laravel', '/www/wwwroot/a.test')?.closed).toContain('/storage');
  });

  const own: [string, number, string][] = [
    ['/item/12', 200, 'item'],
    ['/item/x', 404, ''],
    ['/always/item', 200, 'item'],
    ['/always/there', 404, ''],
    ['/off', 404, ''],
    ['/%D9%82%D8%AF%D9%8A%D9%85', 200, 'arabic'],
    ['/first', 200, 'item'],
    ['/first.txt', 200, 'file'],
    // A redirect is for what visitors ask for, not for what a rewrite leads to.
    ['/always/moved', 200, 'moved'],
    ['/.well-known/other', 200, 'item'],
    ['/.well-known/acme-challenge/t', 200, 'token'],
  ];
  it.each(own)('DOM-1 TLS-2 own rules: %s → %i', async (path, status, text) => {
    const seen = await at('rules', path);
    expect(seen.status).toBe(status);
    expect(seen.body).toContain(text);
  });

  it('what a rewrite leads away from a locked path, or into one, is locked all the same', async () => {
    const sara = { headers: { authorization: `Basic ${Buffer.from('sara:saras long one').toString('base64')}` } };
    for (const path of ['/admin/1', '/admin/x', '/in']) expect((await at('behind', path)).status, path).toBe(401);
    expect(await at('behind', '/admin/1', sara)).toMatchObject({ status: 200, body: 'app /open/1?by=rewrite' });
    expect(await at('behind', '/in', sara)).toMatchObject({ status: 200, body: 'app /admin/x' });
    expect(await at('behind', '/open/1')).toMatchObject({ status: 200, body: 'app /open/1' });
  });
});

it('rules that could lead out of the site’s folder, or that nginx would refuse, are not taken', () => {
  const codes = (rule: object): unknown =>
    siteBehaviour.safeParse({ rewrites: { rules: [rule] } }).error?.issues.map(({ message }) => message);
  expect(codes({ path: '^/a/(.*)$', target: '/b/.$1' })).toEqual(['rewrite_capture_path']);
  expect(codes({ path: '^/a/(.*)$', target: '/b/$1' })).toEqual(['rewrite_capture_path']);
  expect(codes({ path: '^/a/(.*)$', target: '/b?x=$1' })).toBeUndefined();
  expect(codes({ path: '^/a/([a-z0-9_/-]+)$', target: '/b/$1.html' })).toBeUndefined();
  expect(codes({ path: '^/a', target: '/../etc/passwd' })).toEqual(['rewrite_capture_path']);
  for (const target of [
    'https://evil.example/',
    '//evil.example',
    'b',
    '/a b',
    '/a"b',
    '/a;b',
    '/a$b',
    '/%2e%2e/x',
    '/{x}',
  ])
    expect(codes({ path: '^/a', target }), target).toContain('rewrite_target_invalid');
  expect(codes({ path: '^/(', target: '/b' })).toEqual(['pattern_invalid']);
  expect(codes({ path: '^/(a)', target: '/b?$2' })).toEqual(['redirect_capture']);
});

it('every rule of a preset is one that the browser can try and nginx takes', () => {
  for (const preset of presets)
    for (const [path] of presetFacts[preset].rules ?? []) expect(readPattern(path).ok, path).toBe(true);
});
