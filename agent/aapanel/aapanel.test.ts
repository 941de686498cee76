import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { aapanelReport, type AapanelReport, type AapanelSite } from '#shared/aapanel.ts';
import { AppError } from '#shared/errors.ts';
import { defaultTls } from '#shared/site-tls.ts';
import { copiesHandlers } from '../copies/copies.actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { poll } from '../nginx/nginx.process.ts';
import { makeOldServer, type OldServer } from '../testing/aapanel.ts';
import {
  call,
  hasNginx,
  makeWorld,
  newChangeId,
  snapshot,
  specOf,
  visit,
  visitUntil,
  type World,
} from '../testing/world.ts';
import { aapanelHandlers } from './aapanel.actions.ts';
import { readAapanel } from './report.ts';
import { readRewrite } from './rewrites.ts';
import { readVhost } from './vhost.ts';

const pair = withCertificates((make) => make.selfSigned('DNS:blog.example.com,DNS:spa.example.com'));
let world: World;
let machine: Machine;

beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'running' : 'missing' });
  machine = await openMachine(world.settings);
}, 30_000);
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const at = (base: string): string => world.prefix + base;
const siteOf = ({ sites }: AapanelReport, name: string): AapanelSite => {
  const found = sites.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no site ${name}`);
  return found;
};
const codesOf = (site: AapanelSite): string[] => site.notes.map(({ code }) => code);
const vhostFolder = '/www/server/panel/vhost/nginx';

/** As aaPanel writes them: what a form here can say, what would lead in circles, and what it cannot. */
const appRedirects = [
  `#REWRITE-START
        if ($host ~ '^www.app.example.com'){
            return 301 https://app.example.com$request_uri;
        }

        if ($host ~ '^shop.app.example.com'){
            return 302 https://shop.example.net/;
        }
#REWRITE-END`,
  '#REWRITE-START\n        rewrite ^/old(.*) https://new.example.com/from-old$1 permanent;\n#REWRITE-END',
  '#REWRITE-START\n        rewrite ^/gone(.*) /start? redirect;\n#REWRITE-END',
  "#REWRITE-START\n        if ($host ~ '^elsewhere.example.com'){\n            return 301 /;\n        }\n#REWRITE-END",
  '#REWRITE-START\n        rewrite ^/circle /circle permanent;\n#REWRITE-END',
  '#REWRITE-START\n        rewrite ^/name(.*) $scheme://$host/x$1 permanent;\n#REWRITE-END',
  'error_page 404 = @notfound;\nlocation @notfound {\n    return 301 /;\n}',
];
const whole = readFileSync(new URL('testdata/proxy.conf', import.meta.url), 'utf8');
const pathTo = (path: string, url: string, more = ''): string =>
  whole.replace('^~ /', `^~ ${path}`).replace('http://127.0.0.1:3000;', `${url};\n${more}`);
const appProxies = [
  pathTo(
    '/api/',
    'http://127.0.0.1:3001/',
    'proxy_read_timeout 10m;\n    proxy_set_header X-Kind "an api";\n    sub_filter a b;',
  ),
  pathTo('/files', 'https://Files.example.net', 'proxy_set_header Host files.example.net;').replace(
    'proxy_set_header Host $host;',
    '',
  ),
  pathTo(
    '/docs/',
    'http://10.0.0.5:8080/docs/',
    'proxy_set_header Accept-Encoding "";\n    sub_filter "old name" "new name";\n    sub_filter_once off;\n' +
      '    proxy_ignore_headers Set-Cookie Cache-Control expires;\n    proxy_cache cache_one;\n' +
      '    proxy_cache_key $host$uri$is_args$args;\n    proxy_cache_valid 200 304 301 302 90m;',
  ),
  pathTo('/locked/', 'http://127.0.0.1:3002', 'deny all;'),
  pathTo('/framed/', 'http://127.0.0.1:3002', 'add_header X-Frame-Options DENY;'),
  pathTo('/other/', 'http://127.0.0.1:3002/elsewhere/'),
  pathTo('/named/', 'http://$host:3002'),
  pathTo('/twice/', 'http://user:word@127.0.0.1:3002'),
  pathTo('/api/', 'http://127.0.0.1:3003/'),
];

