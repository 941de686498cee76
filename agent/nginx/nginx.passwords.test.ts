import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { sitePhp } from '#shared/site-php.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { lockLostPasswords } from '../sites/site-passwords.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { ask, type Asked, type Question } from '../testing/asking.ts';
import type { Rules } from '../testing/behaviour-sites.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { markerOf } from './nginx.render.ts';

/*
 * Passwords of paths, asked of the real nginx: who has none never gets past, however the address is written and whatever
 * answers behind it.
 */

let world: World;
let machine: Machine;
let app: Server;
const specs = new Map<string, SiteSpec>();
const ids = new Map<string, string>();

const at = (name: string, path = '/', more: Partial<Question> = {}): Promise<Asked> =>
  ask({ port: world.port, host: `${name}.test`, path, ...more });
const as = (user: string, password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
});
const sara = as('sara', 'saras long one');
const deep = as('deep', 'the deep: one');

async function apply(name: string, change: Partial<SiteSpec>): Promise<Awaited<ReturnType<typeof send>>> {
  const isNew = !specs.has(name);
  const spec = { ...(specs.get(name) ?? specOf(world, `${name}.test`)), ...change };
  const answer = await send(spec, isNew);
  specs.set(name, spec);
  return answer;
}

function send(spec: SiteSpec, isNew = false, onDrift: 'refuse' | 'overwrite' = 'refuse') {
  return sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift }, call(60));
}

const rules = (given: Rules): Pick<SiteSpec, 'behaviour'> => ({ behaviour: siteBehaviour.parse(given) });

async function keep(name: string, password: string): Promise<string> {
  const siteId = specs.get(name)?.siteId ?? '';
  return (await sitesHandlers['sites.keep_password'](machine, { siteId, password }, call())).passwordId;
}

/** A site with its users; every user is called as the key of the password. */
async function lock(
  name: string,
  more: Partial<SiteSpec>,
  make: (user: (name: string) => { name: string; passwordId: string }) => Rules,
): Promise<void> {
  await apply(name, more);
  for (const [user, password] of [
    ['sara', 'saras long one'],
    ['deep', 'the deep: one'],
  ] as const)
    ids.set(`${name} ${user}`, await keep(name, password));
  await apply(name, rules(make((user) => ({ name: user, passwordId: ids.get(`${name} ${user}`) ?? '' }))));
}

function put(name: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const whole = world.path(`/www/wwwroot/${name}.test${path}`);
    mkdirSync(whole.slice(0, whole.lastIndexOf('/')), { recursive: true });
    writeFileSync(whole, text);
  }
}

const folder = '/etc/nginx/aapanel/passwords';

