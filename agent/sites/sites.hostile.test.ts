import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { findHandler } from '../actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { createActions } from '../requests.ts';
import { askElevated, askThrough, elevate, foundOwner, mustWork } from '../testing/people.ts';
import { hasNginx, makeWorld, newChangeId, snapshot, specOf, type World } from '../testing/world.ts';

/* What a lost web process, or a person through it, could send. Everything goes the whole way that a request goes. */

let world: World;
let machine: Machine;
let actions: ReturnType<typeof createActions>;

beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'stopped' : 'missing' });
  machine = await openMachine(world.settings);
  actions = createActions(machine, findHandler);
  expect((await send(specOf(world, 'first.test'))).code).toBeUndefined();
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

type Answer = { code?: string; reason?: string; fields?: { field: string; code: string }[]; params?: object };

async function ask(name: string, params: unknown): Promise<Answer> {
  const envelope = {
    protocol: 1,
    params,
    actor: { id: 't', name: 't' },
    requestId: 'r',
    deadline: Date.now() + 20_000,
  };
  const { text } = await actions.answer(name, JSON.stringify(envelope));
  const reply = JSON.parse(text) as { ok: boolean; error?: Answer; result?: Answer };
  return reply.ok ? (reply.result ?? {}) : (reply.error ?? {});
}

