import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { fileLimit } from '../nginx/nginx.limits.ts';
import { findMaster } from '../nginx/nginx.process.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { sitesHandlers } from './sites.actions.ts';

const count = 1_000;

let world: World;
let machine: Machine;
const apply = (spec: SiteSpec) =>
  sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' }, call(60));

beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'stopped' : 'missing' });
  machine = await openMachine(world.settings);
  await apply(specOf(world, 's0.test'));
  await machine.settled();
  machine.close();
  for (let index = 1; index < count; index++) copySite(`s${index}.test`);
  const from = performance.now();
  machine = await openMachine(world.settings);
  expect(performance.now() - from).toBeLessThan(2_000);
  if (hasNginx) world.startNginx();
}, 120_000);
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

/** Exactly what applying it would have left, without the thousand questions to nginx. */
function copySite(name: string): void {
  const paths = (slug: string) => ({
    text: world.path(`/etc/nginx/aapanel/sites/${slug}.conf`),
    record: `${world.settings.stateFolder}/sites/${slug}.json`,
  });
  const text = readFileSync(paths('s0.test').text, 'utf8').replaceAll('s0.test', name);
  const record = JSON.parse(readFileSync(paths('s0.test').record, 'utf8').replaceAll('s0.test', name)) as object;
  const files = { [`/etc/nginx/aapanel/sites/${name}.conf`]: createHash('sha256').update(text).digest('hex') };
  writeFileSync(paths(name).text, text);
  writeFileSync(paths(name).record, JSON.stringify({ ...record, siteId: newChangeId(), files }));
  symlinkSync(`../sites/${name}.conf`, world.path(`/etc/nginx/aapanel/enabled/${name}.conf`));
  mkdirSync(world.path(`/www/wwwroot/${name}`));
}

describe(`with ${count} sites`, () => {
  // So systemd starts it. Each site has two logs open.
  it.runIf(hasNginx)(
    'an nginx that may open 1,024 files gets room for more, and serves a new site',
    async () => {
      const limits = (): string => readFileSync(`/proc/${findMaster(world.prefix)}/limits`, 'utf8');
      execFileSync('prlimit', [`--pid=${findMaster(world.prefix)}`, '--nofile=1024:']);
      expect(limits()).toMatch(/^Max open files +1024 /m);
      await apply(specOf(world, 'roomy.test'));
      expect((await visitUntil(world.port, 'roomy.test', ({ status }) => status === 200)).status).toBe(200);
      const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits()) ?? [];
      expect(Number(soft)).toBe(Math.min(fileLimit, Number(hard)));
    },
    60_000,
  );

  it('a new one is created and served', async () => {
    await apply(specOf(world, 'new.test'));
    if (hasNginx) expect((await visitUntil(world.port, 'new.test', ({ status }) => status === 200)).status).toBe(200);
  }, 60_000);

  it('a domain of any of them is refused', async () => {
    const domains = [{ host: 's777.test', port: world.port }];
    await expect(apply(specOf(world, 'thief.test', { domains }))).rejects.toMatchObject({
      reason: 'domain_taken',
      params: { domain: 's777.test', site: 's777.test' },
    });
  });

  it.runIf(hasNginx)(
    'SITE-1 three that are broken by hand are set aside, and the change goes on',
    async () => {
      for (const name of ['s1.test', 's500.test', 's999.test'])
        writeFileSync(world.path(`/etc/nginx/aapanel/sites/${name}.conf`), 'broken\n');
      await apply(specOf(world, 'after.test'));
      expect((await visitUntil(world.port, 'after.test', ({ status }) => status === 200)).status).toBe(200);
      expect((await visitUntil(world.port, 's998.test', ({ status }) => status !== 0)).status).not.toBe(404);
      expect(existsSync(world.path('/etc/nginx/aapanel/enabled/s500.test.conf'))).toBe(false);
    },
    120_000,
  );
});
