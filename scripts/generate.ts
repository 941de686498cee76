import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A file made from the code. `path` is relative to the root of the repository. */
export type GeneratedFile = { readonly path: string; readonly content: string };

/** What each module of the list exports as `generate`. */
export type Generator = () => GeneratedFile[] | Promise<GeneratedFile[]>;

/** Modules of scripts/generate that export `generate: Generator`. */
const generators = ['asvs.ts', 'environment.ts', 'migrations.ts', 'openapi.ts', 'requirements.ts'];

const root = join(import.meta.dirname, '..');

/** Everything that is made from the code, in the order of the list. */
export async function generateAll(): Promise<GeneratedFile[]> {
  const files: GeneratedFile[] = [];
  for (const name of generators) {
    const path = join(import.meta.dirname, 'generate', name);
    if (!existsSync(path)) continue;
    const { generate } = (await import(pathToFileURL(path).href)) as { generate: Generator };
    files.push(...(await generate()));
  }
  return files;
}

/** Paths whose content on disk differs from what the code says. */
export async function findDrift(): Promise<string[]> {
  const drifted: string[] = [];
  for (const file of await generateAll()) {
    const current = await readFile(join(root, file.path), 'utf8').catch(() => undefined);
    if (current !== file.content) drifted.push(file.path);
  }
  return drifted;
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const drifted = await findDrift();
    for (const path of drifted) console.error(`out of date: ${path} (npm run generate)`);
    process.exitCode = drifted.length === 0 ? 0 : 1;
  } else {
    for (const file of await generateAll()) {
      await mkdir(dirname(join(root, file.path)), { recursive: true });
      await writeFile(join(root, file.path), file.content);
      console.log(file.path);
    }
  }
}
