import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { sitesHandlers } from './sites.actions.ts';

const isRoot = process.getuid?.() === 0;
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

/** The same disorder at every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function everyPath(folder: string): string[] {
  return [
    folder,
    ...readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? everyPath(path) : entry.isFile() ? [path] : [];
    }),
  ];
}

it.runIf(isRoot && hasNginx)(
  'SITE-6 after random modes and owners on 50 paths of a site, repair restores the declared map and the site answers',
  async () => {
    const spec = specOf(world, 'broken.test', { customDirectives: 'add_header X-Test yes;\n' });
    const site = { siteId: spec.siteId, slug: spec.slug };
    await sitesHandlers['sites.apply'](
      machine,
      { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
      call(),
    );
    const root = world.path(spec.root);
    for (let number = 0; number < 42; number++) {
      const folder = `${root}/part-${number % 6}/deep`;
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/${number}.html`, `page ${number}`);
    }
    writeFileSync(`${root}/.env`, 'SECRET=1');
    writeFileSync(`${root}/tool.sh`, 'true', { mode: 0o755 });
    writeFileSync(world.path('/www/outside'), 'safe', { mode: 0o600 });
    symlinkSync(world.path('/www/outside'), `${root}/link`);
    // A second name of a file of somebody else's.
    writeFileSync(world.path('/www/others'), 'theirs', { mode: 0o600 });
    chownSync(world.path('/www/others'), 30_009, 30_009);
    linkSync(world.path('/www/others'), `${root}/second-name`);
    const config = ['sites', 'custom'].map((name) => world.path(`/etc/nginx/aapanel/${name}/broken.test.conf`));
    const places = [
      ...everyPath(root).filter((path) => !path.endsWith('/second-name') && !path.endsWith('/tool.sh')),
      world.path('/www/wwwlogs/broken.test.access.log'),
      world.path('/www/wwwroot'),
      ...config,
    ];
    expect(places.length).toBeGreaterThanOrEqual(50);
    const random = randomFrom(6);
    for (const path of places) {
      chownSync(path, 30_000 + random(5), 30_000 + random(5));
      chmodSync(path, random(0o1000));
    }
    chmodSync(root, 0);
    const { repaired, left, isWhole, isConfigChecked } = await sitesHandlers['sites.repair'](
      machine,
      { site },
      call(60),
    );
    expect([left, isWhole, isConfigChecked]).toEqual([1, true, true]);
    expect(repaired).toBeGreaterThanOrEqual(50);
    const own = lstatSync(root);
    for (const path of everyPath(root).filter((each) => !each.endsWith('/second-name'))) {
      const { uid, gid, mode } = lstatSync(path);
      expect([path, uid, gid]).toEqual([path, own.uid, own.gid]);
      const looks = mode & 0o7777;
      if (lstatSync(path).isDirectory()) expect([path, looks]).toEqual([path, 0o2755]);
      else if (path.endsWith('/.env')) expect(looks & 0o077).toBe(0);
      else expect([path, looks & 0o7022, looks & 0o644]).toEqual([path, 0, 0o644]);
    }
    expect([own.uid, lstatSync(`${root}/tool.sh`).mode & 0o777]).toEqual([0, 0o755]);
    expect(config.map((path) => [lstatSync(path).uid, lstatSync(path).mode & 0o777])).toEqual([
      [0, 0o644],
      [0, 0o644],
    ]);
    expect(lstatSync(world.path('/www/wwwlogs/broken.test.access.log')).mode & 0o777).toBe(0o640);
    // Neither through a link nor through a second name is anything of others changed.
    expect([lstatSync(world.path('/www/outside')).mode & 0o777, lstatSync(world.path('/www/outside')).uid]).toEqual([
      0o600, 0,
    ]);
    expect(lstatSync(world.path('/www/others')).uid).toBe(30_009);
    const page = await visitUntil(world.port, 'broken.test', ({ status }) => status === 200, '/part-3/deep/3.html');
    expect(page.body).toBe('page 3');
    expect(await sitesHandlers['sites.repair'](machine, { site }, call(60))).toMatchObject({ repaired: 0, left: 1 });
  },
);
