import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isNode, nameOf, parseFile, textOf, type Node, type SourceFile } from '../architecture/parse.ts';

/** A test in the source; `ids` may be empty. Names of `it.each` keep their placeholders (`%s`, `$name`). */
export type TaggedTest = {
  readonly path: string;
  readonly line: number;
  /** Without the ids at its beginning. */
  readonly name: string;
  readonly fullName: string;
  readonly ids: readonly string[];
};

const root = join(import.meta.dirname, '..', '..');
const folders = ['agent', 'cli', 'scripts', 'server', 'shared', 'test', 'web'];
const idPattern = /(?:P\d(?:\.\d)?|[A-Z]{1,5})-[1-9]\d{0,2}/;
const tagPattern = new RegExp(`^(?:${idPattern.source}[,:]?\\s+)+`);
// Words that look like ids at the beginning of a sentence.
const notIds = /^(?:AES|ISO|RFC|SHA|UTF)-/;

/** Ids at the beginning of a test's name: `P1.1-1 SITE-4 a sentence` → both. */
export function idsOf(name: string): string[] {
  const tags = tagPattern.exec(name)?.[0] ?? '';
  return tags.split(/[\s,:]+/).filter((word) => word !== '' && !notIds.test(word));
}

/** The sentence of a test, without the ids at its beginning. */
export function sentenceOf(name: string): string {
  return name.replace(tagPattern, '');
}

/** Every test with at least one id: unit, API and fault tests, browser and real machines. */
export async function readTaggedTests(): Promise<TaggedTest[]> {
  return (await readTests()).filter(({ ids }) => ids.length > 0);
}

/** Every test of the tree that runs. */
export async function readTests(): Promise<TaggedTest[]> {
  const found = await Promise.all(
    folders.map(
      async (folder) => await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []),
    ),
  );
  const paths = found
    .flat()
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    // Bodies shared by several machines or by fake and real agent stand in files of their own.
    .filter(
      (path) =>
        !path.includes('node_modules/') && (/\.test\.tsx?$/.test(path) || path.startsWith('test/') || isShared(path)),
    )
    .sort();
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })),
  );
  return files.flatMap(findTests);
}

function isShared(path: string): boolean {
  return /(contract|scenario|testing)[^/]*\.tsx?$/.test(path);
}

export function findTaggedTests(file: SourceFile): TaggedTest[] {
  return findTests(file).filter(({ ids }) => ids.length > 0);
}

/** Tagged or not, by the order of the file. */
export function findTests(file: SourceFile): TaggedTest[] {
  const { nodes, lineAt } = parseFile(file);
  return nodes.flatMap((node) => {
    if (node.type !== 'CallExpression' || !isTestFunction(node['callee'])) return [];
    const fullName = staticText((node['arguments'] as readonly unknown[])[0]);
    if (fullName === undefined) return [];
    const ids = idsOf(fullName);
    const name = sentenceOf(fullName);
    return [{ path: file.path, line: lineAt(node.start), name, fullName, ids }];
  });
}

/** `it`, `test`, `step`, and what hangs on them: `it.each(…)`, `test.runIf(…)`; not `it.skip` and `it.todo`. */
function isTestFunction(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return ['it', 'test', 'step', 'check'].includes(nameOf(callee) ?? '');
  if (callee.type === 'CallExpression') return isTestFunction(callee['callee']);
  if (callee.type !== 'MemberExpression') return false;
  return !['skip', 'todo', 'fails'].includes(nameOf(callee['property']) ?? '') && isTestFunction(callee['object']);
}

/** A literal, or a template whose holes become `%s`. */
function staticText(value: unknown): string | undefined {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (!isNode(value) || value.type !== 'TemplateLiteral') return undefined;
  return (value['quasis'] as readonly (Node & { value: { cooked: string } })[])
    .map(({ value: { cooked } }) => cooked)
    .join('%s');
}
