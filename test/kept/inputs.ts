import { globSync, readFileSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseFile } from '../architecture/parse.ts';

/*
 * What a test file depends on. Imports are followed; as soon as one of the files on the way looks beyond them (starts a
 * program, reads a folder), everything of the project counts. Rather too much than too little: a result that is kept
 * wrongly would be worse than a run that was not needed.
 */

/** Answers the files, relative to the root, that the result of this test file depends on; itself among them. */
export type InputsOf = (testFile: string) => readonly string[];

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
/** Finds its own place on the disk, and so files that it does not import. */
const looksBeyond = /import\.meta\.(?:dirname|filename|url|resolve)|process\.cwd\(|globSync\(/;
/** What every test is run with. */
const always = [
  'package-lock.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'test/compile-cache.ts',
  'test/environment-guard.ts',
  'test/setup.ts',
];
/** Areas that count only for a test that names them somewhere on its way, or belongs to them. */
const apart = ['docs', 'web', 'test/e2e', 'test/vps', 'test/bench'];
/** Tests about the project itself: they read the texts of other tests. */
const isAboutProject = (path: string): boolean => /^(?:test|scripts)\//.test(path);

export type Part = 'unit' | 'databases' | 'browser' | 'machines';

/** `root`: folder of the project. */
export function createInputs(root: string, part: Part): InputsOf {
  const all = projectFiles(root);
  const known = new Set(all);
  const found = new Map<string, Look>();

  function lookAt(path: string): Look {
    const present = found.get(path);
    if (present !== undefined) return present;
    const text = readFileSync(join(root, path), 'utf8');
    const imports = /\.tsx?$/.test(path)
      ? parseFile({ path, text })
          .imports.map(({ specifier }) => resolveImport(path, specifier))
          .filter((each) => each !== undefined)
      : [];
    const named = apart.filter((area) => path.startsWith(`${area}/`) || namesArea(text, area));
    const result = { imports, looksBeyond: looksBeyond.test(text), named };
    found.set(path, result);
    return result;
  }

  function resolveImport(from: string, specifier: string): string | undefined {
    const path = /^\.\.?\//.test(specifier)
      ? join(from, '..', specifier)
      : /^#(?:shared|server|agent)\//.test(specifier)
        ? specifier.slice(1)
        : undefined;
    return path !== undefined && known.has(path) ? path : undefined;
  }

  return (testFile) => {
    // Browser and machines run the whole product, but neither its pages of text nor the tests of the other parts.
    if (part === 'browser' || part === 'machines') {
      const others = apart.filter((area) => area !== 'web' && !testFile.startsWith(`${area}/`));
      return all.filter((path) => path === testFile || (!isTest(path) && !isIn(others, path)));
    }
    const reached = new Set([testFile]);
    const named = new Set<string>();
    let isWide = part === 'databases';
    for (const path of reached) {
      const look = lookAt(path);
      isWide ||= look.looksBeyond;
      for (const area of look.named) named.add(area);
      for (const each of look.imports) reached.add(each);
    }
    if (isAboutProject(testFile)) return all;
    for (const each of always) if (known.has(each)) reached.add(each);
    if (!isWide) return [...reached].sort();
    const others = apart.filter((area) => !named.has(area));
    return all.filter((path) => reached.has(path) || (!isTest(path) && !isIn(others, path)));
  };
}

type Look = { readonly imports: readonly string[]; readonly looksBeyond: boolean; readonly named: readonly string[] };

const isIn = (areas: readonly string[], path: string): boolean => areas.some((area) => path.startsWith(`${area}/`));

/** Whether the text holds the area as a part of a path. */
function namesArea(text: string, area: string): boolean {
  return ["'", '"', '`', '/'].some((open) => ["'", '"', '`', '/'].some((end) => text.includes(open + area + end)));
}

/** Everything in the tree but what is made from it. */
function projectFiles(root: string): string[] {
  const made = new Set(['node_modules', 'dist', 'test-results', 'data', 'logs', 'coverage', '.git']);
  return globSync('**/*', { cwd: root, exclude: (path) => made.has(path) })
    .concat(globSync('{.*,.ci/*}', { cwd: root, exclude: (path) => made.has(path) }))
    .filter((path) => path !== '.git' && statSync(join(root, path)).isFile())
    .sort();
}

/**
 * SHA-256 over the test file, names and contents of what it depends on, and `environment`. Tests about the project depend on
 * the same files, and each has a result of its own.
 */
export function createDigest(
  root: string,
  environment: string,
): (testFile: string, paths: readonly string[]) => string {
  const sums = new Map<string, string>();
  const sumOf = (path: string): string => {
    const present = sums.get(path);
    if (present !== undefined) return present;
    const sum = createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
    sums.set(path, sum);
    return sum;
  };
  return (testFile, paths) => {
    const hash = createHash('sha256').update(`${environment}\n${testFile}`);
    for (const path of paths) hash.update(`\n${path} ${sumOf(path)}`);
    return hash.digest('hex');
  };
}
