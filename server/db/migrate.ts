import packageJson from '../../package.json' with { type: 'json' };
import type { MigrationDb } from './ddl.ts';
import {
  adoptChecksums,
  ensureHistory,
  MigrationHistoryError,
  pendingOf,
  problemsOf,
  readHistory,
  type Executed,
  type Problem,
} from './migrate-history.ts';
import { lockHolder, MigrationLockedError, withMigrationLock, type Holder } from './migrate-lock.ts';
import type { Effect, Migration } from './migrate-source.ts';
import { defaultLimits, runStep, type Direction, type Limits } from './migrate-step.ts';
import { migrations as allMigrations } from './migrations/list.ts';
import type { Db } from './schema.ts';

export { MigrationHistoryError } from './migrate-history.ts';
export { MigrationLockedError };

/** What is done around the steps, so that a failure can be taken back. */
export type Safety = {
  /** Makes a verified copy; when it throws, no step is run. */
  before(db: MigrationDb, names: readonly string[]): Promise<void>;
  /** Throws when the database is not sound afterwards. */
  check(db: MigrationDb): Promise<void>;
  /** Puts the copy back. `isCheck`: the check failed, not a step. True when the database is as it was before. */
  restore(db: MigrationDb, failure: { readonly isCheck: boolean }): Promise<boolean>;
};

export type MigrateOptions = {
  /** Default: those of this version. */
  readonly migrations?: readonly Migration[];
  /** How long to wait for another process that migrates. */
  readonly lockWaitMs?: number;
  readonly limits?: Limits;
  readonly safety?: Safety;
  /** Name of the migration that shall be the newest executed one; null: none shall be left. */
  readonly to?: string | null;
};

