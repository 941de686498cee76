import { migrationNamePattern } from '../migrate-source.ts';
import { exported, exportedFunction, isNode, list, textOf, type Node, type Parsed } from './source.ts';
import type { Check, Found, Subject } from './rule.ts';

/** An executed migration, as the history of a database says. */
export type ExecutedRow = { readonly name: string; readonly checksum: string | null };

const start: Pick<Found, 'at'> = { at: 0 };

/** V-file: what the runner must find before any rule can speak. All faults at once. */
export const checkFile: Check = ({ file }) => {
  const found: Found[] = [];
  const add = (detail: string, at = 0): void => void found.push({ at, detail });
  const imports = list(file.program['body']).filter(({ type }) => type === 'ImportDeclaration');
  const sources = imports.map((node) => textOf(node['source']) ?? '');
  if (!sources.some((source) => source === 'kysely' || source.endsWith('/ddl.ts')))
    add('no import of kysely or ddl.ts');
  const header =
    /\/\*\*([\s\S]*?)\*\//
      .exec(file.text)?.[1]
      ?.replaceAll(/^\s*\*/gm, '')
      .trim() ?? '';
  if (header.length < 10) add('header comment shorter than 10 characters');
  if (!header.includes('Revision ID:')) add('header comment without "Revision ID:"');
  for (const name of ['up', 'down'] as const) {
    const node = exportedFunction(file, name);
    if (node === undefined) {
      if (name === 'up') add('no up()');
      continue;
    }
    if (node['async'] !== true || returnType(file, node) !== 'Promise<void>')
      add(`${name}() is not Promise<void>`, node.start);
  }
  return found;
};

function returnType(file: Parsed, node: Node): string {
  const given = node['returnType'];
  return isNode(given) ? file.text.slice(given.start, given.end).replaceAll(/[\s:]/g, '') : '';
}

/** V-name: the chain has one head, no orphans, no gaps, and every file says who it is. */
export const checkName: Check = ({ file, all }) => {
  const found: Found[] = [];
  const add = (detail: string): void => void found.push({ ...start, detail });
  if (!migrationNamePattern.test(file.name)) add(`${file.name}: NNNN_lower_case`);
  if (file.name.length < 8) add(`${file.name}: too short`);
  const number = file.name.slice(0, 4);
  const same = all.filter((other) => other.file.name.slice(0, 4) === number);
  if (same.length > 1) add(`${number} is used ${same.length} times`);
  const revision = exported(file, 'revision');
  const name = textOf(revision);
  if (revision === undefined) add('no revision');
  else if (name === undefined) add('revision is not a string');
  else if (name.length < 3) add('revision shorter than 3 characters');
  else if (name !== file.name) add(`revision ${name}`);
  if (name !== undefined && all.filter((other) => textOf(exported(other.file, 'revision')) === name).length > 1) {
    add(`revision ${name} exists twice`);
  }
  found.push(...checkChain(file, all));
  return found;
};

function checkChain(file: Parsed, all: Subject['all']): Found[] {
  const given = exported(file, 'downRevision');
  if (given === undefined) return [{ ...start, detail: 'no downRevision' }];
  const isNull = given.type === 'Literal' && given['value'] === null;
  const down = textOf(given);
  if (!isNull && down === undefined) return [{ ...start, detail: 'downRevision is neither a string nor null' }];
  const index = all.findIndex((other) => other.file === file);
  const previous = all[index - 1]?.file.name;
  const found: Found[] = [];
  if (isNull && previous !== undefined) found.push({ ...start, detail: 'downRevision null: a second beginning' });
  if (down !== undefined && !all.some((other) => other.file.name === down)) {
    found.push({ ...start, detail: `orphan: there is no ${down}` });
  } else if (down !== undefined && down >= file.name)
    found.push({ ...start, detail: `cycle: ${down} does not come before` });
  else if (down !== undefined && down !== previous)
    found.push({ ...start, detail: `several heads: ${down} is followed by ${previous}` });
  const expected = index === 0 ? undefined : Number(previous?.slice(0, 4)) + 1;
  const isGap = expected !== undefined && Number(file.name.slice(0, 4)) > expected;
  if (isGap) found.push({ ...start, detail: `gap after ${previous}` });
  return found;
}

/** V-down: a way back that does something, or a written reason why there is none. */
export const checkDown: Check = ({ file }) => {
  const reason = textOf(exported(file, 'irreversible'));
  const down = exportedFunction(file, 'down');
  if (down === undefined) return reason === undefined || reason.length < 10 ? [{ ...start, detail: 'no down()' }] : [];
  const body = isNode(down['body']) ? list(down['body']['body']) : [];
  const isEmpty = body.every(
    ({ type }) => type === 'EmptyStatement' || type === 'ReturnStatement' || type === 'ThrowStatement',
  );
  return isEmpty ? [{ at: down.start, detail: 'down() does nothing' }] : [];
};

/** V-order: nothing new sorts before what was executed. */
export function findOutOfOrder(files: readonly string[], executed: readonly ExecutedRow[]): string[] {
  const last =
    executed
      .map(({ name }) => name)
      .toSorted()
      .at(-1) ?? '';
  const done = new Set(executed.map(({ name }) => name));
  return files.filter((name) => !done.has(name) && name < last);
}

/** V-sum: an executed file is as it was. */
export function findEdited(checksums: Readonly<Record<string, string>>, executed: readonly ExecutedRow[]): string[] {
  return executed.flatMap(({ name, checksum }) => {
    const current = checksums[name];
    return checksum !== null && current !== undefined && current !== checksum ? [name] : [];
  });
}

/** V-gone: an executed file is still there. */
export function findGone(files: readonly string[], executed: readonly ExecutedRow[]): string[] {
  return executed.map(({ name }) => name).filter((name) => !files.includes(name));
}

/** V-roundtrip: dumps before `up`, after `up`, after `down`, after `up` again. */
export type Roundtrip = { readonly name: string; readonly dumps: readonly [string, string, string, string] };

export function findUneven(trips: readonly Roundtrip[]): string[] {
  return trips.flatMap(({ name, dumps: [before, after, back, again] }) =>
    before === back && after === again ? [] : [name],
  );
}
