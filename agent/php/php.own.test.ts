import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { sitePhp } from '#shared/site-php.ts';
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
import { startPhp, verifyPhp } from '../packages/php-steps.ts';
import { phpHandlers } from './php.actions.ts';
import { checkOwn } from './php.check.ts';
import { ownMainText, settleOwnFpms } from './php.own.ts';
import { ownFpm, phpSocket, sharedFpm } from './php.paths.ts';
import { findFpmMaster, startFpm } from './php.process.ts';

let world: World;
let machine: Machine;
const apply = (spec: SiteSpec, isNew = true, onDrift: 'refuse' | 'overwrite' = 'refuse') =>
  sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift }, call());
const specFor = (name: string, php: object): SiteSpec =>
  specOf(world, name, { kind: 'php', php: sitePhp.parse({ version: '8.2', ...php }) });
const withPhp = (spec: SiteSpec, php: object): SiteSpec => ({
  ...spec,
  php: sitePhp.parse({ version: '8.2', ...php }),
});
const index = (spec: SiteSpec, text: string): void =>
  writeFileSync(world.path(`${spec.root}/index.php`), text, { mode: 0o644 });
const fpmOf = (spec: SiteSpec) => ownFpm(world.prefix, '8.2', spec.slug);
const socketOf = (spec: SiteSpec, isApart: boolean): string =>
  phpSocket(world.prefix, { version: '8.2', isApart }, spec.siteId);
const poolOf = (spec: SiteSpec): string => world.path(`/etc/php/8.2/fpm/pool.d/aapanel-${spec.slug}.conf`);
const shared = () => findFpmMaster(sharedFpm(world.prefix, '8.2'));
/** Every file of a master of its own. */
const leftOf = (spec: SiteSpec): string[] => {
  const { main, pid, log } = fpmOf(spec);
  return [main, pid, log, socketOf(spec, true)].filter((path) => existsSync(path));
};
const ok = ({ status }: { status: number }) => status === 200;
/** Answers all that four visitors saw until the work was over, without repetitions. */
async function underVisits(hosts: readonly string[], work: () => Promise<void>): Promise<string[]> {
  let isOver = false;
  const seen = new Set<string>();
  const visitor = async (host: string): Promise<void> => {
    while (!isOver) {
      const { status, body } = await visit(world.port, host);
      seen.add(`${host} ${status} ${status === 200 ? body : ''}`);
    }
  };
  const visitors = hosts.flatMap((host) => [visitor(host), visitor(host)]);
  try {
    await work();
  } finally {
    isOver = true;
    await Promise.all(visitors);
  }
  return [...seen].sort();
}

