import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0012_recording_and_remarks. Of which roles terminals are recorded; remarks on files of sites. */
export const revision = '0012_recording_and_remarks';
export const downRevision = '0011_file_favourites';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'role_recording')
    .addColumn('role', 'varchar(32)', (column) => column.primaryKey())
    .addColumn('recording', 'varchar(16)', (column) => column.notNull())
    .execute();
  await createTable(db, 'file_remark')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('bin_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('remark', 'varchar(200)', (column) => column.notNull())
    .addForeignKeyConstraint('file_remark_site', ['site_id'], 'site', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'file_remark_site_id', 'file_remark', ['site_id']);
}

/** Takes the remarks away, the files stay. What was chosen for roles goes; the agent keeps what it was told of each person. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'file_remark');
  await dropTable(db, 'role_recording');
}
