import type { Handlers } from '../core/handlers.ts';
import { changePassword, createDatabase, discardDatabase, passwordOf } from './create.ts';
import { dropCopy, listImports, startBringingBack, startImport } from './import/imports.ts';
import { engineOf } from './engines/engines.ts';
import { listDatabases, shownDatabase } from './list.ts';
import { databasesLock, getReady, writeRecord } from './records.ts';
import { discardRemoved, previewRemoval, startRemoval, startRestore } from './removal.ts';
import { askToStop, observeRun, resumeRun } from './runs.ts';

export const databasesHandlers: Pick<Handlers, Extract<keyof Handlers, `databases.${string}`>> = {
  'databases.bring_back': (machine, params, { deadlineAt }) => startBringingBack(machine, params, deadlineAt),
  'databases.change_owner': async (machine, params, { deadlineAt }) => {
    const record = await (await import('./rename/owner.ts')).changeOwner(machine, params, deadlineAt);
    const found = (await engineOf(record).list(machine)).find(({ name }) => name === record.name);
    return shownDatabase(record, { state: 'running' }, found);
  },
  'databases.change_password': async (machine, params, { deadlineAt }) => ({
    password: await changePassword(machine, params, deadlineAt),
  }),
  'databases.change_row': async (machine, params) => (await import('./browse/rows.ts')).changeRow(machine, params),
  'databases.create': async (machine, params, { deadlineAt }) => {
    const record = await createDatabase(machine, params, deadlineAt);
    const { name, charset, collation } = record;
    const fresh = { name, charset, collation, sizeBytes: 0, tables: 0 };
    return shownDatabase(record, { state: 'running' }, fresh);
  },
  'databases.clear_console': async (machine, params, call) =>
    (await import('./console/console.ts')).clearHistory(machine, params, call),
  'databases.console': async (machine, params, call) =>
    (await import('./console/console.ts')).showHistory(machine, params, call),
  'databases.discard': async (machine, { databaseId }, { deadlineAt }) => ({
    isGone: await discardDatabase(machine, databaseId, deadlineAt),
  }),
  'databases.discard_removed': async (machine, { removalId }, { deadlineAt }) => {
    await discardRemoved(machine, removalId, deadlineAt);
    return {};
  },
  'databases.drop_copy': async (machine, params, { deadlineAt }) => {
    await dropCopy(machine, params, deadlineAt);
    return {};
  },
  'databases.execute': async (machine, params, call) =>
    (await import('./console/console.ts')).runStatement(machine, params, call, 'write'),
  'databases.export': async (machine, params, call) =>
    (await import('./export/exports.ts')).beginExport(machine, params, call),
  'databases.export_bytes': async (machine, params, call) =>
    (await import('./export/exports.ts')).giveExport(machine, params, call),
  'databases.export_state': async (_machine, params, call) =>
    (await import('./export/exports.ts')).stateOfExport(params, call),
  'databases.import': (machine, params, call) => startImport(machine, params, call),
  'databases.imports': (machine, params) => Promise.resolve(listImports(machine, params)),
  'databases.link': (machine, { databaseId, siteId }, { deadlineAt }) =>
    machine.locks.hold(databasesLock, deadlineAt, async () => {
      await writeRecord(machine, { ...getReady(machine, databaseId), siteId });
      return {};
    }),
  'databases.list': (machine) => listDatabases(machine),
  'databases.maintain': async (machine, params, { deadlineAt }) =>
    (await import('./maintenance/maintain.ts')).startMaintenance(machine, params, deadlineAt),
  'databases.preview_removal': (machine, { databaseId }) => previewRemoval(machine, databaseId),
  'databases.query': async (machine, params, call) =>
    (await import('./console/console.ts')).runStatement(machine, params, call, 'read'),
  'databases.remove': (machine, params, { deadlineAt }) => startRemoval(machine, params, deadlineAt),
  'databases.rename': async (machine, params, { deadlineAt }) =>
    (await import('./rename/rename.ts')).startRename(machine, params, deadlineAt),
  'databases.restore': (machine, params, { deadlineAt }) => startRestore(machine, params, deadlineAt),
  'databases.resume': async (machine, { runId }, { deadlineAt }) => {
    await machine.locks.hold(databasesLock, deadlineAt, () => resumeRun(machine, runId));
    return {};
  },
  'databases.row': async (machine, params) => (await import('./browse/rows.ts')).readRow(machine, params),
  'databases.rows': async (machine, params) => (await import('./browse/browse.ts')).readRows(machine, params),
  'databases.run': (machine, { runId, offset }) => Promise.resolve(observeRun(machine, runId, offset)),
  'databases.show_password': async (machine, { databaseId }) => ({ password: await passwordOf(machine, databaseId) }),
  'databases.stop': (machine, { runId }) => {
    askToStop(machine, runId);
    return Promise.resolve({});
  },
  'databases.tables': async (machine, params) => (await import('./browse/browse.ts')).listTables(machine, params),
};