function fillOld(old: OldServer): void {
  const blog = old.site({
    name: 'blog.example.com',
    domains: ['blog.example.com', 'www.blog.example.com', ['blog.example.com', 443], ['blog.example.com', 8081]],
    remark: 'My blog',
  });
  old.vhost('blog.example.com', 'wordpress.conf');
  old.file('/www/server/panel/vhost/cert/blog.example.com/fullchain.pem', pair.certificate);
  old.file('/www/server/panel/vhost/cert/blog.example.com/privkey.pem', pair.key);
  old.file(
    '/www/server/panel/vhost/rewrite/blog.example.com.conf',
    'location /\n{\n\t try_files $uri $uri/ /index.php?$args;\n}\n\nrewrite /wp-admin$ $scheme://$host$uri/ permanent;\n',
  );
  old.file('/www/wwwroot/blog.example.com/index.php', '<?php echo 1;');
  old.sql(
    `insert into databases (pid, name, username, password) values (${blog}, 'blog', 'blog_user', 'secret-of-db')`,
  );
  old.sql("insert into site_types (id, name) values (3, 'Blogs')");
  old.sql(`update sites set type_id = 3 where id = ${blog}`);
  old.site({
    name: 'app.example.com',
    domains: ['app.example.com', 'www.app.example.com', 'shop.app.example.com'],
    edate: '2027-01-31',
  });
  old.vhost('app.example.com', 'laravel.conf', (text) =>
    text.replace(
      '#PHP-INFO-START',
      `location ~ /purge(/.*) {
        proxy_cache_purge cache_one $host$1$is_args$args;
    }
    include ${vhostFolder}/proxy/app.example.com/*.conf;\n#`,
    ),
  );
  for (const [index, text] of appProxies.entries())
    old.file(`${vhostFolder}/proxy/app.example.com/${index}_app.example.com.conf`, text);
  old.file('/www/wwwroot/app.example.com/public/index.php', '');
  old.file('/www/server/panel/vhost/rewrite/app.example.com.conf', 'rewrite ^/old/(.*)$ /new/$1 last;\n');
  for (const [index, text] of appRedirects.entries())
    old.file(`${vhostFolder}/redirect/app.example.com/${index}_app.example.com.conf`, text);
  old.file(`${vhostFolder}/dir_auth/app.example.com/admin.conf`, 'location /admin { auth_basic "x"; }');
  old.site({ name: 'proxy.example.com', status: '0' });
  old.vhost('proxy.example.com', 'wordpress.conf', (text) =>
    text
      .replaceAll('blog.example.com', 'proxy.example.com')
      .replace('include enable-php-82.conf;', 'include enable-php-00.conf;')
      .replace('#PHP-INFO-START', `include ${vhostFolder}/proxy/proxy.example.com/*.conf;\n#`),
  );
  old.file(
    `${vhostFolder}/proxy/proxy.example.com/0_proxy.example.com.conf`,
    readFileSync(new URL('testdata/proxy.conf', import.meta.url), 'utf8'),
  );
  mkdirSync(`${old.root}/www/wwwroot/proxy.example.com`, { recursive: true });
  old.site({ name: 'spa.example.com', type: 'html', domains: ['spa.example.com', '203.0.113.7', 'bad_name..x'] });
  old.vhost('html_spa.example.com', 'wordpress.conf', (text) =>
    text
      .replaceAll('blog.example.com', 'spa.example.com')
      .replace('rewrite/spa.example.com.conf', 'rewrite/html_spa.example.com.conf')
      .replace('    include enable-php-82.conf;\n', '')
      .replaceAll(/ {4}ssl_.*\n/g, ''),
  );
  old.file(
    '/www/server/panel/vhost/rewrite/html_spa.example.com.conf',
    'location / {\n  try_files $uri $uri/ /index.html;\n}',
  );
  old.file('/www/wwwroot/spa.example.com/index.html', 'one page');
  const node = old.site({ name: 'node_app', type: 'Node', path: '/root/app', domains: [] });
  const config = {
    nodejs_version: 'v18.17.0',
    project_script: 'npm run start',
    port: 3000,
    project_cwd: '/root/app',
    env: 'KEY=secret-value',
  };
  old.sql(`update sites set project_config = '${JSON.stringify(config)}' where id = ${node}`);
}

