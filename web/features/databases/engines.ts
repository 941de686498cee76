import type { DatabaseEngine, DatabaseServer } from '#shared/databases.ts';

/** Names of products: the same in every language. */
export const engineTitles = { mariadb: 'MariaDB', postgresql: 'PostgreSQL' } as const satisfies Record<
  DatabaseEngine,
  string
>;

/** Servers that new databases can be made on. */
export function runningServers(servers: readonly DatabaseServer[] | undefined): readonly DatabaseServer[] {
  return (servers ?? []).filter(({ state }) => state === 'running');
}

export function serverOf(
  servers: readonly DatabaseServer[],
  { engine }: { readonly engine: DatabaseEngine },
): DatabaseServer | undefined {
  return servers.find((server) => server.engine === engine);
}
