import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteApp } from '#shared/site-app.ts';
import { sitePhp } from '#shared/site-php.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { appsHandlers } from '../apps/apps.actions.ts';
import { settleApps } from '../apps/apps.recovery.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { installNode, serverText, stopApps, writeApp } from '../testing/apps.ts';
import { hasPhp, installPhp, stopPhp } from '../testing/php.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visit, visitUntil, type World } from '../testing/world.ts';
import { settleEndedNow } from './ended-sites.ts';
import { findRecord } from './site-records.ts';
import { sitesHandlers } from './sites.actions.ts';

let world: World;
let machine: Machine;
/** The agent's clock; nginx has its own, for which all of these ends are over. */
const end = Date.parse('2026-01-01T00:00:00.000Z');
let now = end - 1_000;
const endsAt = new Date(end).toISOString();
const ref = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });
const reachUntil = (at: string | null) => ({ ...defaultSettings.reach, endsAt: at });
const later = '2099-01-01T00:00:00.000Z';
const soon = () => call(60);

async function apply(spec: SiteSpec, isNew = false): Promise<void> {
  await sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, soon());
  await machine.settled();
}

async function settle(spec: SiteSpec): Promise<void> {
  await sitesHandlers['sites.settle_end'](machine, { site: ref(spec) }, soon());
  await machine.settled();
}

const status = (spec: SiteSpec) => appsHandlers['apps.status'](machine, { site: ref(spec) }, soon());
const isThere = (pid: number): boolean => existsSync(`/proc/${pid}/cwd`);
const unitOf = (spec: SiteSpec): string =>
  world.path(`/etc/systemd/system/aapanel-app-${spec.slug}-${findRecord(machine, spec.slug)?.app?.slot}.service`);

/** A site whose application runs, and the id of its process. */
async function running(name: string): Promise<{ spec: SiteSpec; pid: number }> {
  const app = siteApp.parse({ program: 'node', arguments: ['server.js'], healthSeconds: 10 });
  const spec = specOf(world, name, { kind: 'app', app, reach: reachUntil(endsAt) });
  writeApp(world, spec.root, { 'server.js': serverText('1') });
  now = end - 1_000;
  await apply(spec, true);
  await expect.poll(async () => (await status(spec)).state, { timeout: 10_000 }).toBe('running');
  return { spec, pid: (await status(spec)).pid ?? 0 };
}

describe.runIf(hasNginx)('sites whose time is over, with a real nginx and real processes', () => {
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    installNode(world);
    if (hasPhp) installPhp(world, '8.2');
    machine = await openMachine(world.settings, { now: () => now });
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    stopApps(world);
    if (hasPhp) stopPhp(world);
    world.destroy();
  });

  it('an application goes on until its end, then nothing of it is left running, and a later end brings it back', async () => {
    const { spec, pid } = await running('ending.test');
    await settle(spec);
    expect(isThere(pid)).toBe(true);
    expect(existsSync(`${world.settings.stateFolder}/ending/${spec.slug}`)).toBe(true);
    const unit = unitOf(spec);
    now = end;
    await settle(spec);
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(unit)).toBe(false);
    expect(existsSync(unit.replace('/system/', '/system/multi-user.target.wants/'))).toBe(false);
    expect(await status(spec)).toMatchObject({ state: 'stopped', isOn: true });
    const page = await visitUntil(world.port, spec.slug, ({ status: code }) => code === 503);
    expect(page.body).toContain('This site has ended');
    // What the panel would write is what lies there.
    expect(await sitesHandlers['sites.inspect'](machine, { spec }, soon())).toMatchObject({
      drift: 'in_sync',
      diff: '',
    });
    for (const to of ['start', 'restart'] as const)
      await expect(
        appsHandlers['apps.switch'](machine, { site: ref(spec), to, changeId: newChangeId() }, soon()),
      ).rejects.toMatchObject({ reason: 'app_site_ended' });
    // A change of something else, by hand or by undo, does not bring it back either.
    await apply({ ...spec, app: siteApp.parse({ ...spec.app, isWebsocket: false }) });
    expect(await status(spec)).toMatchObject({ state: 'stopped' });
    await apply({ ...spec, reach: reachUntil(later) });
    await visitUntil(world.port, spec.slug, ({ body }) => body === 'version 1');
    await apply({ ...spec, reach: reachUntil(null) });
    expect(existsSync(`${world.settings.stateFolder}/ending/${spec.slug}`)).toBe(false);
  });

  it('a start of the agent after the end starts no application of the site, and ends one that the machine has started', async () => {
    const { spec, pid } = await running('reboot.test');
    now = end;
    await settleApps(machine);
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
    await settleApps(machine);
    expect(await status(spec)).toMatchObject({ state: 'stopped' });
    expect(findRecord(machine, spec.slug)?.isEnded).toBeUndefined();
    await settleEndedNow(machine);
    expect(findRecord(machine, spec.slug)?.isEnded).toBe(true);
    await machine.settled();
  });

  it('a text that somebody wrote by hand stays, and the application ends', async () => {
    const { spec, pid } = await running('hand.test');
    const path = world.path(`/etc/nginx/aapanel/sites/${spec.slug}.conf`);
    appendFileSync(path, '# by hand\n');
    await sitesHandlers['sites.adopt'](machine, { spec, changeId: newChangeId() }, soon());
    const text = readFileSync(path, 'utf8');
    now = end;
    await settle(spec);
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(text);
    await settleApps(machine);
    expect(await status(spec)).toMatchObject({ state: 'stopped' });
  });

  it.runIf(hasPhp)('the pool of a PHP site goes with its end and comes back with a later one', async () => {
    const spec = specOf(world, 'php-ending.test', {
      kind: 'php',
      php: sitePhp.parse({ version: '8.2' }),
      reach: reachUntil(endsAt),
    });
    const pool = world.path(`/etc/php/8.2/fpm/pool.d/aapanel-${spec.slug}.conf`);
    const socket = world.path(`/run/php/aapanel-${spec.siteId}-8.2.sock`);
    now = end - 1_000;
    await apply(spec, true);
    expect([pool, socket].map((each) => existsSync(each))).toEqual([true, true]);
    now = end;
    await settle(spec);
    expect(existsSync(pool)).toBe(false);
    await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(false);
    expect((await visit(world.port, spec.slug)).body).toContain('This site has ended');
    await apply({ ...spec, reach: reachUntil(later) });
    expect((await visitUntil(world.port, spec.slug, ({ status: code }) => code === 200)).body).toMatch(/PHP \d/);
  });
});
