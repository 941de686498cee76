import { createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0012_role_recording. Of which roles terminals are recorded. */
export const revision = '0012_role_recording';
export const downRevision = '0011_file_favourites';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'role_recording')
    .addColumn('role', 'varchar(32)', (column) => column.primaryKey())
    .addColumn('recording', 'varchar(16)', (column) => column.notNull())
    .execute();
}

/** What was chosen goes; the agent's register keeps what it was told of each person. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'role_recording');
}
