import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AccountFate, RemovalFate } from '#shared/sites.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { takenUsers } from '../sites/site-records.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { emptyDueRecycled } from './emptying.ts';
import { recycledSitesHandlers as handlers } from './recycled-sites.actions.ts';

const dayMs = 24 * 60 * 60 * 1_000;
let world: World;
let machine: Machine;
let nowMs = Date.now();
const now = (): number => nowMs;
beforeAll(async () => {
  world = await makeWorld();
  machine = await openMachine(world.settings, { now });
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const list = async () => await handlers['recycled_sites.list'](machine, {}, call());
const itemOf = async (slug: string) => (await list()).items.find((item) => item.slug === slug);
const discard = (id: string) => handlers['recycled_sites.discard'](machine, { ids: [id] }, call());
const binNames = (): string[] => readdirSync(world.path('/www/recycle_bin'));
const restore = (recycledId: string, root?: string) =>
  handlers['recycled_sites.restore'](
    machine,
    { recycledId, changeId: newChangeId(), ...(root === undefined ? {} : { root }) },
    call(),
  );

async function deleted(
  name: string,
  { files = 'recycle', account = 'remove' }: { files?: RemovalFate; account?: AccountFate } = {},
): Promise<{ spec: SiteSpec; id: string; user: string }> {
  const spec = specOf(world, name);
  const site = { siteId: spec.siteId, slug: spec.slug };
  const { linuxUser: user } = await sitesHandlers['sites.apply'](
    machine,
    { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(),
  );
  writeFileSync(world.path(`${spec.root}/page.html`), 'a page');
  writeFileSync(world.path(`/www/wwwlogs/${name}.access.log`), 'a line\n');
  const { confirm } = await sitesHandlers['sites.preview_removal'](machine, { site, root: spec.root }, call());
  const id = newChangeId();
  await sitesHandlers['sites.remove'](
    machine,
    { site, root: spec.root, changeId: id, files, account, confirm },
    call(),
  );
  await machine.settled();
  return { spec, id, user };
}

it('the recycle bin says of each site when it went, by whom, what is left and how much, and when that goes', async () => {
  const { spec, id } = await deleted('shown.test');
  writeFileSync(world.path('/www/recycle_bin/somebody-elses'), '');
  const { items, total, settings } = await list();
  expect([items.length, total, settings]).toEqual([1, 1, { days: 30 }]);
  expect(items[0]).toMatchObject({
    id,
    slug: spec.slug,
    deletedBy: 'tester',
    deletedAt: new Date(nowMs).toISOString(),
    emptiedAt: new Date(nowMs + 30 * dayMs).toISOString(),
    root: spec.root,
    isRootFree: true,
    isWhole: true,
    parts: [
      { kind: 'files', fileCount: 2, isTruncated: false },
      { kind: 'logs', fileCount: 1, sizeBytes: 7 },
    ],
  });
});

it('files come back into the old folder or another that is free, and never over anything', async () => {
  const { spec, id } = await deleted('back.test');
  const other = await deleted('back-too.test');
  const living = specOf(world, 'living.test');
  await sitesHandlers['sites.apply'](
    machine,
    { spec: living, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
    call(),
  );
  await expect(restore(id, `${living.root}/inside`)).rejects.toMatchObject({
    fields: [{ code: 'root_of_other_site' }],
  });
  await expect(restore(id, '/etc/cron.d')).rejects.toMatchObject({ fields: [{ code: 'root_outside' }] });
  mkdirSync(world.path(spec.root));
  expect(await itemOf(spec.slug)).toMatchObject({ isRootFree: false });
  await expect(restore(id)).rejects.toMatchObject({ reason: 'recycled_place_taken', params: { path: spec.root } });
  rmSync(world.path(spec.root), { recursive: true });
  expect(await restore(id)).toEqual({ root: spec.root });
  expect(readFileSync(world.path(`${spec.root}/page.html`), 'utf8')).toBe('a page');
  const named = '/www/wwwroot/of/old/sites';
  expect(await restore(other.id, named)).toEqual({ root: named });
  expect(existsSync(world.path(`${named}/page.html`))).toBe(true);
  // Its logs are still there; its files are not, and no second time.
  expect((await itemOf(spec.slug))?.parts.map(({ kind }) => kind)).toEqual(['logs']);
  await expect(restore(id)).rejects.toMatchObject({ reason: 'recycled_files_unknown' });
});

it('what is deleted for good is gone, nothing else is, and the site still comes back without it', async () => {
  const { spec, id } = await deleted('final.test');
  const others = binNames().filter((name) => !name.startsWith(id));
  expect(await discard(id)).toEqual({ sites: ['final.test'] });
  expect(await itemOf('final.test')).toBeUndefined();
  await machine.settled();
  expect(binNames()).toEqual(others);
  expect(await discard(id)).toEqual({ sites: [] });
  await sitesHandlers['sites.restore'](machine, { spec, changeId: newChangeId(), removalChangeId: id }, call());
  expect(existsSync(world.path(`${spec.root}/page.html`))).toBe(false);
});

it('what has lain there for its days goes by the timer, with the agent away too; zero days is never', async () => {
  const { id } = await deleted('due.test');
  const put = (days: number, isElevated = true) =>
    handlers['recycled_sites.put_settings'](machine, { days }, { ...call(), isElevated });
  await expect(put(7, false)).rejects.toMatchObject({ code: 'elevation_required' });
  await put(0, false);
  nowMs += 400 * dayMs;
  // The agent is away: whoever comes by with the timer does it.
  machine.close();
  const away = { ...world.settings, socketPath: world.path('/run/nobody.sock') };
  const look = () =>
    emptyDueRecycled({ prefix: world.prefix, stateFolder: world.settings.stateFolder, now, settings: away });
  await look();
  expect(binNames().some((name) => name.startsWith(id))).toBe(true);
  machine = await openMachine(world.settings, { now });
  await put(30);
  const fresh = await deleted('fresh.test');
  expect((await handlers['recycled_sites.empty_due'](machine, {}, call())).discarded).toBeGreaterThan(0);
  await machine.settled();
  expect(binNames().filter((name) => name.startsWith(id))).toEqual([]);
  expect(binNames().some((name) => name.startsWith(fresh.id))).toBe(true);
  machine.close();
  const path = `${world.settings.stateFolder}/removals/${fresh.id}.json`;
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), at: 0 }));
  await look();
  expect(binNames().some((name) => name.startsWith(fresh.id))).toBe(false);
  machine = await openMachine(world.settings, { now });
});

