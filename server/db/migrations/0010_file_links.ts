import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0010_file_links. Public links to files of sites. */
export const revision = '0010_file_links';
export const downRevision = '0009_site_figures';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'file_link')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('password_hash', 'varchar(255)')
    .addColumn('most_downloads', 'integer')
    .addColumn('downloads', 'integer', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('file_link_site', ['site_id'], 'site', ['id'], (key) => key.onDelete('cascade'))
    .addForeignKeyConstraint('file_link_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'file_link_token_hash', 'file_link', ['token_hash'], { isUnique: true });
  await createIndex(db, 'file_link_site_id', 'file_link', ['site_id']);
  await createIndex(db, 'file_link_person_id', 'file_link', ['person_id']);
  await createIndex(db, 'file_link_expires_at', 'file_link', ['expires_at']);
}

/** Takes the links away: whoever was given one has to be given another. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'file_link');
}
