import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { startFaultProcess, type FaultProcess } from '../testing/fault-process.ts';
import { hasNginx, makeWorld, newChangeId, snapshot, specOf, visitUntil, type World } from '../testing/world.ts';

/*
 * kill -9 of a real process with the agent's engine and handlers: at every step that the journal knows, and at random
 * instants. Afterwards the next start must leave exactly the old or exactly the new state, and say which.
 */

const longestRepairMs = 2_000;
/** With those of the web process (server/features/sites/kill.test.ts) over 200. */
const randomKills = 120;
const randomKillsWithNginx = 24;

/** What belongs to sites; logs and nginx's own run files are not part of any change. */
const watched = ['/etc/nginx', '/www'];
const notState = /\.log$|^\/www\/wwwlogs\/./;

let child: Bundled;
beforeAll(async () => {
  child = await bundleProgram('agent/testing/fault-child.ts');
});
afterAll(() => child.remove());

/** `killAt`: kills itself at this point of its next change, counted from 0. */
async function start(world: World, killAt: number | null = null): Promise<FaultProcess> {
  const agent = await startFaultProcess(child.program, world.settings, killAt);
  expect(agent.recoveryMs).toBeLessThan(longestRepairMs);
  return agent;
}

const see = (world: World): string => snapshot(world.prefix, watched, notState);
/** Records of the agent without the name of the Linux user, which is drawn at random here. */
function records(world: World): string {
  const folder = `${world.settings.stateFolder}/sites`;
  return readdirSync(folder)
    .sort()
    .map((name) => `${name} ${readFileSync(`${folder}/${name}`, 'utf8').replace(/site-[a-z2-7]{8}/, 'site-user')}`)
    .join('');
}
const stateOf = (world: World): string => `${see(world)}\n${records(world)}`;

type Action = {
  readonly action: 'sites.apply' | 'sites.remove' | 'sites.restore';
  readonly params: Record<string, unknown>;
};

