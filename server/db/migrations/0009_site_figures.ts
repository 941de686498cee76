import { addColumn, createTable, dropColumn, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0009_site_figures. What was last measured of each site, for the columns of the list, and which of them a person chose. */
export const revision = '0009_site_figures';
export const downRevision = '0008_saved_commands';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'site_figure')
    .addColumn('site_id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('requests', 'bigint')
    .addColumn('bytes', 'bigint')
    .addColumn('counted_until', 'bigint')
    .addColumn('certificate_ends_at', 'bigint')
    .addColumn('ends_at', 'bigint')
    .addColumn('is_backup_known', 'smallint', (column) => column.notNull())
    .addColumn('backup_at', 'bigint')
    .addColumn('backup_failed_at', 'bigint')
    .addColumn('backup_every_minutes', 'integer')
    .addColumn('measured_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('site_figure_site', ['site_id'], 'site', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await addColumn(db, 'person', 'site_columns_json', 'varchar(1000)');
}

/** Takes the figures away, which are measured anew, and what people chose. */
export async function down(db: MigrationDb): Promise<void> {
  await dropColumn(db, 'person', 'site_columns_json');
  await dropTable(db, 'site_figure');
}