describe.each(['single', 'split'] as const)('the dry run of an aaPanel with a %s database', (layout) => {
  it('MIG-1 MIG-2 says of each site what it becomes, what differs and what cannot be, and writes nothing', async () => {
    const base = `/srv/${layout}`;
    const old = makeOldServer(at(base), layout);
    fillOld(old);
    old.close();
    const before = snapshot(world.prefix, [base]);
    const report = aapanelReport.parse(await readAapanel(machine, base));
    expect(snapshot(world.prefix, [base])).toBe(before);
    expect([report.layout, report.databases]).toEqual([layout, [{ name: 'blog', user: 'blog_user', engine: 'MySQL' }]]);
    expect(JSON.stringify(report)).not.toMatch(/secret-of-db|hash of a password|secret-value/);
    const blog = siteOf(report, 'blog.example.com');
    expect(blog).toMatchObject({
      state: 'differs',
      kind: 'php',
      phpVersion: '8.2',
      preset: 'wordpress',
      runFolder: '',
      remark: 'My blog',
      category: 'Blogs',
      isEnabled: true,
      domains: ['blog.example.com', 'www.blog.example.com', 'blog.example.com:8081'],
      files: { count: 1, sizeBytes: 13 },
    });
    expect(codesOf(blog).sort()).toEqual(['certificate_own', 'databases', 'php_missing']);
    expect(blog.certificate).toMatchObject({
      names: ['blog.example.com', 'spa.example.com'],
      fingerprint: new X509Certificate(pair.certificate).fingerprint256,
      isForced: true,
    });
    expect(JSON.stringify(report)).not.toContain('PRIVATE');
    const app = siteOf(report, 'app.example.com');
    expect(app).toMatchObject({ kind: 'php', phpVersion: '7.4', runFolder: '/public', preset: 'none' });
    expect([app.endsAt, blog.endsAt]).toEqual(['2027-02-01T00:00:00.000Z', null]);
    expect(codesOf(app).sort()).toEqual([
      'directives_by_hand',
      'passwords_by_hand',
      'php_missing',
      'proxies_by_hand',
      'proxies_by_hand',
      'proxies_by_hand',
      'proxies_by_hand',
      'proxies_by_hand',
      'proxies_by_hand',
      'redirects_by_hand',
      'rewrite_by_hand',
    ]);
    expect(app.notes.find(({ code }) => code === 'directives_by_hand')?.params['text']).toBe(
      'client_max_body_size 131m;\nlocation /private { … }',
    );
    const rest = { isPathKept: false, isQueryKept: true, isEnabled: true };
    expect(app.redirects).toEqual([
      {
        ...rest,
        match: 'site',
        path: '',
        hosts: ['www.app.example.com'],
        target: 'https://app.example.com',
        status: 301,
        isPathKept: true,
      },
      {
        ...rest,
        match: 'site',
        path: '',
        hosts: ['shop.app.example.com'],
        target: 'https://shop.example.net/',
        status: 302,
        isQueryKept: false,
      },
      {
        ...rest,
        match: 'regex',
        path: '^/old(.*)',
        hosts: [],
        target: 'https://new.example.com/from-old$1',
        status: 301,
      },
      { ...rest, match: 'regex', path: '^/gone(.*)', hosts: [], target: '/start', status: 302, isQueryKept: false },
    ]);
    const moved = app.notes.find(({ code }) => code === 'redirects_by_hand')?.params ?? {};
    expect([moved['count'], moved['text']?.split('\n').map((line) => line.slice(0, 22))]).toEqual([
      '5',
      [
        'if ($host ~ ^elsewhere',
        'rewrite ^/name(.*) $sc',
        'error_page 404 = @notf',
        'location @notfound { r',
        'rewrite ^/circle /circ',
      ],
    ]);
    expect(app.proxies).toMatchObject([
      {
        path: '/api/',
        scheme: 'http',
        servers: [{ address: '127.0.0.1:3001' }],
        isPathStripped: true,
        isWebsocket: true,
        sentHost: 'visitor',
        answerSeconds: 600,
        headers: [{ name: 'X-Kind', value: 'an api' }],
        replacements: [{ from: 'a', to: 'b' }],
        isReplacedOnce: true,
      },
      {
        path: '/files',
        scheme: 'https',
        servers: [{ address: 'files.example.net:443' }],
        isPathStripped: false,
        sentHost: 'own',
        ownHost: 'files.example.net',
      },
      {
        path: '/docs/',
        servers: [{ address: '10.0.0.5:8080' }],
        isPathStripped: false,
        cacheMinutes: 90,
        replacements: [{ from: 'old name', to: 'new name' }],
        isReplacedOnce: false,
      },
    ]);
    expect(
      app.notes.flatMap(({ code, params }) => (code === 'proxies_by_hand' ? [params['rule']?.slice(9, 17)] : [])),
    ).toEqual(['^~ /lock', '^~ /fram', '^~ /othe', '^~ /name', '^~ /twic', '^~ /api/'].map((text) => text.slice(-8)));
    expect(siteOf(report, 'proxy.example.com')).toMatchObject({
      kind: 'proxy',
      isEnabled: false,
      upstream: { url: 'http://127.0.0.1:3000', isWebsocket: true },
    });
    const spa = siteOf(report, 'spa.example.com');
    expect([spa.kind, spa.fallback, spa.domains, codesOf(spa)]).toEqual([
      'static',
      'spa',
      ['spa.example.com'],
      ['domain_invalid', 'domain_invalid'],
    ]);
    const node = siteOf(report, 'node_app');
    expect([node.state, node.files, codesOf(node).slice(0, 3)]).toEqual([
      'blocked',
      null,
      ['kind_unknown', 'no_domain', 'path_elsewhere'],
    ]);
    expect(node.notes[0]?.params).toEqual({ kind: 'Node', facts: 'v18.17.0 · npm run start · 3000 · /root/app' });
  });
});

