import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BackupSource } from '#shared/backups.ts';
import { openMachine } from '../../core/machine.ts';
import { applySite } from '../../sites/sites.apply.ts';
import { makeWork, type TestWork } from '../../testing/backup-sets.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../../testing/world.ts';
import type { SourcePart } from '../restore/seam.ts';
import { listSites } from './list.ts';
import { panelFacts } from './panel-layout.ts';
import { partsOf } from './parts.ts';
import { readSiteFacts } from './site-facts.ts';

let world: World;
let work: TestWork;

beforeAll(async () => {
  world = await makeWorld();
  work = makeWork(world);
  const machine = await openMachine(world.settings);
  const apply = async (name: string, more: Parameters<typeof specOf>[2] = {}): Promise<void> => {
    const spec = specOf(world, name, more);
    await applySite(machine, { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse', action: 'test' }, call());
  };
  await apply('static.test', { customDirectives: 'add_header X-A b;' });
  await apply('proxy.test', { kind: 'proxy', upstream: { url: 'http://127.0.0.1:3000', isWebsocket: true } });
  await machine.settled();
  machine.close();
  mkdirSync(world.path('/etc/aapanel'), { recursive: true });
  writeFileSync(world.path('/etc/aapanel/panel.env'), 'DATABASE_TYPE=sqlite\n');
  mkdirSync(world.path('/var/lib/aapanel/db'), { recursive: true });
  writeFileSync(world.path('/var/lib/aapanel/db/panel.db'), '');
  mkdirSync(world.path('/srv/data'), { recursive: true });
  writeFileSync(`${world.settings.stateFolder}/people.json`, '{}');
  writeFileSync(`${work.folder}/keys.json`, 'the ring');
});
afterAll(() => world.destroy());

const parts = async (...sources: BackupSource[]): Promise<SourcePart[]> =>
  await partsOf(work, sources, {
    targetPaths: [world.path('/srv/data/target')],
    listDatabases: (engine) => Promise.resolve([`${engine}_a`, `${engine}_b`]),
  });
const names = async (...sources: BackupSource[]): Promise<string[]> =>
  (await parts(...sources)).map(({ name }) => name);

it('B-4 sites, databases, folders and the panel become parts; what two sources name is saved once', async () => {
  expect(await names({ kind: 'site', slug: 'static.test' }, { kind: 'all_sites' })).toEqual([
    'site/static.test',
    'site/proxy.test',
  ]);
  expect(await names({ kind: 'all_databases', engine: 'mariadb' })).toEqual([
    'database/mariadb/mariadb_a',
    'database/mariadb/mariadb_b',
  ]);
  expect(await names({ kind: 'panel' })).toEqual(['panel', 'panel/database']);
  expect(listSites(work).map(({ slug }) => slug)).toEqual(['proxy.test', 'static.test']);
});

it('a folder leaves the targets out of itself, and closed places are refused', async () => {
  const [folder] = await parts({ kind: 'folder', path: '/srv/data' });
  expect(folder).toMatchObject({ name: 'folder/srv/data', root: world.path('/srv/data'), excludes: ['/target'] });
  const state = world.settings.stateFolder;
  for (const path of ['/proc', '/sys/kernel', '/dev', '/srv/data/target', '/srv/data/target/x'])
    await expect(parts({ kind: 'folder', path }), path).rejects.toMatchObject({ reason: 'backup_source_refused' });
  await expect(
    partsOf({ ...work, prefix: '' }, [{ kind: 'folder', path: `${state}/keys` }], {
      targetPaths: [],
      listDatabases: () => Promise.resolve([]),
    }),
  ).rejects.toMatchObject({ reason: 'backup_source_refused' });
});

it('P4.2-4 what is named and is not there fails, and is no empty backup', async () => {
  for (const source of [
    { kind: 'site', slug: 'no.test' },
    { kind: 'folder', path: '/srv/none' },
    { kind: 'sqlite', path: '/srv/none.db' },
  ] as const)
    await expect(parts(source)).rejects.toMatchObject({ reason: 'backup_source_missing' });
});

it('a site carries what it is made of again, also when its record is of an earlier version', () => {
  const facts = readSiteFacts(work, 'proxy.test');
  expect(facts?.spec).toMatchObject({ kind: 'proxy', upstream: { url: 'http://127.0.0.1:3000', isWebsocket: true } });
  expect(readSiteFacts(work, 'static.test')?.spec).toMatchObject({
    kind: 'static',
    customDirectives: 'add_header X-A b;',
  });
  const path = `${world.settings.stateFolder}/sites/proxy.test.json`;
  const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const { kind: _kind, upstream: _upstream, ...earlier } = record;
  writeFileSync(path, JSON.stringify(earlier));
  expect(readSiteFacts(work, 'proxy.test')).toEqual(facts);
});

it('the panel is staged without keys of backups and without its live database', async () => {
  const [tree] = await parts({ kind: 'panel' });
  if (tree?.kind !== 'tree') throw new Error('no tree');
  const staged = readdirSync(tree.root, { recursive: true }).map(String);
  expect(staged).toEqual(expect.arrayContaining(['facts.json', 'agent/people.json', 'etc/panel.env']));
  expect(staged.filter((name) => /panel\.db|backups\/keys/.test(name))).toEqual([]);
  const facts = panelFacts.parse(JSON.parse(readFileSync(`${tree.root}/facts.json`, 'utf8')));
  expect(facts.sites.map(({ spec }) => spec.slug)).toEqual(['proxy.test', 'static.test']);
});
