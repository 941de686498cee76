import type { PhpExtensionName } from '#shared/php-extensions.ts';
import { phpVersionOf } from '#shared/software.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import { loadedModules, modulesOf } from '../php/php.extensions.ts';
import { verifyPhp } from './php-steps.ts';

/** The steps after the package of an extension is there. Each answers an exit code; `say` writes a line for people. */

type Say = (text: string) => void;

/** The package switches it on by itself, unless somebody had switched it off once. */
export async function configureExtension({ prefix }: Machine, name: PhpExtensionName, say: Say): Promise<number> {
  const version = phpVersionOf(name);
  const modules = await modulesOf(name, prefix);
  const loaded = await loadedModules(version, prefix);
  const missing = modules.filter((module) => loaded?.has(module) !== true);
  const phpenmod = findProgram('phpenmod', prefix);
  if (missing.length > 0 && phpenmod !== undefined) {
    const { code, stderr } = await run(phpenmod, ['-v', version, '-s', 'fpm', ...missing], { timeoutMs: 20_000 });
    if (code !== 0) say(stderr.trim());
  }
  say(modules.length === 0 ? `${name} only points to another package.` : `${name}: ${modules.join(' ')}`);
  return 0;
}

/** PHP-FPM runs, and says itself that it loads what the package brings. */
export async function verifyExtension(machine: Machine, name: PhpExtensionName, say: Say): Promise<number> {
  const version = phpVersionOf(name);
  const code = await verifyPhp(machine, version, say);
  if (code !== 0) return code;
  const loaded = await loadedModules(version, machine.prefix);
  const missing = (await modulesOf(name, machine.prefix)).filter((module) => loaded?.has(module) !== true);
  if (missing.length === 0) return 0;
  say(`PHP-FPM does not load: ${missing.join(' ')}`);
  return 1;
}
