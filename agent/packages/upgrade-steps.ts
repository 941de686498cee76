import { isUpgradeScope, updatableName, type UpdatableName, type UpgradeScope } from '#shared/software.ts';
import { readText } from '../core/files.ts';
import { planUpgrade, upgradeArgs } from './apt.ts';
import { isCancelled, putJson } from './operations.ts';
import type { Run } from './runner.ts';
import { packagesFrom } from './plan.ts';
import { updatesOf } from './updates.ts';

/*
 * Bringing the machine's packages up to date, as one step beside those of an installation. There is no way back: the
 * distribution has the former versions no more.
 */

/** Everything that waits, that of security, or that of one program. */
export type Scope = UpgradeScope | UpdatableName;

const path = (folder: string): string => `${folder}/scope.json`;

/** Beside the records of the steps, each named as its step. Makes this operation one that brings packages up to date. */
export async function writeScope(folder: string, scope: Scope): Promise<void> {
  await putJson(path(folder), scope);
}

/** Undefined for operations that install. */
export function readScope(folder: string): Scope | undefined {
  const scope = JSON.parse(readText(path(folder)) ?? 'null') as unknown;
  return isUpgradeScope(scope) ? scope : updatableName.safeParse(scope).data;
}

/** Downloads first, which may be cancelled; what follows is dpkg, which is never interrupted. */
export async function upgrade(run: Run, repair: () => Promise<void>): Promise<number> {
  const scope = readScope(run.folder);
  if (scope === undefined) throw new Error('the operation does not say what it brings up to date');
  await repair();
  const names = await waiting(run, scope);
  if (names.length === 0) {
    run.say('Everything is up to date.');
    return 0;
  }
  run.say(`To be brought up to date: ${names.join(' ')}`);
  const args = upgradeArgs(scope === 'all' ? null : names);
  const downloaded = await run.exec(run.apt, [...args, '--download-only'], true, ({ percent }) => percent / 2);
  if (downloaded !== 0 || isCancelled(run.folder)) return downloaded;
  const code = await run.exec(run.apt, args, false, ({ phase, percent }) =>
    phase === 'packages' ? 50 + percent / 2 : 50,
  );
  if (code !== 0) return code;
  const left = await waiting(run, scope);
  // Held back by a person, or given out step by step by the distribution.
  if (left.length > 0) run.say(`Still waiting: ${left.join(' ')}`);
  return 0;
}

async function waiting(run: Run, scope: Scope): Promise<string[]> {
  const items = updatesOf(await planUpgrade(run.apt));
  if (!isUpgradeScope(scope)) {
    const own = await packagesFrom(scope, run.prefix);
    return items.flatMap(({ name, from }) => (from !== null && own.has(name) ? [name] : []));
  }
  // What would come new comes with what asks for it.
  return items.flatMap(({ name, from, isSecurity }) =>
    scope === 'all' || (isSecurity && from !== null) ? [name] : [],
  );
}
