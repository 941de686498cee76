import { createHash } from 'node:crypto';
import { maintenanceOf } from '#shared/database-maintenance.ts';
import {
  databaseCharsets,
  databaseEngines,
  type DatabaseCharset,
  type DatabaseEngine,
  type DatabaseServer,
  type KnownDatabase,
  type RemovedDatabase,
} from '#shared/databases.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';
import { newId } from '../id.ts';
import { createFakeBrowse } from './database-browse.ts';
import { createFakeConsole } from './database-console.ts';
import { createFakeExports } from './database-exports.ts';

type DatabasesAction = Extract<keyof FakeActions, `databases.${string}`>;
type Kept = { readonly facts: Omit<KnownDatabase, 'databaseId' | 'state'>; password: string };
type Run = {
  readonly startedAt: number;
  readonly kind: 'remove' | 'restore' | 'import' | 'bring_back' | 'maintain' | 'rename';
  readonly id: string;
  isOver: boolean;
  /** Of a rename. */
  readonly to?: string;
  /** Of an import. */
  readonly file?: { readonly siteId: string; readonly path: string };
  hasCopy?: boolean;
  isStopped?: boolean;
};
type State = 'running' | 'succeeded' | 'failed' | 'cancelled';

export type FakeDatabasesOptions = {
  readonly now: () => number;
  readonly isInstalled: (engine: DatabaseEngine) => boolean;
  /** How long a deletion or restore takes. */
  readonly runMs: number;
};

type Server = Omit<DatabaseServer, 'engine' | 'isOpenToNetwork'>;
const missing: Server = { state: 'missing', version: null, socketPath: null, port: null, locales: [] };
const runningServers: Readonly<Record<DatabaseEngine, Server>> = {
  mariadb: { state: 'running', version: '11.8.3', socketPath: '/run/mysqld/mysqld.sock', port: 3306, locales: [] },
  postgresql: {
    state: 'running',
    version: '17.5',
    socketPath: '/run/postgresql',
    port: 5432,
    locales: ['C', 'C.utf8', 'ar_SA.utf8', 'en_US.utf8'],
  },
};

