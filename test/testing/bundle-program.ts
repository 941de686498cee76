import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { leanHttp } from '../../scripts/bundle.ts';

const root = join(import.meta.dirname, '..', '..');

/** Code that finds files beside itself keeps finding them at its old place. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform(code, id) {
    if (!code.includes('import.meta') || !id.startsWith(root) || id.includes('node_modules')) return null;
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.filename', JSON.stringify(id))
      .replaceAll('import.meta.url', JSON.stringify(`file://${id}`))
      .replaceAll('import.meta.main', 'false');
  },
};

export type Bundled = { readonly program: string; readonly remove: () => void };

/**
 * The environment of a bundled program: what it has compiled, and says with `flushCompileCache`, lies beside it for all its
 * later starts and goes with it. A program that is killed says nothing by itself.
 */
export function environmentOf(program: string): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: join(dirname(program), 'compiled') };
}

/**
 * A program that a test starts (and kills) hundreds of times, bundled as a release carries it: it starts in half to a
 * quarter of the time. `entry`: below the project's folder. Bundled once for all files of a run, which takes it away at its end.
 */
export async function bundleProgram(entry: string): Promise<Bundled> {
  const ofRun = process.env['AAPANEL_TEST_PROGRAMS'];
  if (ofRun === undefined) {
    const own = mkdtempSync(join(tmpdir(), 'aapanel-bundle-'));
    await writeBundle(entry, own);
    return { program: join(own, 'main.mjs'), remove: () => rmSync(own, { recursive: true, force: true }) };
  }
  const kept = join(ofRun, entry.replaceAll(/[^a-z]+/g, '-'));
  if (!existsSync(kept)) {
    const own = mkdtempSync(`${kept}-`);
    await writeBundle(entry, own);
    try {
      renameSync(own, kept);
    } catch {
      // The other worker was quicker.
      rmSync(own, { recursive: true, force: true });
    }
  }
  return { program: join(kept, 'main.mjs'), remove: () => undefined };
}

async function writeBundle(entry: string, folder: string): Promise<void> {
  const bundle = await rolldown({
    input: join(root, entry),
    cwd: root,
    platform: 'node',
    external: ['rolldown/parseAst', 'pg-native', 'cloudflare:sockets', 'bufferutil', 'utf-8-validate'],
    plugins: [leanHttp(), keepPlaces],
    logLevel: 'silent',
  });
  await bundle.write({
    dir: folder,
    format: 'esm',
    entryFileNames: 'main.mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await bundle.close();
}