it.runIf(hasNginx)('DOM-3 the dry run names the file and line here that serves a name already', async () => {
  const file = at('/etc/nginx/conf.d/hand.conf');
  writeFileSync(file, '\nserver {\n    server_name blog.example.com;\n}\n');
  const blog = siteOf(await readAapanel(machine, '/srv/single'), 'blog.example.com');
  rmSync(file);
  expect([blog.state, blog.notes.find(({ code }) => code === 'domain_served_elsewhere')?.params]).toEqual([
    'blocked',
    { domain: 'blog.example.com', file: '/etc/nginx/conf.d/hand.conf:3' },
  ]);
});

it('ARCH-3 PATH-1 PATH-2 a row or a file that leads elsewhere reaches nothing there', async () => {
  const base = '/srv/hostile';
  const old = makeOldServer(at(base), 'single');
  writeFileSync(`${world.folder}/outside`, 'the secret outside');
  mkdirSync(`${world.folder}/outside-folder`);
  for (const path of ['/root', '/etc/../root', '/www/wwwroot/../../etc', '/www/wwwroot', 'relative'])
    old.site({ name: `path${old.site({ name: 'counted' })}.test`, path });
  old.site({ name: 'linked.test' });
  symlinkSync(`${world.folder}/outside-folder`, `${old.root}/www/wwwroot/linked.test`);
  for (const name of ['../../../../outside', '/etc/passwd', '..', 'a/b', '$(id)', 'x;y', 'a\nb'])
    old.site({ name, domains: ['n.test'] });
  old.site({ name: 'vhost-link.test' });
  mkdirSync(`${old.root}/www/wwwroot/vhost-link.test`);
  symlinkSync(`${world.folder}/outside`, `${old.root}${vhostFolder}/vhost-link.test.conf`);
  old.site({ name: 'include.test' });
  mkdirSync(`${old.root}/www/wwwroot/include.test`);
  old.vhost('include.test', 'wordpress.conf', (text) =>
    text
      .replaceAll(
        '/www/server/panel/vhost/rewrite/blog.example.com.conf',
        '/www/server/panel/vhost/rewrite/../../../../../outside.conf',
      )
      .replace('include enable-php-82.conf;', 'include /etc/passwd;\ninclude /etc/shadow*;'),
  );
  old.site({ name: 'root.test' });
  mkdirSync(`${old.root}/www/wwwroot/root.test`);
  old.vhost('root.test', 'wordpress.conf', (text) =>
    text.replace('root /www/wwwroot/blog.example.com;', 'root /www/wwwroot/root.test/../../../root;'),
  );
  old.close();
  const report = aapanelReport.parse(await readAapanel(machine, base));
  expect(JSON.stringify(report)).not.toContain('the secret outside');
  for (const site of report.sites.filter(({ name }) => name.startsWith('path'))) {
    expect([site.path, site.state, site.files]).toEqual([site.path, 'blocked', null]);
    expect(codesOf(site)).toContain('path_elsewhere');
  }
  expect(codesOf(siteOf(report, 'linked.test'))).toContain('folder_link');
  expect(codesOf(siteOf(report, 'vhost-link.test'))).toContain('vhost_missing');
  expect(codesOf(siteOf(report, 'root.test'))).toContain('run_folder_invalid');
  const include = siteOf(report, 'include.test');
  expect(include.notes.filter(({ code }) => code === 'include_unknown').map(({ params }) => params['path'])).toEqual([
    '/etc/passwd',
    '/etc/shadow*',
    '/www/server/panel/vhost/rewrite/../../../../../outside.conf',
  ]);
  for (const site of report.sites.filter(({ domains }) => domains.includes('n.test')))
    expect(site.state).toBe('blocked');
  const start = (name: string) =>
    copiesHandlers['copies.start'](
      machine,
      { copyId: newChangeId(), source: { base, name }, spec: specOf(world, 'in.test'), withSecrets: false },
      call(),
    );
  await expect(start('linked.test')).rejects.toMatchObject({ reason: 'aapanel_site_blocked' });
  await expect(start('nowhere.test')).rejects.toMatchObject({ reason: 'aapanel_site_unknown' });
});

