import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { RemovalFate } from '#shared/sites.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';
import { doDiscards } from './discards.ts';
import { sitesHandlers } from './sites.actions.ts';

let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'running' : 'missing' });
  machine = await openMachine(world.settings);
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const site = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const apply = (spec: SiteSpec) =>
  sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' }, call());
const preview = (spec: SiteSpec) =>
  sitesHandlers['sites.preview_removal'](machine, { site: site(spec), root: spec.root }, call());
const remove = (
  spec: SiteSpec,
  files: RemovalFate,
  confirm: string,
  changeId = newChangeId(),
  logs: RemovalFate = files,
) =>
  sitesHandlers['sites.remove'](machine, { site: site(spec), root: spec.root, changeId, files, logs, confirm }, call());

async function made(name: string): Promise<SiteSpec> {
  const spec = specOf(world, name, { customDirectives: 'add_header X-Test yes;\n' });
  await apply(spec);
  mkdirSync(world.path(`${spec.root}/deep`));
  writeFileSync(world.path(`${spec.root}/deep/page.html`), 'deep page');
  return spec;
}

describe('a deletion', () => {
  it('shows what dies, with size and age', async () => {
    const spec = await made('preview.test');
    const { items } = await preview(spec);
    expect(items.map(({ kind, path }) => [kind, path])).toEqual(
      expect.arrayContaining([
        ['config', '/etc/nginx/aapanel/sites/preview.test.conf'],
        ['custom', '/etc/nginx/aapanel/custom/preview.test.conf'],
        ['files', '/www/wwwroot/preview.test'],
      ]),
    );
    const files = items.find(({ kind }) => kind === 'files');
    expect(files?.fileCount).toBe(2);
    expect(files?.sizeBytes).toBeGreaterThan(9);
    expect(Date.now() - Date.parse(files?.newestAt ?? '')).toBeLessThan(60_000);
  });

  it('is refused when the list is not the one that was confirmed', async () => {
    const spec = await made('changed.test');
    const { confirm } = await preview(spec);
    writeFileSync(world.path(`${spec.root}/new.html`), 'came meanwhile');
    await expect(remove(spec, 'recycle', confirm)).rejects.toMatchObject({ reason: 'removal_list_changed' });
    expect(existsSync(world.path(`${spec.root}/new.html`))).toBe(true);
  });

  it('that keeps the files leaves the folder and takes everything else', async () => {
    const spec = await made('keep.test');
    const { recycledTo } = await remove(spec, 'keep', (await preview(spec)).confirm);
    expect(recycledTo).toBeNull();
    expect(readFileSync(world.path(`${spec.root}/deep/page.html`), 'utf8')).toBe('deep page');
    expect(snapshot(world.prefix, ['/etc/nginx'])).not.toContain('keep.test');
    if (hasNginx)
      expect((await visitUntil(world.port, 'keep.test', ({ status }) => status === 404)).body).toBe('nobody');
  });

  it('that recycles moves the folder, can be asked twice, and is taken back whole', async () => {
    const spec = await made('recycle.test');
    const before = snapshot(world.prefix, ['/etc/nginx/aapanel', '/www/wwwroot']);
    const changeId = newChangeId();
    const { confirm } = await preview(spec);
    const { recycledTo } = await remove(spec, 'recycle', confirm, changeId);
    expect(recycledTo).toBe(`/www/recycle_bin/${changeId}-recycle.test`);
    expect(existsSync(world.path(spec.root))).toBe(false);
    expect(readFileSync(world.path(`${recycledTo}/deep/page.html`), 'utf8')).toBe('deep page');
    expect((await remove(spec, 'recycle', confirm, changeId)).recycledTo).toBe(recycledTo);

    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: changeId }, call());
    expect(snapshot(world.prefix, ['/etc/nginx/aapanel', '/www/wwwroot'])).toBe(before);
    if (hasNginx) {
      const seen = await visitUntil(world.port, 'recycle.test', ({ status }) => status === 200, '/deep/page.html');
      expect(seen.body).toBe('deep page');
    }
  });

  const binNames = (): string[] => readdirSync(world.path('/www/recycle_bin'));

  it('for good leaves nothing of the files, follows no link on the way, and keeps the logs when told so', async () => {
    const spec = await made('final.test');
    mkdirSync(world.path('/www/beside'));
    writeFileSync(world.path('/www/beside/file'), 'safe');
    symlinkSync(world.path('/www/beside'), world.path(`${spec.root}/deep/link`));
    const log = world.path(`/www/wwwlogs/${spec.slug}.access.log`);
    writeFileSync(log, 'a line\n');
    const changeId = newChangeId();
    const before = binNames();
    const { recycledTo } = await remove(spec, 'remove', (await preview(spec)).confirm, changeId, 'keep');
    expect(recycledTo).toBeNull();
    expect(existsSync(world.path(spec.root))).toBe(false);
    await machine.settled();
    expect(binNames()).toEqual(before);
    expect(readFileSync(world.path('/www/beside/file'), 'utf8')).toBe('safe');
    expect(readFileSync(log, 'utf8')).toContain('a line');
    // The site itself comes back, its files do not.
    await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: changeId }, call());
    expect(existsSync(world.path(`${spec.root}/deep`))).toBe(false);
  });

  it('for good waits until nobody of the site runs any more, and is done at the next start', async () => {
    const spec = await made('later.test');
    const { linuxUser } = JSON.parse(readFileSync(`${world.settings.stateFolder}/sites/${spec.slug}.json`, 'utf8')) as {
      linuxUser: string;
    };
    // As long as this is there, the account of the site is.
    const chore = `${world.settings.stateFolder}/chores/${linuxUser}`;
    writeFileSync(chore, '{}');
    const before = binNames();
    await remove(spec, 'remove', (await preview(spec)).confirm);
    await machine.settled();
    expect(binNames().filter((name) => name.endsWith('-later.test'))).toHaveLength(1);
    rmSync(chore);
    machine.close();
    machine = await openMachine(world.settings);
    await doDiscards(machine);
    expect(binNames()).toEqual(before);
  });

  it('keeps the files and takes the logs alone when told so', async () => {
    const spec = await made('logs-only.test');
    const log = `/www/wwwlogs/${spec.slug}.access.log`;
    writeFileSync(world.path(log), 'a line\n');
    const changeId = newChangeId();
    const { confirm } = await preview(spec);
    const { recycledTo } = await remove(spec, 'keep', confirm, changeId, 'recycle');
    expect([recycledTo, existsSync(world.path(spec.root)), existsSync(world.path(log))]).toEqual([null, true, false]);
    expect(binNames()).toContain(`${changeId}-${spec.slug}.access.log`);
  });

  it('is not taken back over a folder that stands there by now', async () => {
    const spec = await made('occupied.test');
    const changeId = newChangeId();
    await remove(spec, 'recycle', (await preview(spec)).confirm, changeId);
    mkdirSync(world.path(spec.root));
    writeFileSync(world.path(`${spec.root}/mine`), 'mine');
    const restore = () =>
      sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: changeId }, call());
    await expect(restore()).rejects.toMatchObject({ code: 'in_use', reason: 'root_occupied' });
    expect(readFileSync(world.path(`${spec.root}/mine`), 'utf8')).toBe('mine');
    rmSync(world.path(spec.root), { recursive: true });
    await restore();
  });

  it('of which nothing is kept cannot be taken back', async () => {
    const spec = specOf(world, 'unknown.test');
    await expect(
      sitesHandlers['sites.restore'](
        machine,
        { spec, changeId: newChangeId(), removalChangeId: newChangeId() },
        call(),
      ),
    ).rejects.toMatchObject({ code: 'not_found', reason: 'removal_unknown' });
  });

  it('does not follow a link out of the folder', async () => {
    const spec = await made('links.test');
    mkdirSync(world.path('/www/elsewhere'));
    writeFileSync(world.path('/www/elsewhere/file'), 'safe');
    symlinkSync(world.path('/www/elsewhere'), world.path(`${spec.root}/link`));
    const { items, confirm } = await preview(spec);
    expect(items.find(({ kind }) => kind === 'files')?.fileCount).toBe(3);
    await remove(spec, 'recycle', confirm);
    expect(readFileSync(world.path('/www/elsewhere/file'), 'utf8')).toBe('safe');
  });
});

