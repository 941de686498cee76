import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { phpSoftwareNames } from '#shared/software.ts';
import type { Handlers } from '../core/handlers.ts';
import type { Machine } from '../core/machine.ts';
import { availablePhp } from '../packages/apt.ts';
import { findFpmMaster } from './php.process.ts';
import { byVersion, installedVersions, sitesWith } from './php.versions.ts';

export const phpHandlers: Pick<Handlers, Extract<keyof Handlers, `php.${string}`>> = {
  'php.versions': (machine) => listVersions(machine),
};

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
      isRunning: findFpmMaster(prefix, version) !== undefined,
      sites: sitesWith(machine, version).length,
    })),
  };
}