const send = (spec: object, more: object = {}) =>
  ask('sites.apply', { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse', ...more });

const see = () => snapshot(world.prefix, ['/etc', '/www', '/usr']);

/** Refused, and nothing on the machine is different. */
async function expectRefused(answer: () => Promise<Answer>, wanted: object): Promise<void> {
  const before = see();
  expect(await answer()).toMatchObject(wanted);
  expect(see()).toBe(before);
}

const invalid = { code: 'invalid_request' };

describe('domains', () => {
  it.each([
    ['empty', ''],
    ['of 254 characters', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`],
    ['with a label of 64 characters', `${'a'.repeat(64)}.test`],
    ['that begins with a hyphen', '-a.com'],
    ['with two dots', 'test..com'],
    ['with a semicolon', 'a.com;'],
    ['with a directive behind it', 'a.com; include /etc/passwd'],
    ['with a new line', 'a.com\nreturn 200'],
    ['with a carriage return', 'a.com\rx'],
    ['with NUL', 'a.com\0'],
    ['with a quote', 'a"b.com'],
    ['with an apostrophe', "a'b.com"],
    ['with a brace', 'a{b.com'],
    ['with a variable', '$host.com'],
    ['with a regular expression', '~^.*$'],
    ['with a way up', '../a.com'],
    ['with two wildcards', '*.*.com'],
    ['with a wildcard inside', 'a.*.com'],
    ['that is a wildcard alone', '*'],
    ['in Arabic letters that nobody converted', 'موقع.test'],
    ['in upper case', 'A.com'],
    ['that is an address', '127.0.0.1'],
  ])('CMD-3 CONF-1 S-4 a domain %s is refused before any effect', async (_, host) => {
    await expectRefused(() => send(specOf(world, 'bad.test', { domains: [{ host, port: world.port }] })), invalid);
  });

  it.each([0, -1, 65_536, 80.5, '80', null])('the port %s is refused', async (port) => {
    await expectRefused(() => send({ ...specOf(world, 'bad.test'), domains: [{ host: 'bad.test', port }] }), invalid);
  });

  it('a domain that stands twice in one site is refused', async () => {
    const domain = { host: 'double.test', port: world.port };
    await expectRefused(() => send(specOf(world, 'double.test', { domains: [domain, domain] })), {
      ...invalid,
      fields: [{ field: 'domains.1', code: 'domain_repeated' }],
    });
  });

  it('a domain of another site is refused and names it', async () => {
    const domains = [{ host: 'first.test', port: world.port }];
    await expectRefused(() => send(specOf(world, 'second.test', { domains })), {
      code: 'already_exists',
      reason: 'domain_taken',
      params: { domain: 'first.test', site: 'first.test' },
    });
  });

  it.runIf(hasNginx)(
    'DOM-3 a domain that a hand-written nginx file serves is refused with its file and line',
    async () => {
      const file = world.path('/etc/nginx/conf.d/mine.conf');
      const names = world.path('/etc/nginx/mine-names.inc');
      writeFileSync(
        file,
        `# by hand\nserver {\n  listen ${world.port};\n  include mine-names.inc;\n  server_name\n    mine.test .all.test;\n}\n`,
      );
      writeFileSync(names, '\nserver_name inner.test;\n');
      const known = specOf(world, 'known.test');
      expect((await send(known)).code).toBeUndefined();
      const places = {
        'mine.test': '/etc/nginx/conf.d/mine.conf:5',
        'all.test': '/etc/nginx/conf.d/mine.conf:5',
        '*.all.test': '/etc/nginx/conf.d/mine.conf:5',
        'inner.test': '/etc/nginx/mine-names.inc:2',
      };
      for (const [domain, place] of Object.entries(places)) {
        const refused = { code: 'already_exists', reason: 'domain_served_elsewhere', params: { domain, file: place } };
        const domains = [...known.domains, { host: domain, port: world.port }];
        const fields = (index: number) => [
          { field: `domains.${index}`, code: 'domain_served_elsewhere', params: refused.params },
        ];
        await expectRefused(() => send(specOf(world, 'new.test', { domains: domains.slice(1) })), {
          ...refused,
          fields: fields(0),
        });
        await expectRefused(() => send({ ...known, domains }, { isNew: false }), { ...refused, fields: fields(1) });
      }
      // A name below one that is served by hand is another name, and what is gone stands in nobody's way.
      expect((await send(specOf(world, 'deep.all.test'))).code).toBeUndefined();
      rmSync(file);
      rmSync(names);
      expect((await send(specOf(world, 'mine.test'))).code).toBeUndefined();
    },
  );

  it('more than 100 domains are refused', async () => {
    const domains = Array.from({ length: 101 }, (_, index) => ({ host: `d${index}.test`, port: world.port }));
    await expectRefused(() => send(specOf(world, 'bad.test', { domains })), invalid);
  });
});

describe('folders', () => {
  it.each([
    ['outside', '/etc/nginx', 'root_outside'],
    ['that is all sites', '/www/wwwroot', 'root_outside'],
    ['with a way up', '/www/wwwroot/../../etc', 'root_invalid'],
    ['with a way up in the middle', '/www/wwwroot/a/../first.test', 'root_invalid'],
    ['with an empty part', '/www/wwwroot//a', 'root_invalid'],
    ['with a new line', '/www/wwwroot/a\n', 'root_invalid'],
    ['with a space', '/www/wwwroot/a b', 'root_invalid'],
    ['with a variable', '/www/wwwroot/$host', 'root_invalid'],
    ['of another site', '/www/wwwroot/first.test', 'root_of_other_site'],
    ['inside another site', '/www/wwwroot/first.test/inner', 'root_of_other_site'],
  ])('PATH-1 CONF-8 a folder %s is refused before any effect', async (_, root, code) => {
    await expectRefused(() => send(specOf(world, 'bad.test', { root })), {
      ...invalid,
      fields: [expect.objectContaining({ code })],
    });
  });

  it('a folder that holds the folder of another site is refused', async () => {
    expect((await send(specOf(world, 'deep.test', { root: '/www/wwwroot/deep/a/b' }))).code).toBeUndefined();
    await expectRefused(() => send(specOf(world, 'bad.test', { root: '/www/wwwroot/deep/a' })), {
      fields: [{ code: 'root_of_other_site' }],
    });
  });

  it.each(['/etc', '/www/wwwroot/first.test'])('PATH-2 a folder that is a link to %s is refused', async (target) => {
    const path = world.path('/www/wwwroot/linked.test');
    symlinkSync(target, path);
    await expectRefused(() => send(specOf(world, 'linked.test')), { fields: [{ code: 'root_symlink' }] });
    await expectRefused(() => send(specOf(world, 'inner.test', { root: '/www/wwwroot/linked.test/public' })), {
      fields: [{ code: 'root_symlink' }],
    });
    rmSync(path);
  });

  it('a folder that is a file is refused', async () => {
    writeFileSync(world.path('/www/wwwroot/file.test'), '');
    await expectRefused(() => send(specOf(world, 'file.test')), { fields: [{ code: 'root_not_a_folder' }] });
  });
});

describe('upstreams', () => {
  const proxy = (url: string) =>
    send(specOf(world, 'proxy.test', { kind: 'proxy', upstream: { url, isWebsocket: true } }));
  it.each([
    ['file:', 'file:///etc/passwd', 'upstream_scheme'],
    ['another scheme', 'gopher://a.test', 'upstream_scheme'],
    ['a door of the machine', 'http://unix:/run/docker.sock', 'upstream_socket'],
    ['a door of the machine by another way', 'unix:/var/run/docker.sock', 'upstream_socket'],
    ['the socket of PHP of another site', 'unix:/run/php/site-x.sock', 'upstream_socket'],
    ['a socket with a path behind it', 'http://unix:/run/app.sock:/x', 'upstream_socket'],
    ['a socket among files of sites', 'unix:/www/wwwroot/a.test/app.sock', 'upstream_socket'],
    ['dots in a socket', 'unix:/run/x/../docker.sock', 'upstream_socket'],
    ['credentials', 'http://user:pass@a.test', 'upstream_credentials'],
    ['a new line', 'http://a.test/\nreturn', 'upstream_invalid'],
    ['a semicolon', 'http://a.test/;return', 'upstream_invalid'],
    ['a variable', 'http://$host/', 'upstream_invalid'],
    ['a query', 'http://a.test/?x=1', 'upstream_invalid'],
    ['a quote', 'http://a.test/"', 'upstream_invalid'],
    ['nothing', '', 'upstream_invalid'],
  ])('CONF-1 OUT-5 an upstream with %s is refused before any effect', async (_, url, code) => {
    await expectRefused(() => proxy(url), { ...invalid, fields: [{ field: 'upstream.url', code }] });
  });

  it('a proxied site without an upstream is refused', async () => {
    await expectRefused(() => send(specOf(world, 'proxy.test', { kind: 'proxy' })), {
      fields: [{ field: 'upstream.url', code: 'required' }],
    });
  });
});

describe('identity', () => {
  it.each(['../../etc/cron.d/x', 'a/b', '.hidden', '', 'A', 'a\0', 'a\n', 'a'.repeat(121)])(
    'PATH-6 the file name part %j is refused',
    async (slug) => {
      await expectRefused(() => send({ ...specOf(world, 'bad.test'), slug }), invalid);
    },
  );

  it('a slug of another site is refused', async () => {
    await expectRefused(() => send({ ...specOf(world, 'bad.test'), slug: 'first.test' }), {
      code: 'already_exists',
      reason: 'slug_taken',
    });
  });

  it('PERM-3 an unknown field is refused, in the parameters and inside the site', async () => {
    await expectRefused(() => send(specOf(world, 'bad.test'), { force: true }), invalid);
    await expectRefused(() => send({ ...specOf(world, 'bad.test'), includes: '/etc/passwd' }), invalid);
  });

  it('a removal names only what the agent itself knows of the site', async () => {
    mkdirSync(world.path('/www/wwwroot/strangers'));
    writeFileSync(world.path('/www/wwwroot/strangers/file'), 'keep');
    const spec = specOf(world, 'narrow.test');
    await send(spec);
    const site = { siteId: spec.siteId, slug: spec.slug };
    const root = '/www/wwwroot/strangers';
    const preview = (await ask('sites.preview_removal', { site, root })) as {
      confirm?: string;
      items?: { path: string }[];
    };
    expect(preview.items?.map(({ path }) => path)).toContain('/www/wwwroot/narrow.test');
    const changeId = newChangeId();
    const through = askThrough(actions);
    const owner = await foundOwner(through);
    const params = { site, root, changeId, files: 'recycle', confirm: preview.confirm };
    mustWork(await askElevated(through, owner, await elevate(through, owner), 'sites.remove', params));
    expect(existsSync(world.path('/www/wwwroot/strangers/file'))).toBe(true);
    expect(existsSync(world.path('/www/wwwroot/narrow.test'))).toBe(false);
  });

  it.each(['/', '/etc', '/www', '/www/wwwroot', '/www/wwwroot/first.test', '/www/wwwroot/../..'])(
    'PATH-7 a removal of a site that was never there cannot name the folder %s',
    async (root) => {
      const site = { siteId: newChangeId(), slug: 'never.test' };
      await expectRefused(() => ask('sites.preview_removal', { site, root }), invalid);
    },
  );
});

describe('every action', () => {
  const junk: unknown[] = [
    null,
    [],
    'x',
    1,
    {},
    { __proto__: { a: 1 } },
    { spec: null },
    { changeId: '../..' },
    { operationId: '../../x' },
  ];
  // Without parameters there is nothing to get wrong but too many.
  const names = Object.entries(agentActions).flatMap(([name, { params }]) =>
    params.safeParse({}).success ? [] : name,
  );
  it.each(names)('S-4 CMD-8 %s refuses what does not fit its schema', async (name) => {
    for (const params of junk) await expectRefused(() => ask(name, params), invalid);
  });
});

it.each([
  ['of 1 MiB of braces', '{'.repeat(65_000)],
  ['that ends our server block', '} server { listen 1; '],
  ['with an include', 'include /etc/passwd;'],
  ['that writes a log elsewhere', 'access_log /etc/cron.d/x;'],
  ['with a key file', 'ssl_certificate_key /etc/ssl/private/x;'],
  ['that runs Lua', "content_by_lua 'os.execute()';"],
  ['with NUL', 'return 200;\0'],
  ['with a carriage return', 'return 200;\r'],
])('CONF-1 custom directives %s are refused before any effect', async (_, customDirectives) => {
  const spec: SiteSpec = specOf(world, 'bad.test', { customDirectives });
  await expectRefused(() => send(spec), invalid);
});
