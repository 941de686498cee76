import { closeSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderList } from '../migrate-source.ts';
import { listEntries, readFolder } from './validate.ts';

/** Nothing of the person's words is left that could be a name. */
export class MigrationNameError extends Error {
  constructor() {
    super('the name needs at least three letters or digits');
    this.name = 'MigrationNameError';
  }
}

/** With `draft_` before and `_created_at` after it a name stays below 63. */
const maxWords = 40;

/** Lower-case letters, digits and underscores of what somebody typed; everything else falls away. */
export function safeName(words: string): string {
  const name = words
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, maxWords)
    .replaceAll(/^_+|_+$/g, '');
  if (name.replaceAll('_', '').length < 3) throw new MigrationNameError();
  return name;
}

/**
 * Makes the next migration of a folder from the template and writes the list anew; returns the path. The words go nowhere
 * but into the name of the file. Throws MigrationNameError; an existing file is never overwritten.
 */
export async function makeMigration(dir: string, words: string): Promise<string> {
  const slug = safeName(words);
  const names = readdirSync(dir)
    .filter((name) => /^\d{4}_.*\.ts$/.test(name))
    .map((name) => name.slice(0, -3))
    .sort();
  const last = names.at(-1);
  const number = String(Number(last?.slice(0, 4) ?? '0') + 1).padStart(4, '0');
  const name = `${number}_${slug}`;
  const path = join(dir, `${name}.ts`);
  closeSync(openSync(path, 'wx', 0o644));
  writeFileSync(path, templateOf(name, last, slug));
  await writeList(dir);
  return path;
}

/** Writes `list.ts` of a folder. */
export async function writeList(dir: string): Promise<void> {
  writeFileSync(join(dir, 'list.ts'), renderList(await listEntries(readFolder(dir))));
}

function templateOf(name: string, last: string | undefined, slug: string): string {
  return `import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: ${name}. What this is for. */
export const revision = '${name}';
export const downRevision = ${last === undefined ? 'null' : `'${last}'`};

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'draft_${slug}')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'draft_${slug}_created_at', 'draft_${slug}', ['created_at']);
}

/** Restores the schema from before \`up\`. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'draft_${slug}');
}
`;
}
