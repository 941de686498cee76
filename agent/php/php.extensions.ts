import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { phpExtensions, type PhpExtensionName } from '#shared/php-extensions.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { availablePartsOfPhp, installedOf } from '../packages/apt.ts';
import { findFpm, versionMissing } from './php.versions.ts';

/** By the packages of the distribution. Throws `php_version_missing`. */
export async function listExtensions(
  { prefix }: Machine,
  { version }: ActionParams<AgentActions['php.extensions']>,
): Promise<ActionResult<AgentActions['php.extensions']>> {
  if (findFpm(prefix, version) === undefined) throw versionMissing(version);
  const packageOf = (name: string): string => `php${version}-${name}`;
  const [installed, available] = await Promise.all([
    installedOf(phpExtensions.map(packageOf), prefix),
    availablePartsOfPhp(version, prefix),
  ]);
  return {
    items: phpExtensions.flatMap((name) => {
      const isInstalled = installed.includes(packageOf(name));
      return isInstalled || available.includes(packageOf(name)) ? [{ name, isInstalled }] : [];
    }),
  };
}

/** Modules that a package brings, by its libraries: `php8.2-mysql` brings mysqli, mysqlnd and pdo_mysql. */
export async function modulesOf(name: PhpExtensionName, prefix: string): Promise<string[]> {
  const query = findProgram('dpkg-query', prefix);
  if (query === undefined) return [];
  const { stdout } = await run(query, ['--listfiles', name], { timeoutMs: 10_000 });
  return [...stdout.matchAll(/^\/usr\/lib\/php\/\d+\/([a-z0-9_]+)\.so$/gm)].flatMap(([, module]) => module ?? []);
}

/** Modules that FPM of this version loads, in lower case; undefined when it cannot be asked. */
export async function loadedModules(version: string, prefix: string): Promise<Set<string> | undefined> {
  const fpm = findFpm(prefix, version);
  if (fpm === undefined) return undefined;
  const { code, stdout } = await run(fpm, ['-m'], { timeoutMs: 10_000 });
  return code === 0 ? new Set(stdout.toLowerCase().split('\n')) : undefined;
}
