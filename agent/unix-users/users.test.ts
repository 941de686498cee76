import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openMachine, type Machine } from '../core/machine.ts';
import { makeWorld, newChangeId, type World } from '../testing/world.ts';
import { choreWant, doChores } from './chores.ts';
import { takeUser } from './users.ts';

const isRoot = process.getuid?.() === 0;
let world: World;
let machine: Machine;
beforeEach(async () => {
  world = await makeWorld();
  machine = await openMachine(world.settings);
});
afterEach(() => {
  machine.close();
  world.destroy();
});

it('behind a prefix no account of this machine is made: the site has a name that no account has', async () => {
  const before = readFileSync('/etc/passwd', 'utf8');
  const user = await takeUser(machine, new Set());
  expect(user).toEqual({ name: expect.stringMatching(/^site-[a-z2-7]{8}$/) as string, uid: null });
  expect(readFileSync('/etc/passwd', 'utf8')).toBe(before);
});

it.runIf(isRoot)(
  'files of a removed site change hands after the answer, or at the next start, links and others excepted',
  async () => {
    const folder = world.path('/www/kept');
    mkdirSync(`${folder}/sub`, { recursive: true });
    writeFileSync(`${folder}/sub/mine`, '');
    writeFileSync(`${folder}/theirs`, '');
    writeFileSync(world.path('/www/outside'), '');
    symlinkSync(world.path('/www/outside'), `${folder}/link`);
    for (const path of [folder, `${folder}/sub`, `${folder}/sub/mine`, world.path('/www/outside')])
      chownSync(path, 30_001, 30_001);
    chownSync(`${folder}/theirs`, 30_002, 30_002);
    const chore = { user: 'site-aaaaaaaa', folder, fromUid: 30_001, toUid: 0, isUserDeleted: true };
    mkdirSync(`${world.settings.stateFolder}/chores`);
    await machine.engine.run({
      changeId: newChangeId(),
      action: 'test',
      actor: 't',
      wants: [choreWant(machine, chore)],
    });
    // The next start does it.
    machine.close();
    machine = await openMachine(world.settings);
    await doChores(machine);
    expect(lstatSync(`${folder}/sub/mine`).uid).toBe(0);
    expect(lstatSync(`${folder}/theirs`).uid).toBe(30_002);
    expect(lstatSync(world.path('/www/outside')).uid).toBe(30_001);
    expect(existsSync(`${world.settings.stateFolder}/chores/site-aaaaaaaa`)).toBe(false);
    await doChores(machine);
  },
);

it('a chore whose folder somebody has removed is done', async () => {
  const chore = { user: 'site-bbbbbbbb', folder: world.path('/www/gone'), fromUid: 1, toUid: 0, isUserDeleted: false };
  mkdirSync(`${world.settings.stateFolder}/chores`);
  await machine.engine.run({ changeId: newChangeId(), action: 'test', actor: 't', wants: [choreWant(machine, chore)] });
  await doChores(machine);
  expect(existsSync(`${world.settings.stateFolder}/chores/site-bbbbbbbb`)).toBe(false);
});

// In a mount namespace of its own: the account files of this machine are not touched.
const canHavePrivateEtc =
  isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0 && existsSync('/usr/sbin/useradd');
it.runIf(canHavePrivateEtc)(
  'SITE-2 on a real machine each site gets an account of its own that cannot sign in, from spares made before',
  () => {
    const script = `
    mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc || exit 77
    exec "$0" --input-type=module-typescript -e '
      const { openMachine, listAccounts } = await import("${import.meta.dirname}/../core/machine.ts");
      const { takeUser, refillSpares, deleteUser } = await import("${import.meta.dirname}/users.ts");
      const machine = await openMachine({ ...${JSON.stringify({ ...world.settings, stateFolder: `${world.folder}/state2` })}, rootPrefix: "" });
      const taken = new Set();
      const from = performance.now();
      for (let count = 0; count < 2; count++) taken.add((await takeUser(machine, taken)).name);
      await Promise.all([refillSpares(machine, () => taken), takeUser(machine, taken).then(({ name }) => taken.add(name))]);
      const spareFrom = performance.now();
      const spare = await takeUser(machine, taken);
      const spareMs = performance.now() - spareFrom;
      const before = listAccounts().length;
      await deleteUser(machine, spare.name);
      await deleteUser(machine, "root");
      console.log(JSON.stringify({ users: [...taken], spare, spareMs, removed: before - listAccounts().length, passwd: listAccounts().filter(({ name }) => name.startsWith("site-")) }));
      process.exit(0);
    '`;
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', '/bin/sh', '-c', script, process.execPath],
      {
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    if (status === 77) return console.log('not run: no overlay file system here');
    expect(stderr).not.toContain('Error');
    const seen = JSON.parse(stdout) as {
      users: string[];
      spare: { uid: number };
      spareMs: number;
      removed: number;
      passwd: { name: string; uid: number; gid: number }[];
    };
    expect(new Set(seen.users).size).toBe(3);
    expect(seen.spare.uid).toBeGreaterThanOrEqual(20_000);
    expect(seen.spareMs).toBeLessThan(50);
    expect(seen.removed).toBe(1);
    expect(new Set(seen.passwd.map(({ uid }) => uid)).size).toBe(seen.passwd.length);
    expect(seen.passwd.length).toBeGreaterThanOrEqual(8);
  },
  90_000,
);
