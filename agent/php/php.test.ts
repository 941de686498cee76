import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sitePhp } from '#shared/site-php.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import {
  call,
  endWorld,
  hasNginx,
  makeWorld,
  newChangeId,
  snapshot,
  specOf,
  visit,
  visitUntil,
  type World,
} from '../testing/world.ts';
import { phpHandlers } from './php.actions.ts';
import { sharedFpm } from './php.paths.ts';
import { findFpmMaster } from './php.process.ts';

let world: World;
let machine: Machine;
const apply = (spec: SiteSpec, more: { isNew?: boolean; onDrift?: 'refuse' | 'overwrite' } = {}) =>
  sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse', ...more },
    call(),
  );
const inspect = (spec: SiteSpec) => sitesHandlers['sites.inspect'](machine, { spec }, call());
const phpSpec = (name: string, php: object = {}, more: Partial<SiteSpec> = {}): SiteSpec =>
  specOf(world, name, { kind: 'php', php: sitePhp.parse({ version: '8.2', ...php }), ...more });
const poolOf = (name: string, version = '8.2'): string =>
  world.path(`/etc/php/${version}/fpm/pool.d/aapanel-${name}.conf`);
const socketOf = (spec: SiteSpec, version = '8.2'): string =>
  world.path(`/run/php/aapanel-${spec.siteId}-${version}.sock`);
const write = (spec: SiteSpec, path: string, text: string): void => {
  const file = `${world.prefix}${spec.root}/${path}`;
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, text, { mode: 0o644 });
};
const see = () => snapshot(world.prefix, ['/etc/nginx', '/etc/php', '/www'], /\.log$/);
const ok = ({ status }: { status: number }) => status === 200;

