import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openMachine } from '../../core/machine.ts';
import { applySite } from '../../sites/sites.apply.ts';
import { previewRemoval, removeSite } from '../../sites/sites.removal.ts';
import { startAgent, untilServing, type AgentProcess } from '../../testing/agent-process.ts';
import {
  hasRestic,
  makeWork,
  plainRepository,
  saveSet,
  type TestSet,
  type TestWork,
} from '../../testing/backup-sets.ts';
import {
  call,
  hasNginx,
  makeWorld,
  newChangeId,
  snapshot,
  specOf,
  visitUntil,
  type World,
} from '../../testing/world.ts';
import type { DumpPart } from '../manifest.ts';
import { sitePart } from '../sources/parts.ts';
import type { BackupWork, DumpInto, Repository } from '../work.ts';
import { makeHolder } from './places.ts';
import { takeRestoreLock } from './restore-lock.ts';
import { recoverRestores, restoreSet, type RestoreRequest } from './restore-set.ts';
import type { Core, NewSet } from './seam.ts';

const canRun = hasRestic && hasNginx;
let world: World;
let work: TestWork;
let repository: Repository;
let set: TestSet;
let agent: AgentProcess | undefined;
const root = '/www/wwwroot/shop.test';
const saved: NewSet[] = [];
const loaded: { part: string; text: string; into: DumpInto }[] = [];
let database = 'there';

const core = (): Core => ({
  openSet: () => Promise.resolve(set),
  createSet: (given) => {
    saved.push(given);
    return Promise.resolve('safety0000000000001');
  },
  dumps: {
    open: () =>
      database === 'there'
        ? Promise.resolve({ fileName: 'dump.sql', stream: Readable.from(['x']), facts: new Promise(() => undefined) })
        : Promise.reject(new Error('not reached')),
    restore: async (_: BackupWork, part: DumpPart, input: Readable, into: DumpInto) => {
      let text = '';
      for await (const chunk of input) text += String(chunk);
      loaded.push({ part: part.name, text, into });
    },
    prove: () => Promise.resolve(),
    recover: () => Promise.resolve(),
  },
});

const request = (more: Partial<RestoreRequest> = {}): RestoreRequest => ({
  kind: 'restore',
  targetId: 'targetaaaaaaaaaa',
  setId: set.manifest.setId,
  parts: null,
  member: null,
  way: { kind: 'in_place' },
  isDryRun: false,
  ...more,
});