describe.runIf(hasNginx)('passwords of paths', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    if (hasPhp) installPhp(world, '8.2');
    machine = await openMachine(world.settings);
    app = createServer((request, response) => response.end(`app ${request.url}`));
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const address = app.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await lock('files', {}, (user) => ({
      passwords: [
        { path: '/', users: [user('sara')], paths: ['/health'], addresses: ['127.0.7.0/24'] },
        { path: '/shared/deep', users: [user('deep')], realm: 'Deep (inside)' },
      ],
      isListingOn: true,
      fallback: 'spa',
      errorPages: { pages: [{ code: 404, title: 'Ours' }] },
      redirects: [{ match: 'exact', path: '/old', target: '/new' }],
    }));
    await lock('part', {}, (user) => ({
      passwords: [{ path: '/private', users: [user('sara')] }],
      isListingOn: true,
      cors: { origins: ['https://app.example'] },
      hotlink: { isOn: true, suffixes: ['png'], replacement: '/private/x.txt' },
    }));
    await lock('clean', {}, (user) => ({
      passwords: [
        { path: '/page.html', users: [user('sara')] },
        { path: '/docs/index.html', users: [user('sara')] },
        { path: '/note', users: [user('sara')] },
      ],
      fallback: 'clean',
    }));
    const upstream = { url: `http://127.0.0.1:${port}`, isWebsocket: true };
    await lock('app', { kind: 'proxy', upstream }, (user) => ({
      passwords: [{ path: '/admin', users: [user('sara')], paths: ['/admin/hook'] }],
    }));
    await lock('paths', {}, (user) => ({
      passwords: [{ path: '/api/admin', users: [user('sara')] }],
      proxies: [{ path: '/api', servers: [{ address: `127.0.0.1:${port}` }], isPathStripped: true }],
    }));
    const closed = { isOn: true, addresses: ['127.0.7.7'], paths: ['/health'] };
    await lock('closed', {}, (user) => ({ passwords: [{ users: [user('sara')] }], maintenance: closed }));
    if (hasPhp)
      await lock('php', { kind: 'php', php: sitePhp.parse({ version: '8.2' }) }, (user) => ({
        passwords: [
          { path: '/admin', users: [user('sara')], paths: ['/admin/open'] },
          { path: '/only.php', users: [user('sara')] },
        ],
      }));
    const plain = {
      '/index.html': 'start',
      '/public.txt': 'public',
      '/health/live': 'live',
      '/.well-known/acme-challenge/t-1': 'token',
    };
    for (const name of specs.keys()) put(name, plain);
    put('files', { '/shared/deep/x.txt': 'secret', '/shared/x.txt': 'secret' });
    put('part', {
      '/private/x.txt': 'secret',
      '/private/a.png': 'secret',
      '/privately.txt': 'public',
      '/private-2.txt': 'public',
      '/a.png': 'picture',
    });
    put('clean', {
      '/page.html': 'secret',
      '/pages.html': 'public',
      '/note.html': 'secret',
      '/docs/index.html': 'secret',
    });
    if (hasPhp)
      put('php', {
        '/index.php': '<?php echo "front ", $_SERVER["REQUEST_URI"], " ", $_SERVER["REMOTE_USER"] ?? "";',
        '/admin/tool.php': '<?php echo "secret";',
        '/only.php': '<?php echo "secret";',
      });
    const last = hasPhp ? 'php' : 'closed';
    await visitUntil(world.port, `${last}.test`, ({ status }) => status === 401 || status === 503, '/only.php');
  }, 120_000);
  afterAll(async () => {
    app.close();
    await machine.settled();
    machine.close();
    stopPhp(world);
    world.destroy();
  });

  const bypasses: Record<string, readonly string[]> = {
    files: [
      '/',
      '/index.html',
      '/public.txt',
      '/none',
      '/shared/',
      '/healthy',
      '/health/../public.txt',
      '/HEALTH/live',
    ],
    part: [
      '/private',
      '/private/',
      '/private/x.txt',
      '/private/none',
      '/private/a.png',
      '//private/x.txt',
      '///private///x.txt',
      '/./private/x.txt',
      '/none/../private/x.txt',
      '/none/%2e%2e/private/x.txt',
      '/none/..%2fprivate/x.txt',
      '/%70rivate/x.txt',
      '/private%2fx.txt',
      '/private/./x.txt',
      '/PRIVATE/x.txt',
      '/private/x.txt?public',
      '/private/x.txt#public',
      '/private;a/x.txt',
      '/private%00/x.txt',
      '/private%0a/x.txt',
      '/private./x.txt',
    ],
    clean: [
      '/page',
      '/page.html',
      '/page/',
      '/PAGE',
      '/docs/',
      '/docs/index',
      '/docs/index.html',
      '/note',
      '/note.html',
    ],
    app: [
      '/admin',
      '/admin/users',
      '/Admin/users',
      '/admin.json',
      '/admin;x=1',
      '/admin%3Bx/users',
      '/admin%3fx',
      '/admin%23',
      '/admin%20',
      '//admin',
      '/%61dmin',
      '/x/..;/admin',
      '/x/..%3B/admin',
      '/x/%2e%2e;/admin',
      '/x/../admin',
      '/x%5c..%5cadmin',
      '\\admin',
      '/x\\..\\admin',
      '/admin/../x',
      '/admin/users/..%2f..%2fx',
      '/admin/hook/a;b',
      '/admin/hook/../users',
      '/admin/hook/..;/users',
      '/admin/hook;/../users',
      '/admin/hooks',
      '/ADMIN/hook',
    ],
    paths: [
      '/api/admin',
      '/api/admin/x',
      '/api//admin',
      '/api/ADMIN',
      '/api/x/../admin',
      '/api/admin.json',
      '/api/..;/api/admin',
    ],
    php: [
      '/admin',
      '/admin/tool.php',
      '/admin/tool.php/x',
      '/ADMIN/x',
      '/index.php/admin',
      '/index.php/admin/users',
      '/index.php//admin',
      '/x/index.php/admin',
      '/INDEX.PHP/admin',
      '/x%0a.php/admin',
      '/only.php',
      '/only.php/x',
      '/only.php?x',
      '/admin/../x',
      '/admin/open/../tool.php',
    ],
  };
  const shapes = Object.entries(bypasses).flatMap(([name, paths]) => paths.map((path) => [name, path] as const));

  it.each(shapes)('%s: nobody gets %s without a password', async (name, path) => {
    if (name === 'php' && !hasPhp) return;
    for (const more of [
      {},
      { method: 'HEAD' },
      { method: 'POST', body: 'x' },
      { headers: { range: 'bytes=0-3' } },
      as('sara', 'wrong password'),
      as('', ''),
      as('nobody', 'saras long one'),
      { headers: { authorization: 'Bearer c2FyYTpzYXJhcyBsb25nIG9uZQ==' } },
      { headers: { referer: 'https://thief.example/', origin: 'https://app.example' } },
    ] as Partial<Question>[]) {
      const seen = await at(name, path, more);
      expect([400, 401, 404, 405], JSON.stringify(more)).toContain(seen.status);
      expect(seen.body).not.toMatch(/secret|public|start|live|app |front/);
      if (seen.status === 401) expect(seen.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"$/);
    }
  });

  it('DOM-1 a password opens its path, and the rest of the site asks for none', async () => {
    for (const path of ['/private/x.txt', '//private/x.txt', '/%70rivate/x.txt'])
      expect(await at('part', path, sara), path).toMatchObject({ status: 200, body: 'secret' });
    for (const path of ['/public.txt', '/privately.txt', '/private-2.txt', '/'])
      expect((await at('part', path)).status, path).toBe(200);
    expect(await at('clean', '/page', sara)).toMatchObject({ status: 200, body: 'secret' });
    expect(await at('clean', '/docs/', sara)).toMatchObject({ status: 200, body: 'secret' });
    expect(await at('clean', '/pages')).toMatchObject({ status: 200, body: 'public' });
    expect(await at('app', '/admin/users?x=1', sara)).toMatchObject({ status: 200, body: 'app /admin/users?x=1' });
    expect(await at('app', '/administrator')).toMatchObject({ status: 200, body: 'app /administrator' });
    expect(await at('paths', '/api/admin/x', sara)).toMatchObject({ status: 200, body: 'app /admin/x' });
    expect(await at('paths', '/api/other')).toMatchObject({ status: 200, body: 'app /other' });
    expect(await at('part', '/a.png', { headers: { referer: 'https://thief.example/' } })).toMatchObject({
      status: 401,
    });
    expect(await at('part', '/a.png')).toMatchObject({ status: 200, body: 'picture' });
  });

  it.runIf(hasPhp)('DOM-1 with PHP: scripts and the front controller are behind it, and learn who came', async () => {
    expect(await at('php', '/admin/tool.php', sara)).toMatchObject({ status: 200, body: 'secret' });
    expect(await at('php', '/admin/users', sara)).toMatchObject({ status: 200, body: 'front /admin/users sara' });
    expect(await at('php', '/other')).toMatchObject({ status: 200, body: 'front /other ' });
    expect(await at('php', '/admin/open/x')).toMatchObject({ status: 200, body: 'front /admin/open/x ' });
    expect(await at('php', '/')).toMatchObject({ status: 200 });
  });

  it('of several paths the longest one counts, with its own users and words', async () => {
    expect(await at('files', '/shared/deep/x.txt', deep)).toMatchObject({ status: 200, body: 'secret' });
    const refused = await at('files', '/shared/deep/x.txt', sara);
    expect(refused.headers['www-authenticate']).toBe('Basic realm="Deep (inside)"');
    expect((await at('files', '/shared/x.txt', deep)).status).toBe(401);
    expect(await at('files', '/shared/x.txt', sara)).toMatchObject({ status: 200, body: 'secret' });
  });

  it('DOM-4 addresses and paths that may pass do, also while the site is closed', async () => {
    expect(await at('files', '/health/live')).toMatchObject({ status: 200, body: 'live' });
    expect(await at('files', '/public.txt', { from: '127.0.7.1' })).toMatchObject({ status: 200, body: 'public' });
    // A path of its own has its own exceptions.
    expect((await at('files', '/shared/deep/x.txt', { from: '127.0.7.1' })).status).toBe(401);
    // The front page of the fallback is reached through an open path too.
    expect(await at('files', '/health/not-there')).toMatchObject({ status: 200, body: 'start' });
    expect((await at('closed', '/', sara)).status).toBe(503);
    expect((await at('closed', '/health/live')).status).toBe(401);
    expect(await at('closed', '/public.txt', { ...sara, from: '127.0.7.7' })).toMatchObject({ status: 200 });
    expect(await at('app', '/admin/hook/x')).toMatchObject({ status: 200, body: 'app /admin/hook/x' });
    expect((await at('files', '/old')).status).toBe(301);
  });

  it.each(['files', 'part', 'clean', 'app', 'paths', 'closed', 'php'])(
    'DOM-4 TLS-2 the challenge of a certificate and the panel’s own question pass: %s',
    async (name) => {
      if (name === 'php' && !hasPhp) return;
      expect(await at(name, '/.well-known/acme-challenge/t-1')).toMatchObject({ status: 200, body: 'token' });
      const text = readFileSync(world.path(`/etc/nginx/aapanel/sites/${name}.test.conf`), 'utf8');
      const marker = markerOf(text) ?? '';
      expect(await at(name, `/.well-known/aapanel/${marker}`)).toMatchObject({ status: 200, body: marker });
    },
  );

  it('only nginx reads the hashes; no diff, no text that is shown and no answer has them', async () => {
    const files = readdirSync(world.path(folder));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) {
      const { mode, uid, gid } = statSync(world.path(`${folder}/${name}`));
      expect(mode & 0o777).toBe(0o640);
      if (process.getuid?.() === 0) expect([uid, gid > 0]).toEqual([0, true]);
      expect(readFileSync(world.path(`${folder}/${name}`), 'utf8')).toMatch(
        /^(?:(?:sara|deep):\$6\$[./\w]{16}\$[./\w]{86}\n)+$/,
      );
    }
    expect(statSync(world.path(folder)).mode & 0o777).toBe(0o750);
    const passwordId = await keep('part', 'one that is not used');
    expect(passwordId).toMatch(/^[a-z2-7]{16}$/);
    const spec = specs.get('part') ?? specOf(world, 'part.test');
    const [rule] = spec.behaviour.passwords;
    const changed = { ...spec.behaviour, passwords: [{ ...rule!, users: [{ name: 'omar', passwordId }] }] };
    const answer = await apply('part', { behaviour: changed });
    const inspected = await sitesHandlers['sites.inspect'](machine, { spec: { ...spec, behaviour: changed } }, call());
    expect(JSON.stringify([answer, inspected])).not.toContain('$6$');
    expect((await at('part', '/private/x.txt', sara)).status).toBe(401);
    expect((await at('part', '/private/x.txt', as('omar', 'one that is not used'))).status).toBe(200);
    // Back, as an undo does: the old facts name the old password, which is still known.
    await apply('part', { behaviour: spec.behaviour });
    expect((await at('part', '/private/x.txt', sara)).status).toBe(200);
    expect((await at('part', '/private/x.txt', as('omar', 'one that is not used'))).status).toBe(401);
  });

  it('a file that was changed by hand is named and never shown, and not overwritten unseen', async () => {
    const spec = specs.get('part') ?? specOf(world, 'part.test');
    const name = readdirSync(world.path(folder)).find((each) => each.startsWith(spec.siteId)) ?? '';
    appendFileSync(world.path(`${folder}/${name}`), 'eve:$6$saltsaltsaltsalt$abc\n');
    await expect(send(spec)).rejects.toMatchObject({ code: 'changed_meanwhile', reason: 'site_drift' });
    const seen = await sitesHandlers['sites.inspect'](machine, { spec }, call());
    expect(seen).toMatchObject({
      drift: 'changed',
      configPath: `${folder}/${name}`,
      currentText: 'sara:***\neve:*** (changed by hand)\n',
    });
    expect(seen.diff).toContain('+eve:***');
    expect(JSON.stringify(seen)).not.toContain('$6$');
    await send(spec, false, 'overwrite');
    expect(readFileSync(world.path(`${folder}/${name}`), 'utf8')).not.toContain('eve');
  });

  it('passwords of another site and unknown ones are refused by their field, and nothing has changed', async () => {
    const spec = specs.get('part') ?? specOf(world, 'part.test');
    const before = readFileSync(world.path('/etc/nginx/aapanel/sites/part.test.conf'), 'utf8');
    for (const passwordId of [newChangeId(), ids.get('files sara') ?? '']) {
      const behaviour = siteBehaviour.parse({ passwords: [{ users: [{ name: 'sara', passwordId }] }] });
      await expect(send({ ...spec, behaviour })).rejects.toMatchObject({
        code: 'invalid_request',
        fields: [{ field: 'behaviour.passwords.0.users.0.passwordId', code: 'site_password_unknown' }],
      });
    }
    const own = { ...spec, customDirectives: 'auth_basic off;\n' };
    await expect(send(own)).rejects.toMatchObject({
      fields: [{ field: 'behaviour.passwords', code: 'password_by_hand' }],
    });
    expect(readFileSync(world.path('/etc/nginx/aapanel/sites/part.test.conf'), 'utf8')).toBe(before);
    const nobody = { siteId: newChangeId(), password: 'long enough' };
    await expect(sitesHandlers['sites.keep_password'](machine, nobody, call())).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('a removed site takes its files along, and has its passwords again when it is restored', async () => {
    const spec = specs.get('clean') ?? specOf(world, 'clean.test');
    const mine = (): string[] => readdirSync(world.path(folder)).filter((name) => name.startsWith(spec.siteId));
    expect(mine().length).toBe(3);
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { confirm, items } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    expect(items.filter(({ path }) => path.startsWith(folder)).length).toBe(3);
    const removalChangeId = newChangeId();
    const removal = { site, root: spec.root, changeId: removalChangeId, files: 'recycle', confirm } as const;
    await sitesHandlers['sites.remove'](machine, removal, call(60));
    expect(mine()).toEqual([]);
    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId }, call(60));
    expect((await visitUntil(world.port, 'clean.test', ({ status }) => status === 401, '/note')).status).toBe(401);
    expect(await at('clean', '/note', sara)).toMatchObject({ status: 200, body: 'secret' });
  });

  it('a site that comes back on a machine without its passwords stays locked, for everybody', async () => {
    const passwordId = newChangeId();
    const spec = specOf(world, 'lost.test', rules({ passwords: [{ users: [{ name: 'sara', passwordId }] }] }));
    expect([await lockLostPasswords(machine, spec), await lockLostPasswords(machine, spec)]).toEqual([1, 0]);
    await send(spec, true);
    const seen = await visitUntil(world.port, 'lost.test', ({ status }) => status === 401);
    expect(seen.status).toBe(401);
    expect((await at('lost', '/', sara)).status).toBe(401);
    expect((await at('lost', '/', as('sara', ''))).status).toBe(401);
  });

  it('of a rule that goes nothing is left', async () => {
    await apply('clean', rules({ fallback: 'clean' }));
    expect(existsSync(world.path(folder))).toBe(true);
    expect(
      readdirSync(world.path(folder)).filter((name) => name.startsWith(specs.get('clean')?.siteId ?? '-')),
    ).toEqual([]);
    expect((await visitUntil(world.port, 'clean.test', ({ status }) => status === 200, '/note')).body).toBe('secret');
  });
});
