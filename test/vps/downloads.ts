// Packages that machines downloaded before, so that a test run asks the mirrors once. What is installed still comes
// through apt, which checks every file of the cache against the signed lists.
import { copyFile, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, type Suite } from './rootfs.ts';

/** Shared by all machines as it is: npm's cache is made for many users at a time, apt's is not. */
export const npmCache = join(cacheFolder, 'npm');

/** Not asked for since: the mirrors have a later version by now. */
const maximumAgeMs = 21 * 24 * 3600 * 1000;

const keptIn = (suite: Suite): string => join(cacheFolder, `apt-${suite}`);

/** Fills a folder that becomes one machine's /var/cache/apt/archives. */
export async function lendPackages(suite: Suite, folder: string): Promise<void> {
  await mkdir(join(folder, 'partial'), { recursive: true });
  for (const name of await packagesIn(keptIn(suite))) {
    const path = join(keptIn(suite), name);
    if (Date.now() - (await stat(path)).mtimeMs > maximumAgeMs) await rm(path, { force: true });
    else await copyFile(path, join(folder, name)).catch(() => undefined);
  }
}

/** Keeps what a machine downloaded; another machine may do the same at this moment. */
export async function keepPackages(suite: Suite, folder: string): Promise<void> {
  const kept = keptIn(suite);
  await mkdir(kept, { recursive: true });
  const known = new Set(await packagesIn(kept));
  for (const name of await packagesIn(folder)) {
    if (known.has(name)) continue;
    const part = join(kept, `${name}.part-${process.pid}`);
    await copyFile(join(folder, name), part);
    const now = new Date();
    await utimes(part, now, now);
    await rename(part, join(kept, name));
  }
}

async function packagesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.deb'));
}