/** The part of the fake agent that keeps databases. The name `fail_database` is refused by the server. */
export function createFakeDatabases({ now, isInstalled, runMs }: FakeDatabasesOptions): {
  readonly actions: Pick<FakeActions, DatabasesAction>;
  /** Of a server. */
  readonly names: (engine: DatabaseEngine) => string[];
  readonly owned: () => readonly { readonly databaseId: string; readonly siteId: string | null }[];
  /** With a site that comes in as a file. Throws for a name that is taken; nothing of these is made then. */
  readonly bring: (copyId: string, siteId: string, given: readonly { name: string; user: string }[]) => void;
  /** The site was not made. */
  readonly takeBack: (copyId: string) => void;
} {
  const databases = new Map<string, Kept>();
  const removed = new Map<
    string,
    { readonly shown: RemovedDatabase; readonly databaseId: string; readonly kept: Kept }
  >();
  const runs = new Map<string, Run>();

  function get(databaseId: string): Kept {
    const found = databases.get(databaseId);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such database.', { reason: 'database_unknown' });
    const isBusy = [...runs.values()].some(({ id, isOver }) => id === databaseId && !isOver);
    if (isBusy)
      throw new AppError('busy', 'Something else is under way with this database.', { reason: 'database_under_way' });
    return found;
  }

  function mustRun(engine: DatabaseEngine): void {
    if (!isInstalled(engine))
      throw new AppError('in_use', 'No database server is installed.', { reason: 'database_server_missing' });
  }

  function refuseTaken(engine: DatabaseEngine, name: string, user: string): void {
    for (const { facts } of databases.values()) {
      if (facts.engine !== engine) continue;
      if (facts.name === name)
        throw new AppError('already_exists', 'There is a database of this name.', {
          reason: 'database_exists',
          params: { name },
          fields: [{ field: 'name', code: 'database_exists', params: { name } }],
        });
      if (facts.user === user)
        throw new AppError('already_exists', 'There is a database user of this name.', {
          reason: 'database_user_exists',
          params: { user },
          fields: [{ field: 'user', code: 'database_user_exists', params: { user } }],
        });
    }
  }

  const stateOf = ({ startedAt, isStopped, file }: Run): State => {
    if (isStopped === true) return 'cancelled';
    if (now() - startedAt < runMs) return 'running';
    return file?.path.endsWith('broken.sql') === true ? 'failed' : 'succeeded';
  };
  const startedOf = (run: Run): { state: 'running' | 'succeeded' | 'failed' } => {
    const state = stateOf(run);
    return { state: state === 'cancelled' ? 'failed' : state };
  };
  const failureOf = (run: Run) =>
    stateOf(run) === 'failed'
      ? {
          reason: 'database_import_refused',
          params: { line: '7', said: 'You have an error in your SQL syntax', code: '1064' },
        }
      : null;

  function settle(): void {
    for (const [runId, run] of runs) {
      if (run.isOver || stateOf(run) === 'running') continue;
      run.isOver = true;
      if (run.kind === 'remove') finishRemoval(runId, run.id);
      else if (run.kind === 'restore') finishRestore(run.id);
      else if (run.kind === 'rename') finishRename(run);
    }
  }

  function finishRemoval(runId: string, databaseId: string): void {
    const kept = databases.get(databaseId);
    if (kept === undefined) return;
    databases.delete(databaseId);
    const { engine, name, user, siteId, sizeBytes, tables } = kept.facts;
    const shown = {
      removalId: runId,
      engine,
      name,
      user: user ?? '',
      siteId,
      removedAt: new Date(now()).toISOString(),
      sizeBytes: sizeBytes ?? 0,
      tables: tables ?? 0,
    };
    removed.set(runId, { shown, databaseId, kept });
  }

  function finishRestore(removalId: string): void {
    const found = removed.get(removalId);
    if (found === undefined) return;
    removed.delete(removalId);
    databases.set(found.databaseId, found.kept);
  }

  function finishRename({ id, to }: Run): void {
    const kept = databases.get(id);
    if (kept !== undefined && to !== undefined) databases.set(id, { ...kept, facts: { ...kept.facts, name: to } });
  }

  const brought = new Map<string, string[]>();

  function bring(copyId: string, siteId: string, given: readonly { name: string; user: string }[]): void {
    for (const { name, user } of given) {
      mustRun('mariadb');
      refuseTaken('mariadb', name, user);
    }
    const ids = given.map(({ name, user }) => {
      const databaseId = newId();
      const charset = { charset: 'utf8mb4', collation: databaseCharsets.utf8mb4 };
      const createdAt = new Date(now()).toISOString();
      const facts = {
        engine: 'mariadb' as const,
        name,
        user,
        siteId,
        ...charset,
        sizeBytes: 734_003,
        tables: 12,
        createdAt,
      };
      databases.set(databaseId, { facts, password: `Fake${databaseId}Password23` });
      return databaseId;
    });
    brought.set(copyId, ids);
  }

  function takeBack(copyId: string): void {
    for (const databaseId of brought.get(copyId) ?? []) databases.delete(databaseId);
  }

  const shown = ([databaseId, { facts }]: [string, Kept]): KnownDatabase => {
    const run = [...runs.values()].find(({ id, isOver }) => id === databaseId && !isOver);
    return {
      databaseId,
      ...facts,
      state:
        run === undefined
          ? 'ready'
          : run.kind === 'remove'
            ? 'removing'
            : run.kind === 'rename'
              ? 'renaming'
              : 'importing',
    };
  };

  function confirmOf(databaseId: string): string {
    return createHash('sha256').update(databaseId).digest('hex');
  }

  function copyOf(databaseId: string, importId: string): Run {
    const run = runs.get(importId);
    if (run?.id === databaseId && run.hasCopy === true) return run;
    throw new AppError('not_found', 'There is no such copy.', { reason: 'database_copy_unknown' });
  }

  const actions: Pick<FakeActions, DatabasesAction> = {
    ...createFakeBrowse((databaseId) => void get(databaseId)),
    ...createFakeExports((databaseId) => get(databaseId).facts.name),
    ...createFakeConsole((databaseId) => void get(databaseId), now),
    async 'databases.list'() {
      settle();
      return {
        servers: databaseEngines.map((engine) => ({
          engine,
          ...(isInstalled(engine) ? runningServers[engine] : missing),
          isOpenToNetwork: false,
        })),
        items: [...databases].map(shown).sort((one, other) => (one.name < other.name ? -1 : 1)),
        removed: [...removed.values()].map((each) => each.shown).toReversed(),
      };
    },
    async 'databases.create'({ databaseId, engine, name, user, siteId, charset, locale, password }) {
      settle();
      const before = databases.get(databaseId);
      if (before !== undefined) return shown([databaseId, before]);
      mustRun(engine);
      refuseTaken(engine, name, user);
      if (name === 'fail_database')
        throw new AppError('internal', 'The database server refused a statement.', {
          reason: 'database_server_refused',
          params: { code: 1044 },
        });
      const createdAt = new Date(now()).toISOString();
      const collation = engine === 'mariadb' ? databaseCharsets[charset as DatabaseCharset] : (locale ?? 'C.utf8');
      const facts = { engine, name, user, siteId, charset, collation, sizeBytes: 0, tables: 0, createdAt };
      const kept = { facts, password: password ?? `Fake${databaseId}Password23` };
      databases.set(databaseId, kept);
      return shown([databaseId, kept]);
    },
    async 'databases.discard'({ databaseId }) {
      return { isGone: databases.delete(databaseId) };
    },
    async 'databases.link'({ databaseId, siteId }) {
      const kept = get(databaseId);
      databases.set(databaseId, { ...kept, facts: { ...kept.facts, siteId } });
      return {};
    },
    async 'databases.show_password'({ databaseId }) {
      return { password: get(databaseId).password };
    },
    async 'databases.change_password'({ databaseId, password }) {
      const kept = get(databaseId);
      kept.password = password ?? `Fake${String(now())}Password`;
      return { password: kept.password };
    },
    async 'databases.preview_removal'({ databaseId }) {
      settle();
      const { facts } = get(databaseId);
      return {
        name: facts.name,
        user: facts.user ?? '',
        isUserKept: false,
        tables: facts.tables ?? 0,
        rows: 0,
        sizeBytes: facts.sizeBytes ?? 0,
        connections: 0,
        confirm: confirmOf(databaseId),
      };
    },
    async 'databases.remove'({ databaseId, runId, confirm }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      get(databaseId);
      if (confirm !== confirmOf(databaseId))
        throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
          reason: 'removal_list_changed',
        });
      runs.set(runId, { startedAt: now(), kind: 'remove', id: databaseId, isOver: false });
      return { state: 'running' };
    },
    async 'databases.rename'({ databaseId, runId, name }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      refuseTaken(get(databaseId).facts.engine, name, '');
      runs.set(runId, { startedAt: now(), kind: 'rename', id: databaseId, isOver: false, to: name });
      return { state: 'running' };
    },
    async 'databases.change_owner'({ databaseId, user, password }) {
      settle();
      const kept = get(databaseId);
      if (kept.facts.engine !== 'postgresql')
        throw new AppError('invalid_request', 'This server has no owners.', { reason: 'database_owner_engine' });
      refuseTaken('postgresql', '', user);
      const next = { facts: { ...kept.facts, user }, password: password ?? `Fake${databaseId}Owner23` };
      databases.set(databaseId, next);
      return shown([databaseId, next]);
    },
    async 'databases.restore'({ removalId, runId }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      const found = removed.get(removalId);
      if (found === undefined)
        throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'database_removal_unknown' });
      refuseTaken(found.shown.engine, found.shown.name, found.shown.user);
      runs.set(runId, { startedAt: now(), kind: 'restore', id: removalId, isOver: false });
      return { state: 'running' };
    },
    async 'databases.resume'() {
      return {};
    },
    async 'databases.discard_removed'({ removalId }) {
      if (!removed.delete(removalId))
        throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'database_removal_unknown' });
      return {};
    },
    async 'databases.import'({ databaseId, runId, site, path }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      get(databaseId);
      const file = { siteId: site.siteId, path };
      runs.set(runId, { startedAt: now(), kind: 'import', id: databaseId, isOver: false, file, hasCopy: true });
      return { state: 'running' };
    },
    async 'databases.maintain'({ databaseId, runId, kind }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      const { engine } = get(databaseId).facts;
      if (!(maintenanceOf[engine] as readonly string[]).includes(kind))
        throw new AppError('invalid_request', 'Not of this server.', {
          fields: [{ field: 'kind', code: 'not_a_choice' }],
        });
      runs.set(runId, { startedAt: now(), kind: 'maintain', id: databaseId, isOver: false });
      return { state: 'running' };
    },
    async 'databases.imports'({ databaseId }) {
      settle();
      const items = [...runs].flatMap(([importId, run]) => {
        if (run.file === undefined || run.id !== databaseId) return [];
        const state = stateOf(run);
        const startedAt = new Date(run.startedAt).toISOString();
        return {
          importId,
          ...run.file,
          sizeBytes: 48_000_000,
          doneBytes: state === 'running' ? 19_000_000 : 48_000_000,
          state,
          hasBegun: true,
          failure: failureOf(run),
          startedAt,
          endedAt: state === 'running' ? null : new Date(run.startedAt + runMs).toISOString(),
          copy: run.hasCopy === true ? { sizeBytes: 3_100_000, tables: 12 } : null,
        };
      });
      return { items: items.toReversed() };
    },
    async 'databases.bring_back'({ databaseId, importId, runId }) {
      settle();
      const before = runs.get(runId);
      if (before !== undefined) return startedOf(before);
      get(databaseId);
      copyOf(databaseId, importId).hasCopy = false;
      runs.set(runId, { startedAt: now(), kind: 'bring_back', id: databaseId, isOver: false });
      return { state: 'running' };
    },
    async 'databases.drop_copy'({ databaseId, importId }) {
      copyOf(databaseId, importId).hasCopy = false;
      return {};
    },
    async 'databases.stop'({ runId }) {
      const run = runs.get(runId);
      if (run?.kind === 'import' && !run.isOver) Object.assign(run, { isStopped: true, isOver: true });
      return {};
    },
    async 'databases.run'({ runId, offset }) {
      settle();
      const run = runs.get(runId);
      if (run === undefined) return { run: null, text: '', nextOffset: offset };
      const lines = {
        remove: 'tables were dumped\nthe database was deleted\n',
        rename: `it is called ${run.to ?? ''} now\n`,
        other: 'tables are back\n',
      }[run.kind === 'remove' || run.kind === 'rename' ? run.kind : 'other'];
      const state = stateOf(run);
      const text = state === 'running' ? '' : lines.slice(offset);
      const progress = run.kind !== 'import' ? null : state === 'running' ? 40 : 100;
      return { run: { state, failure: failureOf(run), progress }, text, nextOffset: offset + text.length };
    },
  };
  const names = (engine: DatabaseEngine): string[] =>
    [...databases.values()].flatMap(({ facts }) => (facts.engine === engine ? [facts.name] : [])).sort();
  const owned = () => [...databases].map(([databaseId, { facts }]) => ({ databaseId, siteId: facts.siteId }));
  return { actions, names, owned, bring, takeBack };
}
