import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { siteApp } from '#shared/site-app.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { installNode, serverText, stopApps, writeApp } from '../testing/apps.ts';
import { startFaultProcess } from '../testing/fault-process.ts';
import { hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';

let child: Bundled;
beforeAll(async () => {
  child = await bundleProgram('agent/testing/fault-child.ts');
});
afterAll(() => child.remove());

it.runIf(hasNginx)(
  'FAULT-1 RUN-2 a kill -9 around the start of a new application leaves the old one answering, alone, with its old environment',
  async () => {
    const world: World = await makeWorld({ nginx: 'running' });
    installNode(world);
    const state = (): string => snapshot(world.prefix, ['/etc', '/www'], /\.log$/);
    const start = (killAt: number | null) => startFaultProcess(child.program, world.settings, killAt);
    const appsOf = (): number =>
      readdirSync('/proc').filter(
        (pid) =>
          /^\d+$/.test(pid) &&
          readSafe(`/proc/${pid}/cmdline`).endsWith('server.js\0') &&
          readSafe(`/proc/${pid}/environ`).includes(world.folder),
      ).length;
    try {
      for (const [name, isOverlapping] of [
        ['beside.test', true],
        ['in-place.test', false],
      ] as const) {
        const environment = (value: string) => [{ name: 'MODE', value }];
        const app = siteApp.parse({
          program: 'node',
          arguments: ['server.js'],
          isOverlapping,
          environment: environment('old'),
        });
        const spec = specOf(world, name, { kind: 'app', app });
        writeApp(world, spec.root, { 'server.js': serverText('1') });
        const first = await start(null);
        const created = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' };
        expect((await first.ask('sites.apply', created))?.error).toBeUndefined();
        await first.kill();
        const before = state();
        const count = appsOf();
        const changed = { ...spec, app: { ...app, environment: environment('new') } };
        const change = { spec: changed, changeId: newChangeId(), isNew: false, onDrift: 'refuse' };
        // Before anything is written, while it is written, when the new one runs, when it was seen to answer.
        const probe = await start(null);
        await probe.kill();
        const seen: string[] = [];
        for (let at = 0; !seen.includes('probed'); at += 2) {
          const agent = await start(at);
          expect(await agent.ask('sites.apply', change)).toBeUndefined();
          const last = agent.points.at(-1) ?? '';
          seen.push(last);
          const next = await start(null);
          expect(
            next.recovered.map(({ outcome }) => outcome),
            last,
          ).toEqual(['rolled_back']);
          await next.kill();
          expect(state(), last).toBe(before);
          const { body } = await visitUntil(world.port, name, ({ status }) => status === 200, '/env?MODE');
          expect(body, last).toBe('old');
          expect(appsOf(), last).toBe(count);
          if (at > 60) throw new Error(`never came to the end: ${seen.join(', ')}`);
          if (seen.includes('activated') && !seen.includes('probed')) at -= 1;
        }
        expect(existsSync(world.path(`/etc/systemd/system/aapanel-app-${name}-a.service`))).toBe(true);
      }
    } finally {
      stopApps(world);
      world.destroy();
    }
  },
  120_000,
);

function readSafe(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