async function kill(spec: SiteSpec): Promise<void> {
  const master = findFpmMaster(fpmOf(spec));
  if (master === undefined) throw new Error('it does not run');
  process.kill(master, 'SIGKILL');
  while (findFpmMaster(fpmOf(spec)) === master) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe.runIf(hasNginx && hasPhp)(
  'PHP of a site in a process of its own, with a real nginx and a real PHP-FPM',
  () => {
    beforeAll(async () => {
      world = await makeWorld({ nginx: 'running' });
      installPhp(world, '8.2');
      machine = await openMachine(world.settings);
    });
    afterAll(() => endWorld(world, machine, stopPhp));

    it('SITE-2 is switched on and off without one failed request, there and at a site beside it', async () => {
      const spec = specFor('own.test', {});
      const beside = specFor('beside.test', {});
      await apply(beside);
      index(beside, '<?php echo "beside";');
      await apply(spec);
      index(spec, '<?php usleep(2000); echo "here";');
      await visitUntil(world.port, 'own.test', (seen) => seen.body === 'here');
      await visitUntil(world.port, 'beside.test', (seen) => seen.body === 'beside');
      const seen = await underVisits(['own.test', 'beside.test'], async () => {
        const { files } = await apply(withPhp(spec, { isApart: true }), false);
        expect(files.map(({ path }) => path)).toContain('/etc/php/8.2/fpm/aapanel/own.test.conf');
        await machine.settled();
        expect([existsSync(poolOf(spec)), existsSync(socketOf(spec, false)), leftOf(spec).length]).toEqual([
          false,
          false,
          4,
        ]);
        expect(shared()).toBeDefined();
        expect(findFpmMaster(fpmOf(spec))).toBeDefined();
        await apply(spec, false);
        await machine.settled();
        expect([existsSync(poolOf(spec)), leftOf(spec), findFpmMaster(fpmOf(spec))]).toEqual([true, [], undefined]);
      });
      expect(seen).toEqual(['beside.test 200 beside', 'own.test 200 here']);
    });

    it('its values change without a word to the others, its processes are its own, and they are ended alone', async () => {
      const spec = specFor('values.test', { isApart: true });
      const beside = specFor('values-beside.test', {});
      await apply(beside);
      await apply(spec);
      index(spec, '<?php echo "mine";');
      await visitUntil(world.port, 'values.test', ok);
      const before = shared();
      await apply(withPhp(spec, { isApart: true, ini: { memoryLimitMb: 99 } }), false);
      await machine.settled();
      expect(shared()).toBe(before);
      index(spec, '<?php echo ini_get("memory_limit");');
      expect((await visitUntil(world.port, 'values.test', ok)).body).toBe('99M');
      const site = { siteId: spec.siteId, slug: spec.slug };
      expect((await phpHandlers['php.pool'](machine, { site }, call())).pool).not.toBeNull();
      const { ended } = await phpHandlers['php.restart_pool'](machine, { site }, call());
      expect(ended).toBeGreaterThan(0);
      expect((await visitUntil(world.port, 'values.test', ok)).body).toBe('99M');
    });

    it('what its FPM refuses or cannot start changes nothing, and nothing of it runs on', async () => {
      const spec = specFor('refused.test', {});
      await apply(spec);
      index(spec, '<?php echo "old";');
      await visitUntil(world.port, 'refused.test', ok);
      const see = () => snapshot(world.prefix, ['/etc/nginx', '/etc/php', '/www'], /\.log$/);
      const before = see();
      const refused = async (): Promise<void> => {
        await expect(apply(withPhp(spec, { isApart: true }), false)).rejects.toMatchObject({ code: 'config_rejected' });
        expect(see()).toBe(before);
        expect(findFpmMaster(fpmOf(spec))).toBeUndefined();
        expect((await visit(world.port, 'refused.test')).body).toBe('old');
      };
      // A folder stands where the socket would be: only the start itself finds that out.
      mkdirSync(socketOf(spec, true));
      await refused();
      rmdirSync(socketOf(spec, true));
      const text = ownMainText(fpmOf(spec), '[x]\nno such thing = 1\n', world.path('/var/log/php8.2-fpm.log'));
      const main = '/etc/php/8.2/fpm/aapanel/refused.test.conf';
      await expect(checkOwn(machine, fpmOf(spec), text)).rejects.toMatchObject({
        reason: 'php_rejected',
        params: {
          message: expect.stringMatching(new RegExp(`^\\[${main}:\\d+\\] unknown entry 'no such thing'`)) as string,
        },
      });
      expect(readdirSync(`${machine.stateFolder}/candidate`)).toEqual([]);
    });

    it('SITE-4 its file changed by hand is shown with its difference, and others are not held up by it', async () => {
      const spec = specFor('drift.test', { isApart: true });
      await apply(spec);
      const { main } = fpmOf(spec);
      writeFileSync(main, `${readFileSync(main, 'utf8')}no such thing = 1\n`);
      const seen = await sitesHandlers['sites.inspect'](machine, { spec }, call());
      expect(seen).toMatchObject({ drift: 'changed', configPath: '/etc/php/8.2/fpm/aapanel/drift.test.conf' });
      expect(seen.diff).toContain('+no such thing = 1');
      await apply(specFor('not-held-up.test', {}));
      await expect(apply(spec, false)).rejects.toMatchObject({ reason: 'site_drift' });
      await apply(spec, false, 'overwrite');
      expect((await visitUntil(world.port, 'drift.test', ok)).body).toContain('PHP');
    });

    it('a site that is switched off or deleted leaves no process, no socket and no file of it, and comes back with it', async () => {
      const spec = specFor('onoff.test', { isApart: true });
      await apply(spec);
      await apply({ ...spec, isEnabled: false }, false);
      await machine.settled();
      expect([leftOf(spec), findFpmMaster(fpmOf(spec))]).toEqual([[], undefined]);
      await apply(spec, false);
      expect((await visitUntil(world.port, 'onoff.test', ok)).body).toContain('PHP');
      const site = { siteId: spec.siteId, slug: spec.slug };
      const { items, confirm } = await sitesHandlers['sites.preview_removal'](
        machine,
        { site, root: spec.root },
        call(),
      );
      expect(items.map(({ path }) => path)).toContain('/etc/php/8.2/fpm/aapanel/onoff.test.conf');
      const changeId = newChangeId();
      const removal = { site, root: spec.root, changeId, files: 'recycle', confirm } as const;
      await sitesHandlers['sites.remove'](machine, removal, call());
      await machine.settled();
      expect([leftOf(spec), findFpmMaster(fpmOf(spec))]).toEqual([[], undefined]);
      await sitesHandlers['sites.restore'](
        machine,
        { spec, changeId: newChangeId(), removalChangeId: changeId },
        call(),
      );
      expect((await visitUntil(world.port, 'onoff.test', ok)).body).toContain('PHP');
    });

    it('one that was killed is started by the agent’s start and after the packages, and one that no site wants is ended', async () => {
      const spec = specFor('killed.test', { isApart: true });
      await apply(spec);
      const stray = ownFpm(world.prefix, '8.2', 'stray.test');
      const pool = [
        '[stray]',
        `listen = "${world.path('/run/php/stray.sock')}"`,
        'pm = ondemand',
        'pm.max_children = 1',
      ];
      const runsAs = process.getuid?.() === 0 ? ['user = www-data', 'group = www-data'] : [];
      writeFileSync(stray.main, ownMainText(stray, [...pool, ...runsAs, ''].join('\n')));
      expect(await startFpm(machine, stray)).toBeUndefined();
      rmSync(stray.main);
      await kill(spec);
      expect(findFpmMaster(stray)).toBeDefined();
      await settleOwnFpms(machine);
      expect([findFpmMaster(stray), existsSync(stray.log)]).toEqual([undefined, false]);
      expect(findFpmMaster(fpmOf(spec))).toBeDefined();
      expect((await visitUntil(world.port, 'killed.test', ok)).body).toContain('PHP');
      await kill(spec);
      const said: string[] = [];
      expect(await startPhp(machine, '8.2', (line) => said.push(line))).toBe(0);
      expect(said).toEqual(expect.arrayContaining(['php-fpm8.2 runs.', `${fpmOf(spec).service} runs.`]));
      expect(await verifyPhp(machine, '8.2', () => undefined)).toBe(0);
      expect((await visitUntil(world.port, 'killed.test', ok)).body).toContain('PHP');
      const { items } = await phpHandlers['php.versions'](machine, {}, call());
      expect(items).toContainEqual(expect.objectContaining({ version: '8.2', isRunning: true }));
    });
  },
);
