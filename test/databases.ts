export {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
  type DatabaseServerOptions,
} from '#server/testing/database-servers.ts';
