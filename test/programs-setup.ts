import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePrograms } from '../scripts/bundle.ts';

const project = join(import.meta.dirname, '..');
const cache = join(project, 'node_modules', '.cache');
const prefix = 'aapanel-programs-';

/**
 * Bundles what tests start as programs, once for the run: as a release carries them they start in a third of the time.
 * Beside the packages, so that what is not bundled is found there.
 */
export default async function setup(): Promise<() => void> {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    // Of a run that was killed.
    const isOver = name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`);
    if (isOver) rmSync(join(cache, name), { recursive: true, force: true });
  }
  const folder = join(cache, `${prefix}${process.pid}`);
  await bundlePrograms(folder);
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  process.env['AAPANEL_TEST_PROGRAMS'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
