import {
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppError } from '#shared/errors.ts';
import { defaultTls } from '#shared/site-tls.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { certificatesHandlers } from '../certificates/certificates.actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import {
  call,
  freePort,
  hasNginx,
  makeWorld,
  newChangeId,
  snapshot,
  specOf,
  visitUntil,
  type World,
} from '../testing/world.ts';
import { sitesHandlers } from './sites.actions.ts';
import { bringBackSites } from './sites.revival.ts';

const ask = (spec: SiteSpec, more: { isNew?: boolean; onDrift?: 'refuse' | 'overwrite'; changeId?: string } = {}) => ({
  spec,
  changeId: newChangeId(),
  isNew: true,
  onDrift: 'refuse' as const,
  ...more,
});
const isRoot = process.getuid?.() === 0;
const watched = ['/etc/nginx', '/www'];

let world: World;
let machine: Machine;
const apply = (...given: Parameters<typeof ask>) => sitesHandlers['sites.apply'](machine, ask(...given), call());
const inspect = (spec: SiteSpec) => sitesHandlers['sites.inspect'](machine, { spec }, call());
const see = () => snapshot(world.prefix, watched, /\.log$/);
const isWelcome = ({ status }: { status: number }) => status === 200;

async function open(nginx: 'running' | 'stopped' | 'missing'): Promise<void> {
  world = await makeWorld({ nginx });
  machine = await openMachine(world.settings);
}

async function shut(): Promise<void> {
  await machine.settled();
  machine.close();
  world.destroy();
}

