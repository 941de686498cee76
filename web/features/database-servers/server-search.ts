import type { DatabaseEngine } from '#shared/databases.ts';

/** The parts of the page of a database server; each has an address of its own. */
export const serverParts = ['state', 'accounts', 'slow', 'settings'] as const;
export type ServerPart = (typeof serverParts)[number];

/** Which part is shown: what it is doing, unless something else was asked for. */
export function serverSearch(search: Record<string, unknown>): { readonly part?: ServerPart } {
  const part = serverParts.find((each) => each === search['part']);
  return part === undefined || part === 'state' ? {} : { part };
}

/** Settings and the log of slow statements are kept for MariaDB. */
export function partsOf(engine: DatabaseEngine): readonly ServerPart[] {
  return engine === 'mariadb' ? serverParts : ['state', 'accounts'];
}
