import type { TablePage } from '#shared/database-browse.ts';
import { AppError } from '#shared/errors.ts';

/* What the table browser of both servers shares. */

export const pageRows = 50;
export const columnsShown = 200;
export const mostTables = 5_000;
const mostCharacters = 300;

/** How much of each value is shown: of many columns less, so that no page grows beyond half a million. */
export const charactersOf = (columns: number): number =>
  Math.max(40, Math.min(mostCharacters, Math.floor(500_000 / (columns * pageRows))));

/** Columns by which pages go on. */
type Key = readonly { readonly name: string; readonly type: string }[];

export type RowsWish = {
  readonly table: string;
  readonly order: 'down' | 'up';
  /** Key of the row before this page, once it is known what the key is; null: from the beginning. */
  readonly from: (key: Key | undefined) => Promise<readonly string[] | null>;
};

export type RowsPage = Omit<TablePage, 'hasKey' | 'next'> & {
  readonly key: Key | undefined;
  /** undefined: nothing follows, or there is no key to go on by. */
  readonly lastKey: readonly string[] | undefined;
};

export const tableUnknown = (): AppError =>
  new AppError('not_found', 'There is no such table.', { reason: 'database_table_unknown' });
