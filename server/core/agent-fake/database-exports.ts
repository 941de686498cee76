import { Readable } from 'node:stream';
import type { DatabaseExport, ExportWish } from '#shared/database-exports.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';

type Kept = Omit<DatabaseExport, 'id'> & { readonly databaseId: string; readonly wish: ExportWish };

/** Exports of the fake agent. One that names the table `settings` breaks off in the middle. */
export function createFakeExports(
  nameOf: (databaseId: string) => string,
): Pick<FakeActions, 'databases.export' | 'databases.export_bytes' | 'databases.export_state'> {
  const kept = new Map<string, Kept>();

  function get(databaseId: string, exportId: string): Kept {
    const found = kept.get(exportId);
    if (found?.databaseId === databaseId) return found;
    throw new AppError('not_found', 'There is no such export any more.', { reason: 'database_export_unknown' });
  }

  const shown = ({ fileName, state, sentBytes, leftOut, failure }: Kept): Omit<DatabaseExport, 'id'> => ({
    fileName,
    state,
    sentBytes,
    leftOut,
    failure,
  });

  return {
    async 'databases.export'({ databaseId, exportId, ...wish }) {
      const facts = { fileName: `${nameOf(databaseId)}.${wish.format}`, leftOut: [], failure: null };
      const begun: Kept = { ...facts, databaseId, wish, state: 'waiting', sentBytes: 0 };
      kept.set(exportId, begun);
      return shown(begun);
    },
    async 'databases.export_bytes'({ databaseId, exportId }, { giveBytes }) {
      const found = get(databaseId, exportId);
      if (found.state !== 'waiting') get(databaseId, '');
      const isBroken = found.wish.tables?.includes('settings') === true;
      const text = Buffer.from(`-- ${nameOf(databaseId)}, ${found.wish.what}\n`);
      Object.assign(found, {
        state: isBroken ? 'failed' : 'succeeded',
        sentBytes: text.length,
        failure: isBroken
          ? { reason: 'database_export_refused', params: { said: 'Table is marked as crashed' } }
          : null,
      });
      giveBytes?.(
        Readable.from(
          (function* () {
            yield text;
            if (isBroken) throw new Error('the dump broke off');
          })(),
          { objectMode: false },
        ),
      );
      return shown(found);
    },
    async 'databases.export_state'({ databaseId, exportId }) {
      return shown(get(databaseId, exportId));
    },
  };
}
