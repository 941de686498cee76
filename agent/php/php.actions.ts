import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { phpSoftwareNames } from '#shared/software.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { availablePhp } from '../packages/apt.ts';
import { poll } from '../nginx/nginx.process.ts';
import { checkOwner, findRecord } from '../sites/site-records.ts';
import { sharedFpm } from './php.paths.ts';
import { fpmOf, ownFpms, poolsIn, socketOf, type OldPool } from './php.pools.ts';
import { statusOf } from './php.probe.ts';
import { findFpmMaster, workersOf } from './php.process.ts';
import { listExtensions } from './php.extensions.ts';
import { byVersion, installedVersions, sitesWith } from './php.versions.ts';

const gracePeriodMs = 1_500;

export const phpHandlers: Pick<Handlers, Extract<keyof Handlers, `php.${string}`>> = {
  'php.extensions': (machine, params) => listExtensions(machine, params),
  'php.pool': (machine, params) => readPool(machine, params),
  'php.restart_pool': (machine, params) => restartPool(machine, params),
  'php.versions': (machine) => listVersions(machine),
};

type SiteRef = ActionParams<AgentActions['php.pool']>['site'];

/** By the agent's own record: a wrong id in the request reaches nobody else's pool. */
function poolOf(machine: Machine, site: SiteRef): OldPool | undefined {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  return poolsIn(record)[0];
}

async function readPool(
  machine: Machine,
  { site }: ActionParams<AgentActions['php.pool']>,
): Promise<ActionResult<AgentActions['php.pool']>> {
  const pool = poolOf(machine, site);
  if (pool === undefined) return { pool: null };
  const status = await statusOf(socketOf(machine.prefix, pool));
  if (status === undefined) return { pool: null };
  const { active, idle, queue, acceptedConnections: accepted, maxChildrenReached, slow } = status;
  // The process that answers this very question is no visitor's.
  return { pool: { active: Math.max(0, active - 1), idle, queue, accepted, maxChildrenReached, slow } };
}

async function restartPool(
  machine: Machine,
  { site }: ActionParams<AgentActions['php.restart_pool']>,
): Promise<ActionResult<AgentActions['php.restart_pool']>> {
  const pool = poolOf(machine, site);
  const workers = pool === undefined ? [] : workersOf(fpmOf(machine.prefix, pool), site.slug);
  for (const pid of workers) kill(pid, 'SIGTERM');
  // What hangs in the kernel or ignores the signal gets the other one.
  await poll(() => workers.every((pid) => !kill(pid, 0)), Date.now() + gracePeriodMs);
  for (const pid of workers) kill(pid, 'SIGKILL');
  return { ended: workers.length };
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function listVersions(machine: Machine): Promise<ActionResult<AgentActions['php.versions']>> {
  const { prefix } = machine;
  const installed = installedVersions(prefix);
  const known = phpSoftwareNames.map((name) => name.slice('php'.length));
  const available = (await availablePhp(prefix)).filter((version) => known.includes(version));
  const versions = [...new Set([...installed, ...available])].sort(byVersion).toReversed();
  return {
    items: versions.map((version) => ({
      version,
      isInstalled: installed.includes(version),
      isRunning: [sharedFpm(prefix, version), ...ownFpms(machine, version)].some(
        (fpm) => findFpmMaster(fpm) !== undefined,
      ),
      sites: sitesWith(machine, version).length,
    })),
  };
}