describe.runIf(hasNginx)('with a running nginx', () => {
  beforeAll(() => open('running'));
  afterAll(shut);

  it('a new static site answers with its welcome page when the action ends', async () => {
    const result = await apply(specOf(world, 'new.test'));
    expect(result.isServing).toBe(true);
    const seen = await visitUntil(world.port, 'new.test', isWelcome);
    expect(seen.status).toBe(200);
    expect(seen.body).toContain('<bdi dir="ltr">new.test</bdi>');
  });

  it('a proxied site passes requests on with the name that was asked for', async () => {
    const upstream = await listen((host) => `upstream saw ${host}`);
    const spec = specOf(world, 'proxied.test', {
      kind: 'proxy',
      upstream: { url: `http://127.0.0.1:${upstream.port}`, isWebsocket: true },
    });
    await apply(spec);
    const seen = await visitUntil(world.port, 'proxied.test', ({ body }) => body.includes('upstream saw'));
    expect(seen.body).toBe('upstream saw proxied.test');
    upstream.server.close();
  });

  it('each request has an id of its own, the same for the application and in the log', async () => {
    const ids: string[] = [];
    const upstream = await listen((_, { headers }) => {
      ids.push(String(headers['x-request-id']));
      return 'seen';
    });
    const url = `http://127.0.0.1:${upstream.port}`;
    await apply(specOf(world, 'ids.test', { kind: 'proxy', upstream: { url, isWebsocket: true } }));
    for (let count = 0; count < 3; count++) await visitUntil(world.port, 'ids.test', ({ body }) => body === 'seen');
    upstream.server.close();
    expect(ids.every((id) => /^\d+-\d+-\d+-\d+\.\d{3}$/.test(id))).toBe(true);
    expect(ids.length).toBeGreaterThanOrEqual(3);
    expect(new Set(ids).size).toBe(ids.length);
    const logged = readFileSync(world.path('/www/wwwlogs/ids.test.access.log'), 'utf8').trim().split('\n');
    expect(logged.map((line) => line.split(' ').at(-1))).toEqual(expect.arrayContaining(ids));
  });

  it('names of other alphabets and wildcards are served', async () => {
    const domains = ['xn--4gbrim.test', '*.wild.test'].map((host) => ({ host, port: world.port }));
    await apply(specOf(world, 'many.test', { domains }));
    expect((await visitUntil(world.port, 'xn--4gbrim.test', isWelcome)).body).toContain('موقع.test');
    expect((await visitUntil(world.port, 'any.wild.test', isWelcome)).status).toBe(200);
  });

  it('a site that is switched off answers with its page alone, keeps its files, and comes back', async () => {
    const spec = specOf(world, 'onoff.test');
    await apply(spec);
    await apply({ ...spec, isEnabled: false }, { isNew: false });
    const off = await visitUntil(world.port, 'onoff.test', ({ status }) => status === 503);
    expect(off.body).toContain('This site is switched off');
    expect(existsSync(world.path('/www/wwwroot/onoff.test/index.html'))).toBe(true);
    expect(await inspect({ ...spec, isEnabled: false })).toMatchObject({ drift: 'in_sync', diff: '' });
    await apply(spec, { isNew: false });
    expect((await visitUntil(world.port, 'onoff.test', isWelcome)).status).toBe(200);
  });

  it('custom directives act, lie in a file of their own and are shown in the diff', async () => {
    const spec = specOf(world, 'custom.test', {
      customDirectives: 'location = /hello { return 200 "hello there"; }\n',
    });
    const { files } = await apply(spec);
    expect(files.map(({ path }) => path)).toContain('/etc/nginx/aapanel/custom/custom.test.conf');
    const seen = await visitUntil(world.port, 'custom.test', ({ body }) => body.includes('hello'), '/hello');
    expect(seen.body).toBe('hello there');
    await apply({ ...spec, customDirectives: '' }, { isNew: false });
    expect(existsSync(world.path('/etc/nginx/aapanel/custom/custom.test.conf'))).toBe(false);
  });

  it('SITE-1 a text that nginx refuses changes nothing, and the answer carries its words', async () => {
    const spec = specOf(world, 'refused.test');
    await apply(spec);
    const before = see();
    const bad = { ...spec, customDirectives: 'limit_req zone=nowhere;' };
    await expect(apply(bad, { isNew: false })).rejects.toMatchObject({
      code: 'config_rejected',
      reason: 'nginx_rejected',
      params: { message: expect.stringContaining('nowhere') as string },
    });
    expect(see()).toBe(before);
    expect((await visitUntil(world.port, 'refused.test', isWelcome)).status).toBe(200);
  });

  it('SITE-1 CONF-9 a site broken by hand is set aside and named, and all others go on', async () => {
    const broken = specOf(world, 'broken.test');
    const other = specOf(world, 'other.test');
    await apply(broken);
    await apply(other);
    const file = world.path('/etc/nginx/aapanel/sites/broken.test.conf');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nthis is no directive;\n`);
    await apply({ ...other, domains: [...other.domains, { host: 'other2.test', port: world.port }] }, { isNew: false });
    expect((await visitUntil(world.port, 'other2.test', isWelcome)).status).toBe(200);
    expect((await visitUntil(world.port, 'new.test', isWelcome)).status).toBe(200);
    const seen = await inspect(broken);
    expect(seen.drift).toBe('isolated');
    expect(seen.isolatedReason).toContain('"this"');
    expect(readFileSync(file, 'utf8')).toContain('this is no directive');
    await apply(broken, { isNew: false, onDrift: 'overwrite' });
    expect((await inspect(broken)).drift).toBe('in_sync');
    expect((await visitUntil(world.port, 'broken.test', isWelcome)).status).toBe(200);
  });

  it('SITE-1 a key or a chain broken by hand is named when its site is changed and set aside when another is, and all others go on', async () => {
    const made = withCertificates((make) => ({
      own: make.selfSigned('DNS:lock.test,DNS:lock2.test'),
      other: make.selfSigned('DNS:lock.test'),
    }));
    const certificateId = newChangeId();
    const put = { certificateId, changeId: newChangeId(), isNew: true, name: '', ...made.own };
    await certificatesHandlers['certificates.put'](machine, put, call());
    const tls = { ...defaultTls, certificateId };
    const locked = [specOf(world, 'lock.test', { tls }), specOf(world, 'lock2.test', { tls })] as const;
    const other = specOf(world, 'open.test');
    for (const spec of [...locked, other]) await apply(spec);
    const texts = () =>
      locked.map(({ slug }) => readFileSync(world.path(`/etc/nginx/aapanel/sites/${slug}.conf`), 'utf8'));
    const answering = async (): Promise<void> => {
      for (const name of ['open.test', 'new.test', 'other2.test'])
        expect((await visitUntil(world.port, name, isWelcome)).status, name).toBe(200);
    };
    const change = (spec: SiteSpec, index: number) =>
      apply(
        { ...spec, domains: [...spec.domains, { host: `${index}.${spec.slug}`, port: world.port }] },
        { isNew: false },
      );
    const folder = `${machine.stateFolder}/certificates/${certificateId}/current`;
    const faults = [
      ['key.pem', made.other.key],
      ['key.pem', null],
      ['chain.pem', null],
    ] as const;
    for (const [index, [name, text]] of faults.entries()) {
      const path = `${folder}/${name}`;
      const whole = readFileSync(path);
      if (text === null) rmSync(path);
      else writeFileSync(path, text);
      const before = see();
      const refused = await change(locked[0], index).then(
        () => undefined,
        (error: unknown) => error as AppError,
      );
      expect(refused).toMatchObject({
        code: 'config_rejected',
        params: { message: expect.stringContaining(path) as string },
      });
      await answering();
      // What nginx has loaded goes on too, and no file has changed.
      expect((await visitUntil(world.port, 'lock.test', isWelcome)).status).toBe(200);
      expect(see().replaceAll(/^.*lock2.test.*$/gm, '')).toBe(before.replaceAll(/^.*lock2.test.*$/gm, ''));
      const kept = texts();
      await change(other, index);
      await answering();
      for (const spec of locked) {
        expect(await inspect(spec)).toMatchObject({
          drift: 'isolated',
          isolatedReason: expect.stringContaining(path) as string,
        });
      }
      expect(texts()).toEqual(kept);
      writeFileSync(path, whole);
      await bringBackSites(machine);
      for (const spec of locked) expect((await inspect(spec)).drift).toBe('in_sync');
    }
  }, 60_000);

  it('SITE-1 a certificate that somebody named in the text of a site, wherever it lies, is blamed on that site alone', async () => {
    const spec = specOf(world, 'hand.test');
    await apply(spec);
    const file = world.path('/etc/nginx/aapanel/sites/hand.test.conf');
    const text = readFileSync(file, 'utf8');
    for (const [index, path] of ['/nowhere/hand.crt', 'ssl/hand.crt'].entries()) {
      const lines = `listen 127.0.0.1:${world.tlsPort} ssl;\n    ssl_certificate ${path};\n    ssl_certificate_key ${path};`;
      writeFileSync(file, text.replace(/^server \{\n/m, `server {\n    ${lines}\n`));
      await apply(specOf(world, `beside${index}.test`));
      expect(await inspect(spec)).toMatchObject({
        drift: 'isolated',
        isolatedReason: expect.stringContaining('hand.crt') as string,
      });
      expect((await visitUntil(world.port, `beside${index}.test`, isWelcome)).status).toBe(200);
      await apply(spec, { isNew: false, onDrift: 'overwrite' });
    }
    expect((await inspect(spec)).drift).toBe('in_sync');
  });

  it('a fault in a file of somebody else stops changes with its place, and nothing is changed', async () => {
    const theirs = world.path('/etc/nginx/conf.d/theirs.conf');
    const before = see();
    writeFileSync(theirs, 'nonsense here;\n');
    await expect(apply(specOf(world, 'blocked.test'))).rejects.toMatchObject({
      code: 'config_rejected',
      reason: 'nginx_broken_elsewhere',
      params: { file: '/etc/nginx/conf.d/theirs.conf', line: 1 },
    });
    rmSync(theirs);
    expect(see()).toBe(before);
    expect((await visitUntil(world.port, 'new.test', isWelcome)).status).toBe(200);
  });

  it('SITE-4 a file changed by hand is shown with a diff and refuses changes until somebody chooses', async () => {
    const spec = specOf(world, 'drift.test');
    await apply(spec);
    const file = world.path('/etc/nginx/aapanel/sites/drift.test.conf');
    const ours = readFileSync(file, 'utf8');
    const theirs = ours.replace('server_tokens off;', 'server_tokens off;\n    add_header X-Mine yes;');
    writeFileSync(file, theirs);
    const seen = await inspect(spec);
    expect(seen.drift).toBe('changed');
    expect(seen.diff).toContain('+    add_header X-Mine yes;');
    const wider = { ...spec, domains: [...spec.domains, { host: 'wider.test', port: world.port }] };
    await expect(apply(wider, { isNew: false })).rejects.toMatchObject({
      code: 'changed_meanwhile',
      reason: 'site_drift',
      params: { path: '/etc/nginx/aapanel/sites/drift.test.conf' },
    });
    expect(readFileSync(file, 'utf8')).toBe(theirs);

    await sitesHandlers['sites.adopt'](machine, { spec, changeId: newChangeId() }, call());
    expect((await inspect(spec)).drift).toBe('adopted');
    expect(readFileSync(file, 'utf8')).toBe(theirs);
    await expect(apply(wider, { isNew: false })).rejects.toMatchObject({ code: 'in_use', reason: 'site_adopted' });

    const { files } = await apply(wider, { isNew: false, onDrift: 'overwrite' });
    expect(files.find(({ path }) => path.endsWith('/sites/drift.test.conf'))?.diff).toContain('-    add_header X-Mine');
    expect((await inspect(wider)).drift).toBe('in_sync');
  });

  it('SITE-4 a file that was deleted by hand is noticed, and a file that was there before us is not overwritten', async () => {
    const spec = specOf(world, 'gone.test');
    await apply(spec);
    rmSync(world.path('/etc/nginx/aapanel/sites/gone.test.conf'));
    expect((await inspect(spec)).drift).toBe('missing');
    await expect(apply(spec, { isNew: false })).rejects.toMatchObject({ reason: 'site_drift' });
    await apply(spec, { isNew: false, onDrift: 'overwrite' });

    const early = specOf(world, 'early.test');
    writeFileSync(world.path('/etc/nginx/aapanel/sites/early.test.conf'), '# mine\n');
    await expect(apply(early)).rejects.toMatchObject({ reason: 'site_drift' });
    expect(readFileSync(world.path('/etc/nginx/aapanel/sites/early.test.conf'), 'utf8')).toBe('# mine\n');
  });

  it('a text that nginx refuses cannot be adopted', async () => {
    const spec = specOf(world, 'adopt-bad.test');
    await apply(spec);
    const file = world.path('/etc/nginx/aapanel/sites/adopt-bad.test.conf');
    writeFileSync(file, 'server { nonsense; }\n');
    await expect(
      sitesHandlers['sites.adopt'](machine, { spec, changeId: newChangeId() }, call()),
    ).rejects.toMatchObject({ reason: 'nginx_rejected' });
    await apply(spec, { isNew: false, onDrift: 'overwrite' });
  });

  it('a port that another program holds is refused with its name before anything is written', async () => {
    const port = await freePort();
    const holder = createTcpServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const before = see();
    const spec = specOf(world, 'port.test', { domains: [{ host: 'port.test', port }] });
    await expect(apply(spec)).rejects.toMatchObject({ code: 'in_use', reason: 'port_taken', params: { port } });
    expect(see()).toBe(before);
    holder.close();
  });

  it('a site on a second port is served there too', async () => {
    const port = await freePort();
    const spec = specOf(world, 'ports.test');
    await apply({ ...spec, domains: [...spec.domains, { host: 'ports.test', port }] });
    expect((await visitUntil(port, 'ports.test', isWelcome)).status).toBe(200);
    expect((await visitUntil(world.port, 'ports.test', isWelcome)).status).toBe(200);
  });

  it('changes asked for at the same time are all done, one after another', async () => {
    const specs = ['a', 'b', 'c', 'd'].map((name) => specOf(world, `${name}.same.test`));
    await Promise.all(specs.map((spec) => apply(spec)));
    for (const spec of specs) expect((await visitUntil(world.port, spec.slug, isWelcome)).status).toBe(200);
  });

  it('two changes that fight for one domain: the second is refused and nothing of it stays', async () => {
    const first = specOf(world, 'fight1.test', { domains: [{ host: 'fight.test', port: world.port }] });
    const second = specOf(world, 'fight2.test', { domains: [{ host: 'fight.test', port: world.port }] });
    const outcomes = await Promise.allSettled([apply(first), apply(second)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(existsSync(world.path('/etc/nginx/aapanel/sites/fight2.test.conf'))).toBe(false);
    expect(existsSync(world.path('/www/wwwroot/fight2.test'))).toBe(false);
  });

  it.runIf(isRoot)(
    'SITE-2 a link in a site that leads to files of another owner is not served, one to its own is',
    async () => {
      await apply(specOf(world, 'links.test'));
      symlinkSync('/etc/passwd', world.path('/www/wwwroot/links.test/passwd'));
      symlinkSync('index.html', world.path('/www/wwwroot/links.test/own.html'));
      lchownSync(world.path('/www/wwwroot/links.test/passwd'), 12_345, 12_345);
      const seen = await visitUntil(world.port, 'links.test', ({ status }) => status === 404, '/passwd');
      expect(seen.status).toBe(404);
      expect(seen.body).not.toContain('root:');
      expect((await visitUntil(world.port, 'links.test', isWelcome, '/own.html')).status).toBe(200);
    },
  );

  it('files beginning with a dot are never served', async () => {
    writeFileSync(world.path('/www/wwwroot/new.test/.env'), 'SECRET=1');
    expect((await visitUntil(world.port, 'new.test', ({ status }) => status === 404, '/.env')).status).toBe(404);
  });
});

describe('without nginx', () => {
  beforeAll(() => open('missing'));
  afterAll(shut);

  it('the files of a site are put in place, and the answer says that nothing serves them yet', async () => {
    const result = await apply(specOf(world, 'later.test'));
    expect(result.isServing).toBe(false);
    expect(readFileSync(world.path('/etc/nginx/aapanel/sites/later.test.conf'), 'utf8')).toContain('later.test');
    expect(lstatSync(world.path('/etc/nginx/aapanel/enabled/later.test.conf')).isSymbolicLink()).toBe(true);
  });

  it('the same change asked twice is done once', async () => {
    const spec = specOf(world, 'twice.test');
    const changeId = newChangeId();
    const first = await apply(spec, { changeId });
    writeFileSync(world.path('/www/wwwroot/twice.test/index.html'), 'mine');
    expect(await apply(spec, { changeId })).toEqual(first);
    expect(readFileSync(world.path('/www/wwwroot/twice.test/index.html'), 'utf8')).toBe('mine');
  });

  it('a folder that is there already keeps its files', async () => {
    mkdirSync(world.path('/www/wwwroot/full.test'));
    await apply(specOf(world, 'full.test'));
    expect(existsSync(world.path('/www/wwwroot/full.test/index.html'))).toBe(false);
  });
});

type Answering = (host: string, request: IncomingMessage) => string;

async function listen(text: Answering): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => response.end(text(request.headers.host ?? '', request)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
}