it('ARCH-3 what is no database of aaPanel is refused by its name, and nothing of it is run', async () => {
  const data = (base: string): string => at(`${base}/www/server/panel/data`);
  await expect(readAapanel(machine, '/srv/none')).rejects.toMatchObject({ reason: 'aapanel_missing' });
  mkdirSync(data('/srv/junk'), { recursive: true });
  writeFileSync(`${data('/srv/junk')}/default.db`, 'SQLite format 3\u0000 and nothing more');
  await expect(readAapanel(machine, '/srv/junk')).rejects.toMatchObject({ reason: 'aapanel_database_invalid' });
  mkdirSync(data('/srv/link'), { recursive: true });
  symlinkSync('/etc/passwd', `${data('/srv/link')}/default.db`);
  await expect(readAapanel(machine, '/srv/link')).rejects.toBeInstanceOf(AppError);
  const old = makeOldServer(at('/srv/view'), 'single');
  old.sql("drop table sites; create view sites as select 1 as id, 'x' as name, '/www/wwwroot/x' as path");
  old.close();
  await expect(readAapanel(machine, '/srv/view')).rejects.toMatchObject({ reason: 'aapanel_missing' });
});

it('no text of a file makes the reading of one fail, whatever is cut out of it or put into it', () => {
  const texts = ['wordpress.conf', 'laravel.conf', 'proxy.conf'].map((name) =>
    readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8'),
  );
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const pieces = ['{', '}', ';', '"', "'", '\\', '$', '#', '\n', '\u0000', 'include x;', 'location / {', 'ا', '\ud800'];
  let readable = 0;
  for (let round = 0; round < 4_000; round++) {
    let text = texts[round % texts.length] ?? '';
    for (let change = 0; change <= random(6); change++) {
      const from = random(text.length);
      text = text.slice(0, from) + (pieces[random(pieces.length)] ?? '') + text.slice(from + random(80));
    }
    if (readVhost(text) !== undefined) readable++;
    readRewrite(text, round % 2 === 0);
  }
  expect(readable).toBeGreaterThan(100);
});

