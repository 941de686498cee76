import { spawnSync } from 'node:child_process';
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { snapshot } from '../testing/world.ts';
import type { Want } from './steps.ts';
import { openEngine, type Change, type Engine } from './transaction.ts';

const disk = { fsyncError: '' as '' | 'EIO' | 'ENOSPC', afterCalls: 0 };
/** A disk that fails: Node's own function is another one while this file runs, for every module that has loaded it. */
const { fsync } = fs;
beforeAll(() => {
  fs.fsync = Object.assign(
    (fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
      if (disk.fsyncError !== '' && disk.afterCalls-- <= 0)
        done(Object.assign(new Error(disk.fsyncError), { code: disk.fsyncError }));
      else fsync(fd, done);
    },
    { __promisify__: fsync.__promisify__ },
  );
  syncBuiltinESMExports();
});
afterAll(() => {
  fs.fsync = fsync;
  syncBuiltinESMExports();
});

let folder: string;
let engine: Engine;
const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-engine-'));
  mkdirSync(join(folder, 'etc'));
  writeFileSync(join(folder, 'etc/changed'), 'old');
  writeFileSync(join(folder, 'etc/removed'), 'precious');
  chmodSync(join(folder, 'etc/removed'), 0o640);
  symlinkSync('old', join(folder, 'etc/link'));
  mkdirSync(join(folder, 'etc/moved'));
  engine = openEngine(join(folder, 'state'));
});
afterEach(() => {
  disk.fsyncError = '';
  engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, 'etc', name);
const file = (name: string, text: string): Want => ({
  kind: 'file',
  path: at(name),
  bytes: Buffer.from(text),
  mode: 0o644,
  ...owner,
  shownAs: `/etc/${name}`,
});
/** Every kind of step there is. */
const wants = (): Want[] => [
  { kind: 'folder', path: at('new'), mode: 0o750, ...owner },
  file('new/file', 'new'),
  file('changed', 'new'),
  { kind: 'remove', path: at('removed'), shownAs: '/etc/removed' },
  { kind: 'link', path: at('link'), target: 'new' },
  { kind: 'move', from: at('moved'), to: at('there') },
];
const change = (more: Partial<Change> = {}): Change => ({
  changeId: 'c1',
  action: 'test',
  actor: 'tester',
  wants: wants(),
  ...more,
});
const see = (): string => snapshot(folder, ['/etc']);

function reopen(): void {
  engine.close();
  engine = openEngine(join(folder, 'state'));
}

it('a change is validated, applied, activated, probed and committed, in this order', async () => {
  const seen: string[] = [];
  const note = (name: string) => () => {
    seen.push(`${name} ${readFileSync(at('changed'), 'utf8')}`);
    return Promise.resolve();
  };
  const outcome = await engine.run(
    change({ validate: note('validate'), activate: note('activate'), probe: note('probe') }),
  );
  expect(seen).toEqual(['validate old', 'activate new', 'probe new']);
  expect(outcome.state).toBe('committed');
  expect(outcome.files.find(({ path }) => path === '/etc/changed')?.diff).toContain('-old');
  expect(readdirSync(at(''))).toEqual(['changed', 'link', 'new', 'there']);
  reopen();
  expect(engine.find('c1')).toMatchObject({ state: 'committed', files: outcome.files });
});

it('a change that changes nothing is committed without a step', async () => {
  await engine.run(change({ wants: [file('changed', 'new')] }));
  const activate = vi.fn(() => Promise.resolve());
  expect((await engine.run(change({ changeId: 'c2', wants: [file('changed', 'new')], activate }))).state).toBe(
    'committed',
  );
  expect(activate).not.toHaveBeenCalled();
});

it('a refused change has written nothing', async () => {
  const before = see();
  await expect(engine.run(change({ validate: () => Promise.reject(new Error('refused')) }))).rejects.toThrow('refused');
  expect(see()).toBe(before);
  expect(engine.find('c1')).toMatchObject({ state: 'rolled_back' });
});

it.each(['activate', 'probe'] as const)(
  'FAULT-4 when %s fails everything goes back, and the program is told again',
  async (name) => {
    const before = see();
    let activations = 0;
    const activate = () => {
      activations++;
      return name === 'activate' && activations === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    };
    const probe = () => (name === 'probe' ? Promise.reject(new Error('no')) : Promise.resolve());
    await expect(engine.run(change({ activate, probe }))).rejects.toThrow('no');
    expect(see()).toBe(before);
    expect(activations).toBe(2);
    expect(engine.find('c1')).toMatchObject({ state: 'rolled_back' });
  },
);

describe('FAULT-1 a process that stops for ever', () => {
  const points = [
    'begun',
    ...[1, 2, 3, 4, 5, 6].map((step) => `applied ${step}/6`),
    'activated',
    'probed',
    'committed',
    'taken back',
  ];
  it.each(points)('at "%s" leaves the old or the new state after the next start', async (stopAt) => {
    const before = see();
    engine.close();
    const stopped = Promise.withResolvers<void>();
    engine = openEngine(join(folder, 'state'), (point) => {
      if (point !== stopAt) return undefined;
      stopped.resolve();
      return new Promise(() => undefined);
    });
    const probe = () => (stopAt === 'taken back' ? Promise.reject(new Error('no')) : Promise.resolve());
    void engine.run(change({ activate: () => Promise.resolve(), probe })).catch(() => undefined);
    await stopped.promise;
    reopen();
    let isToldAgain = false;
    const recovered = await engine.recover(() => Promise.resolve(void (isToldAgain = true)));
    if (stopAt === 'committed') {
      expect(recovered).toEqual([]);
      expect(readFileSync(at('changed'), 'utf8')).toBe('new');
      expect(readdirSync(at(''))).toEqual(['changed', 'link', 'new', 'there']);
      return;
    }
    expect(recovered).toEqual([{ changeId: 'c1', outcome: 'rolled_back' }]);
    expect(isToldAgain).toBe(true);
    expect(see()).toBe(before);
    expect(await engine.recover()).toEqual([]);
    await engine.run(change());
    expect(readFileSync(at('changed'), 'utf8')).toBe('new');
  });
});

it('SITE-4 recovery never overwrites what somebody wrote after the crash', async () => {
  await crashAt('applied 6/6');
  writeFileSync(at('changed'), 'by hand');
  expect(await engine.recover()).toEqual([{ changeId: 'c1', outcome: 'rolled_back' }]);
  expect(readFileSync(at('changed'), 'utf8')).toBe('by hand');
  expect(readFileSync(at('removed'), 'utf8')).toBe('precious');
  expect(readdirSync(at('')).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('FAULT-1 after a power cut a file with anything in it goes back: it may be what is left of ours', async () => {
  await crashAt('applied 6/6');
  writeFileSync(at('changed'), '');
  const journal = join(folder, 'state/journal.log');
  const { createHash } = await import('node:crypto');
  const text = readFileSync(journal, 'utf8')
    .trim()
    .slice(17)
    .replace(/"boot":"[^"]*"/, '"boot":"another"');
  engine.close();
  writeFileSync(journal, `${createHash('sha256').update(text).digest('hex').slice(0, 16)} ${text}\n`);
  engine = openEngine(join(folder, 'state'));
  await engine.recover();
  expect(readFileSync(at('changed'), 'utf8')).toBe('old');
});

async function crashAt(stopAt: string): Promise<void> {
  engine.close();
  const stopped = Promise.withResolvers<void>();
  engine = openEngine(join(folder, 'state'), (point) => {
    if (point !== stopAt) return undefined;
    stopped.resolve();
    return new Promise(() => undefined);
  });
  void engine.run(change()).catch(() => undefined);
  await stopped.promise;
  reopen();
}

it('a folder into which somebody put files meanwhile stays with them', async () => {
  await crashAt('applied 6/6');
  writeFileSync(at('new/theirs'), 'keep');
  await engine.recover();
  expect(readdirSync(at('new'))).toEqual(['theirs']);
});

describe('FAULT-2', () => {
  it.each([
    ['EIO', 0],
    ['EIO', 2],
    ['EIO', 8],
    ['ENOSPC', 0],
    ['ENOSPC', 2],
    ['ENOSPC', 8],
  ] as const)('a disk that answers %s to fsync number %i leaves the old state', async (code, afterCalls) => {
    const before = see();
    disk.fsyncError = code;
    disk.afterCalls = afterCalls;
    const failed = await engine.run(change()).then(
      () => undefined,
      (error: unknown) => error,
    );
    disk.fsyncError = '';
    expect(failed).toBeDefined();
    if (code === 'ENOSPC' && afterCalls === 0) expect(failed).toMatchObject({ reason: 'disk_full' });
    reopen();
    await engine.recover();
    expect(see()).toBe(before);
    expect((await engine.run(change({ changeId: 'c2' }))).state).toBe('committed');
  });

  it('a full disk ends in a clear error, keeps the old state, and works again with room', async (context) => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', mounted]);
    if (mount.status !== 0) return context.skip(`not run: mount is not permitted here`);
    let small: Engine | undefined;
    try {
      mkdirSync(join(mounted, 'etc'));
      writeFileSync(join(mounted, 'etc/a'), 'old a');
      writeFileSync(join(mounted, 'etc/b'), 'old b');
      small = openEngine(join(mounted, 'state'));
      const put = (name: string, bytes: number): Want =>
        ({ ...file('x', 'n'.repeat(bytes)), path: join(mounted, 'etc', name) }) as Want;
      let failures = 0;
      // From "fits" to "does not fit at all": somewhere in between each place runs out of room once.
      for (let fill = 0; fill < 200; fill += 12) {
        writeFileSync(join(mounted, 'fill'), '');
        spawnSync('dd', ['if=/dev/zero', `of=${join(mounted, 'fill')}`, 'bs=1k', `count=${fill}`]);
        const before = snapshot(mounted, ['/etc']);
        const outcome = await small
          .run({
            changeId: `f${fill}`,
            action: 'test',
            actor: 't',
            wants: [put('a', 9_000 + fill), put('b', 9_000 + fill), put(`new${fill}`, 9_000)],
          })
          .then(
            () => 'committed',
            (error: unknown) => error,
          );
        if (outcome === 'committed') {
          expect(readFileSync(join(mounted, 'etc/b')).length).toBe(9_000 + fill);
          rmSync(join(mounted, `etc/new${fill}`));
        } else {
          failures++;
          expect(outcome).toMatchObject({ reason: 'disk_full' });
          expect(snapshot(mounted, ['/etc'])).toBe(before);
        }
        spawnSync('find', [join(mounted, 'state/content'), '-type', 'f', '-delete']);
      }
      expect(failures).toBeGreaterThan(2);
      rmSync(join(mounted, 'fill'));
      expect((await small.run({ changeId: 'last', action: 'test', actor: 't', wants: [put('a', 10)] })).state).toBe(
        'committed',
      );
    } finally {
      small?.close();
      spawnSync('umount', [mounted]);
    }
  });

  it('a read-only file system ends in a clear error and changes nothing anywhere', async (context) => {
    const readOnly = at('ro');
    mkdirSync(readOnly);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'tmpfs', readOnly]);
    if (mount.status !== 0) return context.skip('not run: mount is not permitted here');
    try {
      const before = see();
      const refused = engine.run(change({ wants: [file('changed', 'new'), file('ro/file', 'new')] }));
      await expect(refused).rejects.toMatchObject({ code: 'internal', reason: 'read_only_file_system' });
      expect(see()).toBe(before);
    } finally {
      spawnSync('umount', [readOnly]);
    }
  });

  it('a recycle bin on another file system is refused with the reason', async (context) => {
    mkdirSync(at('other'));
    if (spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', at('other')]).status !== 0)
      return context.skip('not run: mount is not permitted here');
    try {
      const refused = engine.run(change({ wants: [{ kind: 'move', from: at('moved'), to: at('other/moved') }] }));
      await expect(refused).rejects.toMatchObject({ reason: 'other_file_system' });
      expect(existsSync(at('moved'))).toBe(true);
    } finally {
      spawnSync('umount', [at('other')]);
    }
  });
});

it('journal and contents stay within their bounds', async () => {
  for (let round = 0; round < 30; round++)
    await engine.run(change({ changeId: `c${round}`, wants: [file('changed', `text ${round}`)] }));
  await engine.tidy();
  expect(engine.find('c29')).toMatchObject({ state: 'committed' });
});
