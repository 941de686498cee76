import type { Found } from './rule.ts';

/*
 * V-compat: the release before must run on the new schema, because both run side by side during an upgrade and the older
 * one again after a way back. Its tables and columns are recorded in a file at its release (server/db/compat/).
 */

/** Columns by table, as code of a release asks for them. */
export type Uses = { readonly release: string; readonly tables: Readonly<Record<string, readonly string[]>> };

export type SchemaColumn = { readonly name: string; readonly isNullable: boolean; readonly hasDefault: boolean };
export type Schema = Readonly<Record<string, readonly SchemaColumn[]>>;

/** What queries of the release would fail on this schema: reads, and inserts that know nothing of newer columns. */
export function findIncompatible(schema: Schema, { tables }: Uses): Found[] {
  return Object.entries(tables).flatMap(([table, columns]): Found[] => {
    const there = schema[table];
    if (there === undefined) return [{ at: 0, detail: `table ${table} is gone` }];
    const names = new Set(there.map(({ name }) => name));
    const gone = columns
      .filter((name) => !names.has(name))
      .map((name) => ({ at: 0, detail: `${table}.${name} is gone` }));
    const unknown = there
      .filter(({ name, isNullable, hasDefault }) => !columns.includes(name) && !isNullable && !hasDefault)
      .map(({ name }) => ({ at: 0, detail: `${table}.${name} must be given` }));
    return [...gone, ...unknown];
  });
}

/** One line for each table: `person: created_at display_name …`. */
export function renderUses({ tables }: Uses): string {
  return Object.entries(tables)
    .map(([table, columns]) => `${table}: ${columns.join(' ')}\n`)
    .join('');
}

/** Reads what `renderUses` wrote. */
export function parseUses(release: string, text: string): Uses {
  const lines = text.split('\n').filter((line) => line !== '');
  const tables = lines.map((line): [string, string[]] => {
    const [table = '', columns = ''] = line.split(': ');
    return [table, columns.split(' ')];
  });
  return { release, tables: Object.fromEntries(tables) };
}

/** Reads the text of `dumpSchema` on SQLite. */
export function schemaOfDump(dump: string): Schema {
  const schema: Record<string, SchemaColumn[]> = {};
  let table = '';
  for (const line of dump.split('\n')) {
    if (/^\w/.test(line)) {
      table = line;
      schema[table] = [];
      continue;
    }
    const column = /^ {2}column (\w+) (.*)$/.exec(line);
    const rest = column?.[2] ?? '';
    if (column?.[1] !== undefined) {
      schema[table]?.push({ name: column[1], isNullable: !/ not null/.test(rest), hasDefault: / default /.test(rest) });
    }
  }
  return schema;
}
