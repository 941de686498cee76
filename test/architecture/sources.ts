import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { SourceFile } from './parse.ts';
import { areas } from './policy.ts';

export const root = join(import.meta.dirname, '..', '..');

/** All TypeScript of the areas, and the configuration files at the root. */
export async function readSources(): Promise<SourceFile[]> {
  const listed = await Promise.all(
    areas.map((area) => readdir(join(root, area), { recursive: true, withFileTypes: true })),
  );
  const top = await readdir(root, { withFileTypes: true });
  const paths = [...listed.flat(), ...top]
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/') && !path.includes('/testdata/'))
    .sort();
  return await Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}