describe('a log', () => {
  const read = (spec: SiteSpec, cursor: string | null, search = '') =>
    sitesHandlers['sites.read_log'](machine, { site: site(spec), kind: 'access', cursor, search }, call());
  const log = (name: string) => world.path(`/www/wwwlogs/${name}.access.log`);

  async function logged(name: string): Promise<SiteSpec> {
    const spec = specOf(world, name);
    await apply(spec);
    writeFileSync(log(name), '');
    return spec;
  }

  it('is read from the end, then on from the cursor, whole lines only', async () => {
    const spec = await logged('tail.test');
    appendFileSync(log('tail.test'), 'one\ntwo\nhal');
    const first = await read(spec, null);
    expect(first.lines).toEqual(['one', 'two']);
    appendFileSync(log('tail.test'), 'f\nthree\n');
    expect((await read(spec, first.cursor)).lines).toEqual(['half', 'three']);
  });

  it('goes on across a rotation without losing or doubling a line', async () => {
    const spec = await logged('rotate.test');
    appendFileSync(log('rotate.test'), 'one\n');
    const first = await read(spec, null);
    appendFileSync(log('rotate.test'), 'two\n');
    renameSync(log('rotate.test'), `${log('rotate.test')}.1`);
    writeFileSync(log('rotate.test'), 'three\n');
    appendFileSync(`${log('rotate.test')}.1`, 'late\n');
    const second = await read(spec, first.cursor);
    const third = await read(spec, second.cursor);
    const fourth = await read(spec, third.cursor);
    expect([...second.lines, ...third.lines, ...fourth.lines]).toEqual(['two', 'late', 'three']);
  });

  it('that was emptied is read from its beginning', async () => {
    const spec = await logged('emptied.test');
    appendFileSync(log('emptied.test'), 'a long first line\n');
    const { cursor } = await read(spec, null);
    writeFileSync(log('emptied.test'), 'new\n');
    expect((await read(spec, cursor)).lines).toEqual(['new']);
  });

  it('FAULT-5 that is huge or one endless line is cut, and the answer stays small', async () => {
    const spec = await logged('huge.test');
    writeFileSync(log('huge.test'), '"\\'.repeat(2_000_000));
    const seen = await read(spec, null);
    expect(JSON.stringify(seen).length).toBeLessThan(256 * 1024);
    appendFileSync(log('huge.test'), `\n${'line\n'.repeat(100_000)}`);
    const tail = await read(spec, null);
    expect(tail.isTruncated).toBe(true);
    expect(tail.lines.at(-1)).toBe('line');
  });

  it('OUT-2 loses control characters and broken text on the way', async () => {
    const spec = await logged('control.test');
    writeFileSync(log('control.test'), Buffer.from('\x1b[2Jred\x9b\n\xff\xfe ok\n', 'latin1'));
    const { lines } = await read(spec, null);
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(lines[1]).toContain(' ok');
  });

  it('is searched without regard to case', async () => {
    const spec = await logged('search.test');
    appendFileSync(log('search.test'), 'GET /Home\nGET /other\n');
    expect((await read(spec, null, 'home')).lines).toEqual(['GET /Home']);
  });

  it('PATH-4 that is a link or a pipe is refused', async () => {
    const spec = await logged('linked.test');
    rmSync(log('linked.test'));
    symlinkSync('/etc/shadow', log('linked.test'));
    await expect((async () => await read(spec, null))()).rejects.toMatchObject({ reason: 'path_is_link' });
  });

  it('of somebody else under this name is refused', async () => {
    const spec = await logged('owner.test');
    const stranger = { ...spec, siteId: newChangeId() };
    await expect((async () => await read(stranger, null))()).rejects.toMatchObject({ reason: 'slug_taken' });
  });
});
