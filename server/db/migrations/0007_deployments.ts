import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0007_deployments. Webhooks by which repositories tell of pushes. */
export const revision = '0007_deployments';
export const downRevision = '0006_site_settings';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'deploy_hook')
    .addColumn('site_id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('id', 'varchar(16)', (column) => column.notNull())
    .addColumn('secret', 'varchar(64)', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_called_at', 'bigint')
    .addColumn('waiting_since_at', 'bigint')
    .execute();
  await createIndex(db, 'deploy_hook_id', 'deploy_hook', ['id'], { isUnique: true });
}

/** Takes the webhooks away: repositories must be told new ones. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'deploy_hook');
}