const applied = (spec: SiteSpec, isNew = false): Action => ({
  action: 'sites.apply',
  params: { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' },
});

async function removal(agent: FaultProcess, spec: SiteSpec, changeId = newChangeId()): Promise<Action> {
  const site = { siteId: spec.siteId, slug: spec.slug };
  const preview = await agent.ask('sites.preview_removal', { site, root: spec.root });
  return {
    action: 'sites.remove',
    params: { site, root: spec.root, changeId, files: 'recycle', confirm: preview?.result?.['confirm'] },
  };
}

async function outcomeOf(agent: FaultProcess, { params }: Action): Promise<unknown> {
  return (await agent.ask('changes.get', { changeId: params['changeId'] }))?.result?.['state'];
}

/** With nginx where its part matters; the others show the files alone and are quicker. */
const kinds = [
  { kind: 'a creation', nginx: 'running' },
  { kind: 'a change', nginx: 'running' },
  { kind: 'a deletion', nginx: 'running' },
  { kind: 'switching off', nginx: 'missing' },
  { kind: 'taking a deletion back', nginx: 'missing' },
] as const;
type Kind = (typeof kinds)[number]['kind'];

async function prepare(world: World, agent: FaultProcess, kind: Kind): Promise<Action> {
  const spec = specOf(world, 'kill.test');
  if (kind === 'a creation') return applied(spec, true);
  await agent.ask('sites.apply', applied(spec, true).params);
  const domains = [...spec.domains, { host: 'wider.test', port: world.port }];
  if (kind === 'a change') return applied({ ...spec, domains, customDirectives: 'add_header X-Kill yes;\n' });
  if (kind === 'switching off') return applied({ ...spec, isEnabled: false });
  const deletion = await removal(agent, spec);
  if (kind === 'a deletion') return deletion;
  await agent.ask('sites.remove', deletion.params);
  const params = { spec, changeId: newChangeId(), removalChangeId: deletion.params['changeId'] };
  return { action: 'sites.restore', params };
}

it.each(kinds.map(({ kind, nginx }) => [kind, hasNginx ? nginx : ('missing' as const)] as const))(
  'FAULT-1 SITE-3 a kill -9 at every step of %s leaves exactly the old or the new state (nginx: %s)',
  async (kind, nginx) => {
    const world = await makeWorld({ nginx });
    try {
      const first = await start(world);
      // nginx opens logs itself: the folder that holds them must not be this site's alone.
      await first.ask('sites.apply', applied(specOf(world, 'first.test'), true).params);
      const action = await prepare(world, first, kind);
      await first.kill();
      const before = stateOf(world);
      const isServedBefore = kind === 'a change' || kind === 'a deletion';
      const points: string[] = [];
      let agent = await start(world, 0);
      while (points.at(-1) !== 'committed') {
        expect(await agent.ask(action.action, action.params), points.join(', ')).toBeUndefined();
        const killedAt = agent.points.at(-1) ?? '';
        points.push(killedAt);
        agent = await start(world, points.length);
        expectNothingBeside(world);
        const outcome = await outcomeOf(agent, action);
        if (killedAt === 'committed') {
          expect(outcome).toBe('committed');
          expect(stateOf(world)).not.toBe(before);
          expect(agent.recovered).toEqual([]);
          continue;
        }
        expect(outcome, killedAt).toBe('rolled_back');
        expect(stateOf(world), killedAt).toBe(before);
        expect(agent.recovered).toEqual([{ changeId: action.params['changeId'], outcome: 'rolled_back' }]);
        // nginx itself is back too, not only its files.
        if (nginx === 'running') await expectStatus(world, 'kill.test', isServedBefore ? 200 : 404);
      }
      expect(points).toEqual(expect.arrayContaining(['begun', 'activated', 'probed']));
      // What was committed is the whole new state: asking again changes nothing.
      const after = stateOf(world);
      expect((await agent.ask(action.action, action.params))?.error).toBeUndefined();
      expect(stateOf(world)).toBe(after);
      await agent.kill();
    } finally {
      world.destroy();
    }
  },
  120_000,
);

async function expectStatus(world: World, host: string, status: number): Promise<void> {
  expect((await visitUntil(world.port, host, (seen) => seen.status === status)).status).toBe(status);
}

function expectNothingBeside(world: World): void {
  const hidden = snapshot(world.prefix, ['/etc/nginx', '/www'])
    .split('\n')
    .filter((line) => /\/\.[^/]*$/.test(line.split(' ')[0] ?? ''));
  expect(hidden).toEqual([]);
  expect(readdirSync(`${world.settings.stateFolder}/candidate`)).toEqual([]);
}

describe('kill -9 at random instants', () => {
  const lanes = 2;
  it(`FAULT-1 SITE-3 ${randomKills} kills at random instants of creations, changes and deletions leave no half site`, async () => {
    const results = await Promise.all(Array.from({ length: lanes }, () => randomLane('missing', randomKills / lanes)));
    report(results);
  }, 300_000);

  it.runIf(hasNginx)(
    `FAULT-1 SITE-3 ${randomKillsWithNginx} more with a running nginx, which serves exactly the state that is left`,
    async () => {
      report([await randomLane('running', randomKillsWithNginx)]);
    },
    300_000,
  );
});

type Lane = { readonly kills: number; readonly outcomes: Record<string, number>; readonly slowestMs: number };

function report(lanes: readonly Lane[]): void {
  const outcomes: Record<string, number> = {};
  for (const lane of lanes)
    for (const [name, count] of Object.entries(lane.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + count;
  const slowestMs = Math.max(...lanes.map((lane) => lane.slowestMs));
  console.log('killed at random', {
    kills: lanes.reduce((sum, { kills }) => sum + kills, 0),
    outcomes,
    slowestMs: Math.round(slowestMs),
  });
  expect(slowestMs).toBeLessThan(longestRepairMs);
  // Kills in and behind the change: otherwise the instants prove nothing.
  expect(outcomes['rolled_back']).toBeGreaterThan(0);
  expect(outcomes['committed']).toBeGreaterThan(0);
}

/** How long a change takes in a process that has just started: from the question, and from its first line in the journal. */
async function measure(world: World, sites: Map<string, SiteSpec>): Promise<{ wholeMs: number; begunMs: number }> {
  const agent = await start(world);
  const spec = specOf(world, 'measured.test');
  const from = performance.now();
  const asked = agent.ask('sites.apply', applied(spec, true).params);
  await agent.begun;
  const begunAt = performance.now();
  expect((await asked)?.error).toBeUndefined();
  sites.set(spec.slug, spec);
  await agent.kill();
  return { wholeMs: performance.now() - from, begunMs: performance.now() - begunAt };
}

/** One machine on which change after change is killed: half of them from the question on, half within the change itself. */
async function randomLane(nginx: 'missing' | 'running', kills: number): Promise<Lane> {
  const world = await makeWorld({ nginx });
  const outcomes: Record<string, number> = {};
  let slowestMs = 0;
  /** What the panel would have in its database: sites as of the last change that was committed. */
  const sites = new Map<string, SiteSpec>();
  try {
    const { wholeMs, begunMs } = await measure(world, sites);
    let agent = await start(world);
    for (let round = 0; round < kills; round++) {
      const { action, after } = await nextChange(world, agent, sites, round);
      const before = stateOf(world);
      const asked = agent.ask(action.action, action.params);
      if (round % 2 === 0) await agent.begun;
      await wait(Math.random() * 1.2 * (round % 2 === 0 ? begunMs : wholeMs));
      await agent.kill();
      await asked;
      agent = await start(world);
      slowestMs = Math.max(slowestMs, agent.recoveryMs);
      const outcome = String(await outcomeOf(agent, action));
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      expect(agent.recovered.every((each) => each.outcome === 'rolled_back')).toBe(true);
      if (outcome === 'committed') after();
      else expect(stateOf(world), `round ${round}`).toBe(before);
      await expectWhole(world, agent, sites, nginx === 'running');
    }
    await agent.kill();
  } finally {
    world.destroy();
  }
  return { kills, outcomes, slowestMs };
}

async function nextChange(
  world: World,
  agent: FaultProcess,
  sites: Map<string, SiteSpec>,
  round: number,
): Promise<{ action: Action; after: () => void }> {
  const present = [...sites.values()];
  const chosen = present[Math.floor(Math.random() * present.length)];
  const dice = Math.random();
  if (chosen === undefined || present.length < 3 || (dice < 0.3 && present.length < 6)) {
    const spec = specOf(world, `s${round}.test`);
    return { action: applied(spec, true), after: () => void sites.set(spec.slug, spec) };
  }
  if (dice < 0.5) return { action: await removal(agent, chosen), after: () => void sites.delete(chosen.slug) };
  const changed: SiteSpec =
    dice < 0.75
      ? { ...chosen, isEnabled: !chosen.isEnabled }
      : { ...chosen, customDirectives: chosen.customDirectives === '' ? 'add_header X-A b;\n' : '' };
  return { action: applied(changed), after: () => void sites.set(changed.slug, changed) };
}

/** Every site that should be there is there whole, and nothing else is. */
async function expectWhole(
  world: World,
  agent: FaultProcess,
  sites: Map<string, SiteSpec>,
  isServed: boolean,
): Promise<void> {
  expectNothingBeside(world);
  const names = [...sites.keys()].sort();
  const files = (folder: string): string[] => {
    const path = world.path(`/etc/nginx/aapanel/${folder}`);
    return names.length === 0 && !exists(path)
      ? []
      : readdirSync(path)
          .map((name) => name.replace(/\.conf$/, ''))
          .sort();
  };
  expect(files('sites')).toEqual(names);
  expect(files('enabled')).toEqual(names);
  for (const spec of sites.values()) {
    const inspected = await agent.ask('sites.inspect', { spec });
    expect(inspected?.result).toMatchObject({ drift: 'in_sync', diff: '', rootExists: true });
  }
  const one = [...sites.values()].at(-1);
  if (!isServed || one === undefined) return;
  await expectStatus(world, one.slug, one.isEnabled ? 200 : 503);
}

function exists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
