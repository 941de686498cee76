import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0008_saved_commands. Commands for the terminal that people keep under names. */
export const revision = '0008_saved_commands';
export const downRevision = '0007_deployments';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'saved_command')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('name', 'varchar(255)', (column) => column.notNull())
    .addColumn('name_key', 'varchar(255)', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('saved_command_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'saved_command_name_key', 'saved_command', ['person_id', 'name_key'], { isUnique: true });
}

/** Takes the saved commands away. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'saved_command');
}