it('the Linux user stays when somebody wants that, is nobody else’s, and goes later or with the way back', async () => {
  const { spec, id, user } = await deleted('kept.test', { files: 'keep', account: 'keep' });
  expect((await list()).accounts).toEqual([
    {
      user,
      slug: 'kept.test',
      keptBy: 'tester',
      keptAt: new Date(nowMs).toISOString(),
      folder: spec.root,
      hasSftp: false,
    },
  ]);
  expect(takenUsers(machine).has(user)).toBe(true);
  const back = await sitesHandlers['sites.restore'](
    machine,
    { spec, changeId: newChangeId(), removalChangeId: id },
    call(),
  );
  expect([back.linuxUser, (await list()).accounts]).toEqual([user, []]);
  const other = await deleted('kept-too.test', { account: 'keep' });
  expect((await list()).accounts).toMatchObject([{ user: other.user, folder: null }]);
  await restore(other.id);
  expect((await list()).accounts).toMatchObject([{ folder: other.spec.root }]);
  const remove = () =>
    handlers['recycled_sites.remove_account'](machine, { user: other.user, changeId: newChangeId() }, call());
  await remove();
  expect((await list()).accounts).toEqual([]);
  await expect(remove()).rejects.toMatchObject({ reason: 'kept_account_unknown' });
  expect(existsSync(world.path(`${other.spec.root}/page.html`))).toBe(true);
});
