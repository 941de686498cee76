import type { SortOrder } from '../../ui/lists/list-search.ts';
import type { DatabaseSort } from './databases-search.ts';
import type { Database } from './databases.queries.ts';

/** The largest are looked for; all else from its beginning. */
export const firstOrder = (sort: DatabaseSort): SortOrder => (sort === 'size' ? 'desc' : 'asc');

export const databaseValue: Readonly<Record<DatabaseSort, (database: Database) => string | number | null>> = {
  name: ({ name }) => name,
  site: ({ site }) => site?.name ?? null,
  user: ({ user }) => user,
  size: ({ sizeBytes }) => sizeBytes,
};