beforeAll(async () => {
  if (!canRun) return;
  world = await makeWorld({ nginx: 'running' });
  work = makeWork(world);
  const machine = await openMachine(world.settings);
  const spec = specOf(world, 'shop.test', { customDirectives: 'add_header X-Shop yes;' });
  await applySite(machine, { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse', action: 'test' }, call());
  writeFileSync(world.path(`${root}/index.html`), 'the shop');
  mkdirSync(world.path(`${root}/img`));
  writeFileSync(world.path(`${root}/img/a.svg`), '<svg/>');
  const part = sitePart(work, 'shop.test');
  if (part.kind !== 'tree') throw new Error('no tree');
  repository = plainRepository(`${world.folder}/repository`);
  const dump = await repository.saveStream({
    fileName: 'dump.sql',
    input: Readable.from(['create table t (a int);']),
    tags: [],
  });
  const dumpPart: DumpPart = {
    kind: 'dump',
    name: 'database/mariadb/shop',
    source: { kind: 'database', engine: 'mariadb', database: 'shop' },
    snapshot: dump.snapshot,
    fileName: 'dump.sql',
    bytes: 23,
    sha256: '0'.repeat(64),
    serverVersion: '',
    toolVersion: '',
    tables: [],
    counts: { routines: 0, triggers: 0, views: 0, events: 0 },
  };
  set = await saveSet(work, repository, [part], [dumpPart]);
  const preview = await previewRemoval(machine, { site: spec, root });
  await removeSite(
    machine,
    { site: spec, root, changeId: newChangeId(), files: 'keep', confirm: preview.confirm },
    call(),
  );
  await machine.settled();
  machine.close();
  rmSync(world.path(root), { recursive: true });
});
afterAll(async () => {
  agent?.child.kill('SIGTERM');
  await agent?.ended;
  if (canRun) world.destroy();
});
beforeEach(() => {
  saved.length = 0;
  loaded.length = 0;
  if (canRun) work = makeWork(world);
});

it.runIf(canRun)(
  'B-11 a site that is gone, its folder too, comes back: made by the agent that serves, then its files, then its database',
  async () => {
    agent = startAgent(world);
    await untilServing(world, agent);
    await restoreSet(work, core(), request(), { targetPaths: [] });
    expect(readFileSync(world.path(`${root}/img/a.svg`), 'utf8')).toBe('<svg/>');
    const seen = await visitUntil(world.port, 'shop.test', ({ body }) => body === 'the shop');
    expect(seen).toEqual({ status: 200, body: 'the shop' });
    expect(readFileSync(world.path('/etc/nginx/aapanel/custom/shop.test.conf'), 'utf8')).toContain('X-Shop');
    expect(loaded).toEqual([
      { part: 'database/mariadb/shop', text: 'create table t (a int);', into: { kind: 'in_place' } },
    ]);
    expect(existsSync(`${world.settings.stateFolder}/backups/revive/shop.test.json`)).toBe(false);
  },
);

it.runIf(canRun)(
  'B-11 in place, what is replaced is saved before: the tree as it is now and the database',
  async () => {
    writeFileSync(world.path(`${root}/index.html`), 'newer');
    await expect(restoreSet(work, core(), request(), { targetPaths: [] })).resolves.toBe('safety0000000000001');
    expect(saved).toEqual([
      expect.objectContaining({
        kind: 'safety',
        parts: [
          expect.objectContaining({ name: 'site/shop.test', root: world.path(root) }),
          expect.objectContaining({ name: 'database/mariadb/shop' }),
        ],
      }),
    ]);
    expect(readFileSync(world.path(`${root}/index.html`), 'utf8')).toBe('the shop');
  },
);

it.runIf(canRun)('P4.2-5 when the safety set cannot be made, nothing changes and nothing is left over', async () => {
  writeFileSync(world.path(`${root}/index.html`), 'newer');
  const before = snapshot(world.prefix, ['/www']);
  const failing = { ...core(), createSet: () => Promise.reject(new Error('the target went away')) };
  await expect(restoreSet(work, failing, request(), { targetPaths: [] })).rejects.toThrow('the target went away');
  expect(snapshot(world.prefix, ['/www'])).toBe(before);
  expect(loaded).toEqual([]);
});

it.runIf(canRun)('without an agent that serves, the run makes the site itself', async () => {
  agent?.child.kill('SIGTERM');
  await agent?.ended;
  rmSync(`${world.settings.stateFolder}/sites/shop.test.json`);
  await restoreSet(work, core(), request({ parts: ['site/shop.test'] }), { targetPaths: [] });
  expect(existsSync(`${world.settings.stateFolder}/sites/shop.test.json`)).toBe(true);
  const seen = await visitUntil(world.port, 'shop.test', ({ body }) => body === 'the shop');
  expect(seen.body).toBe('the shop');
});

it.runIf(canRun)(
  'parts and members that are not in the set, and places that are closed, are refused by name',
  async () => {
    const restore = (more: Partial<RestoreRequest>): Promise<unknown> =>
      restoreSet(work, core(), request(more), { targetPaths: [] });
    await expect(restore({ parts: ['site/other'] })).rejects.toMatchObject({ reason: 'backup_part_unknown' });
    await expect(restore({ parts: ['site/shop.test'], member: 'no/such' })).rejects.toMatchObject({
      reason: 'backup_member_unknown',
    });
    const inside = { kind: 'aside', path: '/proc/x', databaseName: null } as const;
    await expect(restore({ parts: ['site/shop.test'], way: inside })).rejects.toMatchObject({
      reason: 'backup_source_refused',
    });
  },
);

it.runIf(canRun)('what a restore that is alive has made ready is no leftover of a crash for another run', async () => {
  const lock = await takeRestoreLock(work);
  const holder = await makeHolder(work.folder, world.path(root));
  expect(await recoverRestores(work, core())).toBe(0);
  expect(existsSync(holder.path)).toBe(true);
  await expect(restoreSet(work, core(), request(), { targetPaths: [] })).rejects.toMatchObject({
    reason: 'backup_restore_running',
  });
  lock.release();
  await recoverRestores(work, core());
  expect(existsSync(holder.path)).toBe(false);
});
