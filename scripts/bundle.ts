import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';

const project = resolve(import.meta.dirname, '..');

/** What cannot or must not be bundled: optional native parts that the drivers look for and do without; the parser of the validator. */
const external = [
  'rolldown/parseAst',
  'pg-native',
  'cloudflare:sockets',
  'bufferutil',
  'utf-8-validate',
  /^@lydell\/node-pty\//,
];

/**
 * Code that finds files beside itself keeps finding them: `import.meta.dirname` and friends of a source file are
 * rewritten to its old place seen from the one folder that the bundle lies in.
 */
function keepPlaces(entry: string): Plugin {
  return {
    name: 'keep-places',
    transform(code, id) {
      const path = relative(project, id.split('?')[0] ?? id);
      if (!code.includes('import.meta') || path.startsWith('..') || path.startsWith('node_modules') || path === entry)
        return null;
      return code
        .replaceAll('import.meta.dirname', `(import.meta.dirname + ${JSON.stringify(`/../${dirname(path)}`)})`)
        .replaceAll('import.meta.filename', `(import.meta.dirname + ${JSON.stringify(`/../${path}`)})`)
        .replaceAll('import.meta.url', `new URL(${JSON.stringify(`../${path}`)}, import.meta.url).href`)
        .replaceAll('import.meta.main', 'false');
    },
  };
}

/** What of `node:http` our code imports by name. */
const httpNames = 'Agent, IncomingMessage, METHODS, Server, ServerResponse, STATUS_CODES, createServer, get, request';

/**
 * `import … from 'node:http'` makes Node read every property of that module, and one of them is a WebSocket client for which
 * all of undici is loaded: 14 MB of each process that never opens one. Asked for in another way nothing of it is.
 */
export function leanHttp(): Plugin {
  const id = '\0lean-http';
  return {
    name: 'lean-http',
    resolveId(source, _importer, { kind }) {
      return source === 'node:http' && kind === 'import-statement' ? id : null;
    },
    load(wanted) {
      return wanted === id ? `export const { ${httpNames} } = process.getBuiltinModule('node:http');` : null;
    },
  };
}

/** One program with its lazily loaded parts, all in one folder. Answers the packages that went into it. */
async function bundle(entry: string, folder: string): Promise<Set<string>> {
  const build = await rolldown({
    input: { main: join(project, entry) },
    cwd: project,
    platform: 'node',
    external,
    plugins: [leanHttp(), keepPlaces(entry)],
    logLevel: 'warn',
  });
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'part-[name]-[hash].js',
    minify: { compress: false, mangle: false, codegen: true },
  });
  await build.close();
  for (const { fileName, type } of output)
    if (type === 'chunk')
      await writeFile(join(folder, fileName), inAscii(await readFile(join(folder, fileName), 'utf8')));
  const packages = new Set<string>();
  for (const chunk of output) {
    if (chunk.type !== 'chunk') continue;
    for (const id of chunk.moduleIds) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
      if (name !== null) packages.add(name[0]);
    }
  }
  return packages;
}

/**
 * A file with one Arabic letter in it is kept in memory with two bytes for every character, and all of its text is kept as
 * long as it may be called: a sixtieth of the web process. Means the same in strings, templates and patterns.
 */
export function inAscii(code: string): string {
  return code.replace(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Files that code reads beside itself (word lists and such); sources and tests stay behind. */
function isResource(path: string): boolean {
  return !/\.(ts|tsx|mts)$/.test(path) && !path.includes('testdata');
}

/** With a part that was compiled for the machine: carried along as packages, beside the one program that needs them. */
const compiled = /^@lydell\/node-pty(-linux-[a-z0-9]+)?$/;

async function copyCompiled(out: string): Promise<string[]> {
  const scope = join(project, 'node_modules', '@lydell');
  const names = (await readdir(scope)).map((name) => `@lydell/${name}`).filter((name) => compiled.test(name));
  for (const name of names)
    await cp(join(project, 'node_modules', name), join(out, 'agent', 'node_modules', name), { recursive: true });
  return names.map((name) => `${join(project, 'node_modules', name)}/`);
}

async function copyResources(out: string): Promise<void> {
  for (const area of ['shared', 'server', 'agent', 'cli']) {
    const names = await readdir(join(project, area), { recursive: true, withFileTypes: true });
    for (const name of names) {
      const path = relative(project, join(name.parentPath, name.name));
      if (name.isFile() && isResource(path)) await cp(join(project, path), join(out, path));
    }
  }
}

/**
 * The command with the web process and the agent as `out/cli/main.js` and `out/agent/main.js`, with the files that they
 * read beside themselves and the packages that have compiled parts. Answers the folders of the packages that went into them.
 */
export async function bundlePrograms(out: string): Promise<Set<string>> {
  const packages = new Set([
    ...(await bundle('cli/main.ts', join(out, 'cli'))),
    ...(await bundle('agent/main.ts', join(out, 'agent'))),
    ...(await copyCompiled(out)),
  ]);
  await copyResources(out);
  return packages;
}
