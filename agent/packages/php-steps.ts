import { listNames } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { run } from '../core/run.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { poll } from '../nginx/nginx.process.ts';
import { phpUnitWants, reloadUnits } from '../php/php.apart.ts';
import { checkLive } from '../php/php.check.ts';
import { phpPaths, sharedFpm, type Fpm } from '../php/php.paths.ts';
import { ownFpms } from '../php/php.pools.ts';
import { findFpmMaster, startFpm, takeUpPools } from '../php/php.process.ts';
import { sharedPoolText } from '../php/php.render.ts';
import { findFpm } from '../php/php.versions.ts';
import { selfOwner } from '../sites/site-records.ts';

/*
 * The steps after the packages of a version of PHP are there: short, done by the agent itself, and safe to repeat when it
 * dies on the way. Each answers an exit code; `say` writes a line for people.
 */

type Say = (text: string) => void;
const reloadPatienceMs = 10_000;

/** Our one file into the folder of the pools, as a transaction like any other. */
export async function configurePhp(machine: Machine, version: string, say: Say): Promise<number> {
  const { prefix } = machine;
  if (findFpm(prefix, version) === undefined) return failed(say, `PHP-FPM ${version} is not installed.`);
  const { shared } = phpPaths(prefix, version);
  const shownAs = phpPaths('', version).shared;
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'php.configure',
    actor: 'agent',
    wants: [
      ...phpUnitWants(machine, version, selfOwner(machine)),
      {
        kind: 'file',
        path: shared,
        bytes: Buffer.from(sharedPoolText),
        mode: 0o644,
        ...selfOwner(machine),
        shownAs,
      },
    ],
    async probe() {
      const complaint = await checkLive(sharedFpm(prefix, version));
      if (complaint !== undefined) throw new Error(complaint);
    },
  });
  await reloadUnits(machine);
  say(shownAs);
  say(`php-fpm${version}: the configuration is ok`);
  return 0;
}

export async function startPhp(machine: Machine, version: string, say: Say): Promise<number> {
  const { prefix } = machine;
  const shared = sharedFpm(prefix, version);
  const isRunning = findFpmMaster(shared) !== undefined;
  // The package has started it before our files were there.
  if (!isRunning || (machine.hasSystemd && isUnused(prefix, version))) {
    const complaint = await startFpm(machine, shared, isRunning ? 'restart' : 'start');
    if (complaint !== undefined) return failed(say, complaint);
  } else {
    const complaint = await renew(machine, shared);
    if (complaint !== undefined) return failed(say, complaint);
  }
  say(`php-fpm${version} runs.`);
  for (const fpm of ownFpms(machine, version)) {
    const complaint = await renew(machine, fpm);
    if (complaint !== undefined) return failed(say, `${fpm.service}: ${complaint}`);
    say(`${fpm.service} runs.`);
  }
  return 0;
}

/** With the program and the extensions that are there now. Answers its complaint. */
async function renew(machine: Machine, fpm: Fpm): Promise<string | undefined> {
  const isTaken = (): boolean => findFpmMaster(fpm) !== undefined;
  return (await takeUpPools(machine, fpm, isTaken, Date.now() + reloadPatienceMs)).complaint;
}

/** Nobody has made a pool: the distribution's own serves nothing by itself. */
function isUnused(prefix: string, version: string): boolean {
  const { pools, shared } = phpPaths(prefix, version);
  return listNames(pools).every((name) => name === 'www.conf' || `${pools}/${name}` === shared);
}

export async function verifyPhp(machine: Machine, version: string, say: Say): Promise<number> {
  const { prefix } = machine;
  const fpm = findFpm(prefix, version);
  if (fpm === undefined) return failed(say, `PHP-FPM ${version} is not installed.`);
  for (const each of [sharedFpm(prefix, version), ...ownFpms(machine, version)]) {
    // While it begins anew it has another title for a moment.
    const isUp = await poll(() => findFpmMaster(each) !== undefined, Date.now() + reloadPatienceMs);
    if (!isUp) return failed(say, `${each.service} does not run.`);
    const complaint = await checkLive(each);
    if (complaint !== undefined) return failed(say, complaint);
  }
  const { stdout } = await run(fpm, ['-v'], { timeoutMs: 5_000 });
  say(stdout.split('\n')[0] ?? '');
  return 0;
}

function failed(say: Say, text: string): number {
  say(text);
  return 1;
}