/** A step failed. `restored`: the copy from before was put back. */
export class MigrationFailedError extends Error {
  readonly migration: string;
  readonly restored: boolean;
  constructor(migration: string, restored: boolean, cause: unknown) {
    super(`the migration ${migration} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'MigrationFailedError';
    this.migration = migration;
    this.restored = restored;
  }
}

/** There is no such migration, or it is not executed, or one has no way back. Nothing was changed. */
export class MigrationTargetError extends Error {
  readonly migration: string;
  readonly kind: 'unknown' | 'irreversible';
  constructor(migration: string, kind: MigrationTargetError['kind'], detail: string) {
    super(`${migration}: ${detail}`);
    this.name = 'MigrationTargetError';
    this.migration = migration;
    this.kind = kind;
  }
}

/** As long as systemd waits for a start, and some. */
const defaultLockWaitMs = 60_000;

/**
 * Brings the database up to date (or up to `to`) and returns the names of what was applied. Two processes at once: one
 * works, the other waits. Throws MigrationHistoryError, MigrationLockedError, MigrationTargetError, MigrationFailedError.
 */
export async function migrateToLatest(db: Db, options: MigrateOptions = {}): Promise<string[]> {
  const known = options.migrations ?? allMigrations;
  const last = options.to;
  if (typeof last === 'string' && !known.some(({ name }) => name === last)) {
    throw new MigrationTargetError(last, 'unknown', 'there is no such migration');
  }
  const wanted = (executed: readonly Executed[]) =>
    pendingOf(executed, known).filter(({ name }) => typeof last !== 'string' || name <= last);
  // The usual start: nothing to do, nothing to lock, nothing written.
  const before = await readSoundHistory(db, known);
  const isTakenOver = before.every(({ checksum }) => checksum !== null);
  if (wanted(before).length === 0 && isTakenOver) return [];
  return await withLock(db, options, async (connection) => {
    await ensureHistory(connection);
    await adoptChecksums(connection, known);
    const pending = wanted(await readSoundHistory(connection, known));
    return await runAll(connection, pending, 'up', options);
  });
}

/** Undoes migrations, newest first: one, or all after `to`. Returns their names. Throws like `migrateToLatest`. */
export async function migrateDown(db: Db, options: MigrateOptions = {}): Promise<string[]> {
  const known = options.migrations ?? allMigrations;
  // Before anything is written, even for the lock.
  await readSoundHistory(db, known);
  return await withLock(db, options, async (connection) => {
    await ensureHistory(connection);
    await adoptChecksums(connection, known);
    const executed = new Set((await readSoundHistory(connection, known)).map(({ name }) => name));
    const applied = known.filter(({ name }) => executed.has(name));
    const undone = stepsDown(applied, options.to);
    for (const { name, module } of undone) {
      if (module.down === undefined) {
        throw new MigrationTargetError(name, 'irreversible', module.irreversible ?? 'there is no way back');
      }
    }
    return await runAll(connection, undone, 'down', options);
  });
}

function stepsDown(applied: readonly Migration[], to: string | null | undefined): Migration[] {
  if (to === null) return applied.toReversed();
  if (to === undefined) return applied.slice(-1);
  const index = applied.findIndex(({ name }) => name === to);
  if (index === -1) throw new MigrationTargetError(to, 'unknown', 'it is not executed on this database');
  return applied.slice(index + 1).toReversed();
}

async function withLock<T>(db: Db, options: MigrateOptions, work: (db: MigrationDb) => Promise<T>): Promise<T> {
  return await db.connection().execute(async (connection) => {
    const single = connection as unknown as MigrationDb;
    return await withMigrationLock(single, options.lockWaitMs ?? defaultLockWaitMs, () => work(single));
  });
}

async function runAll(
  db: MigrationDb,
  steps: readonly Migration[],
  direction: Direction,
  { safety, limits = defaultLimits }: MigrateOptions,
): Promise<string[]> {
  if (steps.length === 0) return [];
  await safety?.before(
    db,
    steps.map(({ name }) => name),
  );
  const done: string[] = [];
  let isCheck = false;
  let current = '';
  try {
    for (const migration of steps) {
      current = migration.name;
      await runStep(db, migration, direction, { limits, toolVersion: packageJson.version });
      done.push(migration.name);
    }
    isCheck = true;
    await safety?.check(db);
    return done;
  } catch (error) {
    const outcome = await safety?.restore(db, { isCheck }).catch((failure: unknown) => ({ failure }));
    if (typeof outcome !== 'object') throw new MigrationFailedError(current, outcome ?? false, error);
    throw new MigrationFailedError(current, false, new AggregateError([error, outcome.failure], restoreFailed(error)));
  }
}

function restoreFailed(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)}; and the copy could not be put back`;
}

async function readSoundHistory(db: Db | MigrationDb, known: readonly Migration[]): Promise<Executed[]> {
  const executed = await readHistory(db);
  const problems = problemsOf(executed, known);
  if (problems.length > 0) throw new MigrationHistoryError(problems);
  return executed;
}

/** Names that wait to be applied, in order. */
export async function pendingMigrations(db: Db, known: readonly Migration[] = allMigrations): Promise<string[]> {
  return pendingOf(await readHistory(db), known).map(({ name }) => name);
}

/**
 * What readiness says while something is pending, and who is at work on it; undefined when the database is up to date. A
 * newer database is no reason here: a panel that runs goes on while the next version prepares the database.
 */
export async function whyNotMigrated(db: Db): Promise<string | undefined> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return undefined;
  const holder = await lockHolder(db);
  const now = holder === undefined ? '' : `; ${new MigrationLockedError(holder).message}`;
  return `pending: ${pending.join(', ')}${now}`;
}

/** Throws MigrationHistoryError when a newer version of the panel made this database. Writes nothing. */
export async function refuseNewerDatabase(db: Db): Promise<void> {
  const problems = problemsOf(await readHistory(db), allMigrations).filter(({ kind }) => kind === 'newer');
  if (problems.length > 0) throw new MigrationHistoryError(problems);
}

export type MigrationStatus = {
  readonly applied: readonly Executed[];
  readonly pending: readonly {
    readonly name: string;
    readonly effect: Effect;
    readonly rules: readonly string[];
    /** It stopped half-way, where the engine takes nothing back; the next `up` goes on. */
    readonly isHalfDone: boolean;
  }[];
  readonly problems: readonly Problem[];
  /** The process that migrates now. */
  readonly holder: Holder | null;
};

/** Everything about the history of a database. Writes nothing. */
export async function migrationStatus(db: Db, known: readonly Migration[] = allMigrations): Promise<MigrationStatus> {
  const executed = await readHistory(db);
  const started = new Set(executed.filter(({ state }) => state !== null).map(({ name }) => name));
  return {
    applied: executed.filter(({ state }) => state === null),
    pending: pendingOf(executed, known).map(({ name, effect, rules }) => ({
      name,
      effect,
      rules,
      isHalfDone: started.has(name),
    })),
    problems: problemsOf(executed, known),
    holder: (await lockHolder(db)) ?? null,
  };
}
