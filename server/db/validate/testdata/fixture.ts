import type { RuleId } from '../rule-texts.ts';

/** A migration in pieces; everything that is not said is as the template has it. */
export type Fixture = {
  /** Statements of `up`. */
  readonly up?: string;
  readonly down?: string;
  /** More at the top level. */
  readonly more?: string;
  /** The whole file instead. */
  readonly text?: string;
  readonly name?: string;
  /** The migrations before it, by name. */
  readonly around?: Readonly<Record<string, string>>;
  readonly rowCounts?: Readonly<Record<string, number>>;
};

/** What a rule must object to and what it must let pass, each with what it shows. */
export type Cases = Readonly<Record<string, Fixture>>;
export type Fixtures = Partial<Readonly<Record<RuleId, { readonly bad: Cases; readonly good: Cases }>>>;

const imports = `import { sql } from 'kysely';
import {
  addColumn, createIndex, createIndexConcurrently, createTable, dropColumn, dropIndex, dropTable, hasColumn, inBatches,
  isMysql, isPostgres, isSqlite, rebuildTable, type MigrationDb,
} from '../ddl.ts';
`;

export function textOfFixture({ up, down, more = '', text, name = '0001_case' }: Fixture, before: string | null = null): string {
  if (text !== undefined) return text;
  return `${imports}
/** Revision ID: ${name}. What this is for. */
export const revision = '${name}';
export const downRevision = ${before === null ? 'null' : `'${before}'`};
${more}
export async function up(db: MigrationDb): Promise<void> {
  ${up ?? "await addColumn(db, 'person', 'nick', 'text');"}
}

export async function down(db: MigrationDb): Promise<void> {
  ${down ?? "await dropColumn(db, 'person', 'nick');"}
}
`;
}
