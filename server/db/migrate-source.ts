import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationDb } from './ddl.ts';

/** What a step does to a running panel, by the findings of the validator. */
export type Effect = 'safe' | 'needs_window' | 'destructive';

/** What a file of `migrations/` exports. */
export type MigrationModule = {
  /** The file's name without `.ts`. */
  readonly revision: string;
  /** The one before it; null for the first. */
  readonly downRevision: string | null;
  up(db: MigrationDb): Promise<void>;
  /** Restores the schema from before `up`. Missing only with `irreversible`. */
  down?(db: MigrationDb): Promise<void>;
  /** Why there is no way back. */
  readonly irreversible?: string;
  /** False: PostgreSQL runs it outside a transaction (`create index concurrently`). Each step must meet itself half done. */
  readonly isTransactional?: boolean;
  /** Directions that make a SQLite table anew: they run with foreign keys switched off and checked at the end. */
  readonly rebuilds?: readonly ('up' | 'down')[];
};

export type Migration = {
  readonly name: string;
  /** SHA-256 of the normalised source. */
  readonly checksum: string;
  readonly effect: Effect;
  /** Validator rules that it opts out of or is warned about. */
  readonly rules: readonly string[];
  readonly module: MigrationModule;
};

export const migrationsFolder = join(import.meta.dirname, 'migrations');

/** `0007_something`: sorts as text in every locale. */
export const migrationNamePattern = /^\d{4}_[a-z0-9]+(?:_[a-z0-9]+)*$/;

/**
 * SHA-256 of a source as its author sees it: the ends of lines, spaces before them and a byte order mark do not count. Of
 * the TypeScript, never of something compiled: another compiler would change it.
 */
export function checksumOf(source: string): string {
  const lines = source
    .replace(/^\u{FEFF}/u, '')
    .replaceAll(/\r\n?/g, '\n')
    .split('\n');
  const text = `${lines.map((line) => line.trimEnd()).join('\n')}`.trimEnd();
  return createHash('sha256').update(`${text}\n`).digest('hex');
}

const checksums = new Map<string, string>();

/**
 * The checksum of the file beside this code, read once per process; a release carries no sources: there it is the one that
 * was written into the list when the release was made.
 */
export function currentChecksum({ name, checksum }: Pick<Migration, 'name' | 'checksum'>): string {
  const known = checksums.get(name);
  if (known !== undefined) return known;
  let current = checksum;
  try {
    current = checksumOf(readFileSync(join(migrationsFolder, `${name}.ts`), 'utf8'));
  } catch {
    // No source here, or a list of a test.
  }
  checksums.set(name, current);
  return current;
}

/** By code units: `localeCompare` orders differently from machine to machine. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

export type ListEntry = Omit<Migration, 'module'>;

/** The text of `migrations/list.ts`. Generated, so that a new file cannot be forgotten. */
export function renderList(entries: readonly ListEntry[]): string {
  const sorted = entries.toSorted(byName);
  const variable = (name: string) => `m${name.slice(0, 4)}`;
  const imports = sorted.map(({ name }) => `import * as ${variable(name)} from './${name}.ts';`);
  const items = sorted.map(({ name, checksum, effect, rules }) =>
    [
      '  {',
      `    name: '${name}',`,
      `    checksum: '${checksum}',`,
      `    effect: '${effect}',`,
      `    rules: [${rules.map((rule) => `'${rule}'`).join(', ')}],`,
      `    module: ${variable(name)},`,
      '  },',
    ].join('\n'),
  );
  return [
    '// Made by `npm run generate` from the files of this folder. Do not edit.',
    "import type { Migration } from '../migrate-source.ts';",
    ...imports,
    '',
    '/** Every migration in the order of execution. */',
    'export const migrations: readonly Migration[] = [',
    ...items,
    '];',
    '',
  ].join('\n');
}