describe.runIf(hasNginx)('bringing a site over', () => {
  it('MIG-4 its files come over as its own user, answer as they did, and the old server stays as it was', async () => {
    const base = '/srv/over';
    const old = makeOldServer(at(base), 'split');
    fillOld(old);
    old.file('/www/wwwroot/spa.example.com/deep/page.html', 'deep page');
    old.file('/www/wwwroot/spa.example.com/.user.ini', 'open_basedir=/www/wwwroot/spa.example.com/:/tmp/');
    old.close();
    symlinkSync('/etc/shadow', `${old.root}/www/wwwroot/spa.example.com/shadow`);
    writeFileSync(`${old.root}/www/wwwroot/spa.example.com/of-root`, 'x', { mode: 0o600 });
    const before = snapshot(world.prefix, [base]);
    const copyId = newChangeId();
    const { redirects, proxies } = siteOf(await readAapanel(machine, base), 'app.example.com');
    const plain = specOf(world, 'spa.example.com');
    // nginx would ask the DNS for a name.
    const byAddress = proxies.filter(({ path }) => path !== '/files');
    const certificateId = newChangeId();
    const taking = { base, name: 'blog.example.com', certificateId, changeId: newChangeId() };
    for (let time = 0; time < 2; time++)
      expect(await aapanelHandlers['aapanel.take_certificate'](machine, taking, call())).toMatchObject({
        source: 'own',
        names: ['blog.example.com', 'spa.example.com'],
      });
    const tls = { ...defaultTls, certificateId };
    const spec = {
      ...plain,
      tls,
      behaviour: { ...plain.behaviour, redirects: redirects.slice(2), proxies: byAddress },
    };
    const params = { copyId, source: { base, name: 'spa.example.com' }, spec, withSecrets: false };
    await expect(
      copiesHandlers['copies.start'](machine, params, { ...call(), isElevated: false }),
    ).rejects.toMatchObject({ code: 'elevation_required' });
    await expect(
      copiesHandlers['copies.start'](machine, params, { ...call(), may: (each) => each !== 'settings.write' }),
    ).rejects.toMatchObject({ code: 'not_allowed' });
    await copiesHandlers['copies.start'](machine, params, call());
    const follow = () => copiesHandlers['copies.follow'](machine, { copyId, offset: 0 }, call());
    await poll(async () => (await follow()).copy?.state !== 'running', Date.now() + 30_000);
    const { copy, text } = await follow();
    expect([copy?.state, copy?.failure], text).toEqual(['copied', null]);
    if (machine.isRoot) expect(text).toMatch(/left out: .*of-root: .*Permission denied/);
    await copiesHandlers['copies.settle'](machine, { copyId, changeId: newChangeId() }, call(60));
    expect((await visitUntil(world.port, 'spa.example.com', ({ status }) => status === 200)).body).toBe('one page');
    // What was read of the old server's redirects and proxies is what nginx does here.
    expect((await visit(world.port, 'spa.example.com', '/old/a?b=1')).status).toBe(301);
    expect((await visit(world.port, 'spa.example.com', '/gone/a')).status).toBe(302);
    expect((await visit(world.port, 'spa.example.com', '/api/x')).status).toBe(502);
    const to = `${world.prefix}${spec.root}`;
    expect(
      readdirSync(to)
        .filter((name) => name !== 'of-root')
        .sort(),
    ).toEqual(['deep', 'index.html', 'shadow']);
    expect(existsSync(`${to}/.user.ini`)).toBe(false);
    expect(snapshot(world.prefix, [base])).toBe(before);
    if (machine.isRoot)
      expect(spawnSync('/usr/bin/stat', ['-c', '%U %G', `${to}/index.html`], { encoding: 'utf8' }).stdout).toBe(
        'www-data www-data\n',
      );
    rmSync(old.root, { recursive: true });
  }, 60_000);
});
