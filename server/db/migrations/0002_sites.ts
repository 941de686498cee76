import { createIndex, createTable, dropTable, longText, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0002_sites. Sites, the names they answer to, and the history of their changes. */
export const revision = '0002_sites';
export const downRevision = '0001_core';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'site')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('slug', 'varchar(120)', (column) => column.notNull())
    .addColumn('name', 'varchar(255)', (column) => column.notNull())
    .addColumn('name_key', 'varchar(255)', (column) => column.notNull())
    .addColumn('remark', 'varchar(1000)', (column) => column.notNull())
    .addColumn('category', 'varchar(120)', (column) => column.notNull())
    .addColumn('kind', 'varchar(16)', (column) => column.notNull())
    .addColumn('state', 'varchar(16)', (column) => column.notNull())
    .addColumn('failure_json', 'text')
    .addColumn('is_enabled', 'smallint', (column) => column.notNull())
    .addColumn('root', 'varchar(1024)', (column) => column.notNull())
    .addColumn('upstream_json', 'text')
    .addColumn('domains_json', longText(db), (column) => column.notNull())
    .addColumn('custom_directives', longText(db), (column) => column.notNull())
    .addColumn('linux_user', 'varchar(32)', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('row_version', 'integer', (column) => column.notNull())
    .addColumn('change_id', 'varchar(16)')
    .addColumn('worker', 'varchar(160)')
    .addColumn('search_text', longText(db), (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'site_slug', 'site', ['slug'], { isUnique: true });
  await createIndex(db, 'site_name_key', 'site', ['name_key', 'id']);
  await createIndex(db, 'site_created_at', 'site', ['created_at', 'id']);
  await createIndex(db, 'site_updated_at', 'site', ['updated_at', 'id']);
  await createIndex(db, 'site_kind', 'site', ['kind', 'id']);
  await createIndex(db, 'site_state', 'site', ['state', 'id']);
  await createIndex(db, 'site_category', 'site', ['category']);
  await createIndex(db, 'site_change_id', 'site', ['change_id']);

  await createTable(db, 'site_domain')
    .addColumn('host', 'varchar(253)', (column) => column.notNull())
    .addColumn('port', 'integer', (column) => column.notNull())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addPrimaryKeyConstraint('site_domain_key', ['host', 'port'])
    .addForeignKeyConstraint('site_domain_site', ['site_id'], 'site', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'site_domain_site_id', 'site_domain', ['site_id']);

  await createTable(db, 'site_change')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('site_name', 'varchar(255)', (column) => column.notNull())
    .addColumn('action', 'varchar(32)', (column) => column.notNull())
    .addColumn('actor_id', 'varchar(64)', (column) => column.notNull())
    .addColumn('actor_name', 'varchar(128)', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('outcome', 'varchar(16)', (column) => column.notNull())
    .addColumn('failure', 'varchar(64)')
    .addColumn('fields_json', 'text', (column) => column.notNull())
    .addColumn('before_json', longText(db))
    .addColumn('after_json', longText(db))
    .addColumn('files_json', longText(db), (column) => column.notNull())
    .addColumn('undoes_id', 'varchar(16)')
    .execute();
  await createIndex(db, 'site_change_at', 'site_change', ['at', 'id']);
  await createIndex(db, 'site_change_site', 'site_change', ['site_id', 'at', 'id']);
  await createIndex(db, 'site_change_undoes', 'site_change', ['undoes_id']);
}

/** Takes the tables away with everything in them. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'site_change');
  await dropTable(db, 'site_domain');
  await dropTable(db, 'site');
}
