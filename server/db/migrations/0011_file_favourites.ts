import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0011_file_favourites. Folders of sites that people have starred. */
export const revision = '0011_file_favourites';
export const downRevision = '0010_file_links';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'file_favourite')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('file_favourite_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .addForeignKeyConstraint('file_favourite_site', ['site_id'], 'site', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'file_favourite_person_site', 'file_favourite', ['person_id', 'site_id']);
  await createIndex(db, 'file_favourite_site_id', 'file_favourite', ['site_id']);
}

/** Takes the stars away; the folders stay. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'file_favourite');
}
