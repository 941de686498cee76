import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sitePhp } from '#shared/site-php.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { startFaultProcess } from '../testing/fault-process.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import { hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';

let child: Bundled;
beforeAll(async () => {
  child = await bundleProgram('agent/testing/fault-child.ts');
});
afterAll(() => child.remove());

it.runIf(hasNginx && hasPhp)(
  'FAULT-1 SITE-3 a kill -9 at every step of a change to another PHP version and a process of its own leaves exactly the old or the new one, and it answers',
  async () => {
    const world: World = await makeWorld({ nginx: 'running' });
    installPhp(world, '8.2');
    installPhp(world, '8.9');
    const state = (): string => snapshot(world.prefix, ['/etc/nginx', '/etc/php', '/www'], /\.log$/);
    const start = (killAt: number | null) => startFaultProcess(child.program, world.settings, killAt);
    try {
      const php = (version: string, isApart = false) => sitePhp.parse({ version, isApart });
      const spec = specOf(world, 'kill.test', { kind: 'php', php: php('8.2') });
      const first = await start(null);
      const created = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' };
      expect((await first.ask('sites.apply', created))?.error).toBeUndefined();
      await first.kill();
      writeFileSync(`${world.prefix}${spec.root}/index.php`, '<?php echo ini_get("error_log") === "" ? "no" : "runs";');
      const before = state();
      const change = {
        spec: { ...spec, php: php('8.9', true) },
        changeId: newChangeId(),
        isNew: false,
        onDrift: 'refuse',
      };
      let points = 0;
      for (let last = ''; last !== 'committed'; points++) {
        const agent = await start(points);
        expect(await agent.ask('sites.apply', change)).toBeUndefined();
        last = agent.points.at(-1) ?? '';
        const next = await start(null);
        expect(
          next.recovered.map(({ outcome }) => outcome),
          last,
        ).toEqual(last === 'committed' ? [] : ['rolled_back']);
        await next.kill();
        if (last === 'committed') expect(state()).not.toBe(before);
        else expect(state(), last).toBe(before);
        const seen = await visitUntil(world.port, 'kill.test', ({ status }) => status === 200);
        expect(seen.body, last).toBe('runs');
      }
      expect(points).toBeGreaterThan(5);
      expect(existsSync(world.path('/etc/php/8.9/fpm/aapanel/kill.test.conf'))).toBe(true);
    } finally {
      stopPhp(world);
      world.destroy();
    }
  },
  60_000,
);
