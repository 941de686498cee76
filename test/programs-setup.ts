import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePrograms } from '../scripts/bundle.ts';

const project = join(import.meta.dirname, '..');
const prefix = 'aapanel-programs-';

/**
 * Bundles what tests start as programs, once for the run: as a release carries them they start in a third of the time.
 * Where every user gets to: a program that becomes the user of a site still loads parts of itself, and the project may lie in
 * the folder of root. What is not bundled is found by the link.
 */
export default async function setup(): Promise<() => void> {
  for (const name of readdirSync(tmpdir())) {
    // Of a run that was killed.
    const isOver = name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`);
    if (isOver) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  const folder = join(tmpdir(), `${prefix}${process.pid}`);
  // Not over something that somebody has put there.
  mkdirSync(folder, { mode: 0o700 });
  await bundlePrograms(folder);
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  chmodSync(folder, 0o755);
  process.env['AAPANEL_TEST_PROGRAMS'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
