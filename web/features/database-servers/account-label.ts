import type { DatabaseAccount } from './database-servers.queries.ts';

/** As the server writes it. */
export function accountLabel({ name, host }: Pick<DatabaseAccount, 'host' | 'name'>): string {
  return host === null ? name : `${name}@${host}`;
}