describe.runIf(hasNginx && hasPhp)('PHP sites, with a real nginx and a real PHP-FPM', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installPhp(world, '8.2');
    installPhp(world, '8.9');
    machine = await openMachine(world.settings);
  });
  afterAll(() => endWorld(world, machine, stopPhp));

  it('a new site answers with its welcome page, which PHP itself wrote, when the action ends', async () => {
    const result = await apply(phpSpec('new.test'));
    expect(result.isServing).toBe(true);
    expect(result.files.map(({ path }) => path)).toContain('/etc/php/8.2/fpm/pool.d/aapanel-new.test.conf');
    const seen = await visitUntil(world.port, 'new.test', ok);
    expect(seen.status).toBe(200);
    expect(seen.body).toMatch(/PHP \d+\.\d+/);
    expect(seen.body).not.toContain('<?');
  });

  it('SITE-2 the socket is root’s and open to nginx’s group alone, sessions and uploads to the site’s user alone', async () => {
    const spec = phpSpec('modes.test');
    const { linuxUser } = await apply(spec);
    const socket = lstatSync(socketOf(spec));
    expect(socket.mode & 0o777).toBe(0o660);
    if (process.getuid?.() === 0) {
      expect(socket.uid).toBe(0);
      expect(socket.gid).not.toBe(0);
    }
    for (const folder of ['', '/sessions', '/tmp'])
      expect(lstatSync(world.path(`/www/php/${linuxUser}${folder}`)).mode & 0o777).toBe(0o700);
  });

  it('addresses without a file go to index.php with their query, and static files are served by nginx', async () => {
    const spec = phpSpec('front.test');
    await apply(spec);
    write(spec, 'index.php', '<?php echo "front ", $_SERVER["REQUEST_URI"], " ", $_GET["a"] ?? "-";');
    write(spec, 'plain.txt', 'plain');
    const front = await visitUntil(world.port, 'front.test', ok, '/some/page?a=7');
    expect(front.body).toBe('front /some/page?a=7 7');
    expect((await visit(world.port, 'front.test', '/plain.txt')).body).toBe('plain');
  });

  it('nothing but a .php file that is there is run: no upload with a path behind it, none in a folder for uploads', async () => {
    const spec = phpSpec('hostile.test', { noScripts: ['/uploads', '/media.d'] });
    await apply(spec);
    const script = '<?php echo "ran";';
    write(spec, 'index.php', '<?php echo "front";');
    write(spec, 'picture.jpg', script);
    write(spec, 'uploads/shell.php', script);
    write(spec, 'media.d/deep/shell.phtml', script);
    write(spec, 'ok/uploads.php', script);
    write(spec, 'page.phtml', script);
    write(spec, 'UP.PHP', script);
    write(spec, '.hidden/x.php', script);
    await visitUntil(world.port, 'hostile.test', ok);
    const ran: string[] = [];
    const given: string[] = [];
    for (const path of [
      '/picture.jpg/x.php',
      '/picture.jpg%00.php',
      '/picture.jpg',
      '/uploads/shell.php',
      '/UPLOADS/shell.php',
      '//uploads//shell.php',
      '/uploads/./shell.php',
      '/uploads/shell.php/x.php',
      '/media.d/deep/shell.phtml',
      '/page.phtml',
      '/UP.PHP',
      '/.hidden/x.php',
    ]) {
      const { body } = await visit(world.port, 'hostile.test', path);
      if (body === 'ran') ran.push(path);
      if (body.includes('<?php') && path !== '/picture.jpg') given.push(path);
    }
    expect({ ran, given }).toEqual({ ran: [], given: [] });
    expect((await visit(world.port, 'hostile.test', '/ok/uploads.php')).body).toBe('ran');
  });

  it('values hold: limits, closed functions, folders that may be opened; a script cannot raise them', async () => {
    const spec = phpSpec('values.test', { ini: { memoryLimitMb: 40, timeZone: 'Asia/Riyadh', errorLevel: 'all' } });
    await apply(spec);
    const script = `<?php
      ini_set('memory_limit', '900M'); ini_set('open_basedir', '/');
      echo json_encode([
        'memory' => ini_get('memory_limit'), 'zone' => date_default_timezone_get(), 'level' => error_reporting(),
        'exec' => function_exists('exec'), 'passwd' => @file_get_contents('/etc/passwd'),
        'session' => session_start() && session_id() !== '', 'saved' => session_save_path(),
        'powered' => headers_list(), 'temp' => is_writable(sys_get_temp_dir()),
      ]);`;
    write(spec, 'values.php', script);
    await visitUntil(world.port, 'values.test', ok);
    const seen = JSON.parse((await visit(world.port, 'values.test', '/values.php')).body) as Record<string, unknown>;
    expect(seen).toMatchObject({ memory: '40M', zone: 'Asia/Riyadh', level: 32_767, exec: false, passwd: false });
    expect(seen).toMatchObject({ session: true, temp: true });
    expect(seen['saved']).toContain('/www/php/site-');
    expect(JSON.stringify(seen['powered'])).not.toContain('X-Powered-By');
  });

  it('errors of a script stand in the site’s PHP log, which the panel reads', async () => {
    const spec = phpSpec('errors.test');
    await apply(spec);
    await visitUntil(world.port, 'errors.test', ok);
    write(spec, 'broken.php', '<?php trigger_error("a fault of ours", E_USER_WARNING); echo "done";');
    expect((await visit(world.port, 'errors.test', '/broken.php')).body).toBe('done');
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { lines } = await sitesHandlers['sites.read_log'](
      machine,
      { site, kind: 'php', cursor: null, search: '' },
      call(),
    );
    expect(lines.join('\n')).toContain('a fault of ours');
  });

  it('a change of values is served when the action ends, and nginx’s text stays as it was', async () => {
    const spec = phpSpec('change.test');
    await apply(spec);
    await visitUntil(world.port, 'change.test', ok);
    write(spec, 'limit.php', '<?php echo ini_get("memory_limit");');
    const { files } = await apply(
      { ...spec, php: sitePhp.parse({ version: '8.2', ini: { memoryLimitMb: 99 } }) },
      { isNew: false },
    );
    expect((await visit(world.port, 'change.test', '/limit.php')).body).toBe('99M');
    expect(files.map(({ path }) => path)).toEqual(['/etc/php/8.2/fpm/pool.d/aapanel-change.test.conf']);
  });

  it('another version takes over without one failed request, and the old pool is gone afterwards', async () => {
    const spec = phpSpec('switch.test');
    await apply(spec);
    write(spec, 'index.php', '<?php usleep(2000); echo $_SERVER["DOCUMENT_ROOT"] !== "" ? "here" : "";');
    await visitUntil(world.port, 'switch.test', ok);
    let isOver = false;
    const answers = new Map<string, number>();
    const visitor = async (): Promise<void> => {
      while (!isOver) {
        const { status, body } = await visit(world.port, 'switch.test');
        const seen = `${status} ${status === 200 ? body : ''}`;
        answers.set(seen, (answers.get(seen) ?? 0) + 1);
      }
    };
    const visitors = [visitor(), visitor(), visitor(), visitor()];
    const next = { ...spec, php: sitePhp.parse({ version: '8.9' }) };
    await apply(next, { isNew: false });
    await machine.settled();
    isOver = true;
    await Promise.all(visitors);
    expect([...answers.keys()]).toEqual(['200 here']);
    expect(existsSync(poolOf('switch.test'))).toBe(false);
    expect(existsSync(poolOf('switch.test', '8.9'))).toBe(true);
    expect((await inspect(next)).drift).toBe('in_sync');
    await until(() => !existsSync(socketOf(spec)));
  });

  it('what FPM cannot take up changes nothing: the old pool and the old text of nginx answer on', async () => {
    const spec = phpSpec('refused.test');
    await apply(spec);
    write(spec, 'index.php', '<?php echo "old";');
    await visitUntil(world.port, 'refused.test', ok);
    const before = see();
    const theirs = world.path('/etc/php/8.9/fpm/pool.d/theirs.conf');
    writeFileSync(theirs, '[theirs]\nlisten = nowhere\nno such thing = 1\n');
    const next = { ...spec, php: sitePhp.parse({ version: '8.9' }) };
    await expect(apply(next, { isNew: false })).rejects.toMatchObject({
      code: 'config_rejected',
      reason: 'php_broken_elsewhere',
      params: { message: expect.stringContaining('/etc/php/8.9/fpm/pool.d/theirs.conf') as string },
    });
    rmSync(theirs);
    expect(see()).toBe(before);
    expect((await visit(world.port, 'refused.test')).body).toBe('old');
  });

  it('SITE-1 a pool broken by hand is set aside and named, all others answer on, and nothing of it is lost', async () => {
    const broken = phpSpec('broken.test');
    const other = phpSpec('other.test');
    await apply(broken);
    await apply(other);
    write(other, 'index.php', '<?php echo "other";');
    writeFileSync(poolOf('broken.test'), `${readFileSync(poolOf('broken.test'), 'utf8')}no such thing = 1\n`);
    await apply({ ...other, php: sitePhp.parse({ version: '8.2', ini: { memoryLimitMb: 55 } }) }, { isNew: false });
    expect((await visitUntil(world.port, 'other.test', ok)).body).toBe('other');
    const seen = await inspect(broken);
    expect(seen.drift).toBe('isolated');
    expect(seen.isolatedReason).toContain('no such thing');
    const kept = readdirSync(world.path('/etc/php/8.2/fpm/pool.d')).filter((name) => name.includes('.aside-'));
    expect(kept.map((name) => name.replace(/\.aside-.*/, ''))).toEqual(['aapanel-broken.test.conf']);
    await apply(broken, { isNew: false, onDrift: 'overwrite' });
    expect((await visitUntil(world.port, 'broken.test', ok)).body).toContain('PHP');
  });

  it('a pool that FPM accepts and cannot start is taken back, and FPM serves all others', async () => {
    const other = phpSpec('beside.test');
    await apply(other);
    write(other, 'index.php', '<?php echo "beside";');
    const spec = phpSpec('stuck.test');
    // A folder stands where the socket would be: only the start itself finds that out.
    mkdirSync(socketOf(spec));
    const before = see();
    await expect(apply(spec)).rejects.toMatchObject({ code: 'config_rejected' });
    expect(see()).toBe(before);
    expect(findFpmMaster(sharedFpm(world.prefix, '8.2'))).toBeDefined();
    expect((await visitUntil(world.port, 'beside.test', ok)).body).toBe('beside');
  });

  it('a version that is not installed is refused by name, and nothing is made', async () => {
    const before = see();
    await expect(apply(phpSpec('none.test', { version: '7.4' }))).rejects.toMatchObject({
      reason: 'php_version_missing',
      params: { version: '7.4' },
    });
    expect(see()).toBe(before);
  });

  it.each([
    ['a site of another kind', (): SiteSpec => ({ ...phpSpec('kind.test'), kind: 'static' }), 'php'],
    ['no settings at all', (): SiteSpec => ({ ...phpSpec('kind.test'), php: null }), 'php'],
    [
      'the folder of another site',
      (): SiteSpec => phpSpec('open.test', { openFolders: ['/www/wwwroot/new.test'] }),
      'php.openFolders.0',
    ],
  ])('SITE-2 PHP settings with %s are refused', async (_, spec, field) => {
    await expect(apply(spec())).rejects.toMatchObject({ code: 'invalid_request', fields: [{ field }] });
  });

  it('a disabled site has no pool, comes back with it, and a deletion takes pool, socket and sessions', async () => {
    const spec = phpSpec('onoff.test');
    const { linuxUser } = await apply(spec);
    await apply({ ...spec, isEnabled: false }, { isNew: false });
    await machine.settled();
    expect(existsSync(poolOf('onoff.test'))).toBe(false);
    await until(() => !existsSync(socketOf(spec)));
    await apply(spec, { isNew: false });
    expect((await visitUntil(world.port, 'onoff.test', ok)).body).toContain('PHP');
    const site = { siteId: spec.siteId, slug: spec.slug };
    const { items, confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
    expect(items.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/etc/php/8.2/fpm/pool.d/aapanel-onoff.test.conf', `/www/php/${linuxUser}`]),
    );
    const changeId = newChangeId();
    await sitesHandlers['sites.remove'](
      machine,
      { site, root: spec.root, changeId, files: 'recycle', confirm },
      call(),
    );
    await machine.settled();
    expect(existsSync(poolOf('onoff.test'))).toBe(false);
    expect(existsSync(world.path(`/www/php/${linuxUser}`))).toBe(false);
    await until(() => !existsSync(socketOf(spec)));
    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: changeId }, call());
    expect((await visitUntil(world.port, 'onoff.test', ok)).body).toContain('PHP');
  });

  it('the pool tells what it does, and processes that hang are ended and replaced', async () => {
    const spec = phpSpec('hang.test', { pool: { manager: 'static', maxChildren: 2 } });
    await apply(spec);
    write(spec, 'hang.php', '<?php while (true) { sleep(100); }');
    write(spec, 'index.php', '<?php echo "alive";');
    await visitUntil(world.port, 'hang.test', ok);
    const site = { siteId: spec.siteId, slug: spec.slug };
    const pool = async () => (await phpHandlers['php.pool'](machine, { site }, call())).pool;
    // The process that answered counts as busy a moment longer.
    let seen: Awaited<ReturnType<typeof pool>> = null;
    await untilTrue(async () => (seen = await pool())?.active === 0);
    expect(seen).toMatchObject({ active: 0, idle: 1, queue: 0 });
    const hanging = [visit(world.port, 'hang.test', '/hang.php'), visit(world.port, 'hang.test', '/hang.php')];
    const waiting = visit(world.port, 'hang.test');
    await untilTrue(async () => (await pool()) === null);
    expect(await phpHandlers['php.restart_pool'](machine, { site }, call())).toEqual({ ended: 2 });
    expect((await waiting).body).toBe('alive');
    for (const { status } of await Promise.all(hanging)) expect(status).toBe(502);
  });

  it('SITE-4 a pool changed by hand is shown with a diff, refuses changes, and is adopted or overwritten', async () => {
    const spec = phpSpec('drift.test');
    await apply(spec);
    const ours = readFileSync(poolOf('drift.test'), 'utf8');
    writeFileSync(poolOf('drift.test'), ours.replace('pm.max_children = 10', 'pm.max_children = 3'));
    const seen = await inspect(spec);
    expect(seen).toMatchObject({ drift: 'changed', configPath: '/etc/php/8.2/fpm/pool.d/aapanel-drift.test.conf' });
    expect(seen.diff).toContain('+pm.max_children = 3');
    const next = { ...spec, php: sitePhp.parse({ version: '8.2', ini: { memoryLimitMb: 77 } }) };
    await expect(apply(next, { isNew: false })).rejects.toMatchObject({ reason: 'site_drift' });
    await sitesHandlers['sites.adopt'](machine, { spec, changeId: newChangeId() }, call());
    expect((await inspect(spec)).drift).toBe('adopted');
    await expect(apply(next, { isNew: false })).rejects.toMatchObject({ reason: 'site_adopted' });
    expect(readFileSync(poolOf('drift.test'), 'utf8')).toContain('max_children = 3');
    await apply(next, { isNew: false, onDrift: 'overwrite' });
    expect(readFileSync(poolOf('drift.test'), 'utf8')).toContain('"77M"');
  });
});

async function untilTrue(isDone: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; !(await isDone()); )
    if (Date.now() > end) throw new Error('it did not happen in time');
}

async function until(isDone: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
