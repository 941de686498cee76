import { createIndex, createTable, dropTable, longText, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0001_core. People, sessions, one-time links, audit, idempotency keys, settings. */
export const revision = '0001_core';
export const downRevision = null;

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'person')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('name', 'varchar(64)', (column) => column.notNull())
    .addColumn('display_name', 'varchar(255)', (column) => column.notNull())
    .addColumn('role', 'varchar(32)', (column) => column.notNull())
    .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
    .addColumn('is_disabled', 'smallint', (column) => column.notNull())
    .addColumn('preferences_json', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'person_name', 'person', ['name'], { isUnique: true });

  await createTable(db, 'session')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('address', 'varchar(64)', (column) => column.notNull())
    .addColumn('user_agent', 'varchar(255)', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('session_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'session_token_hash', 'session', ['token_hash'], { isUnique: true });
  await createIndex(db, 'session_person_id', 'session', ['person_id']);
  await createIndex(db, 'session_expires_at', 'session', ['expires_at']);

  await createTable(db, 'one_time_link')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('purpose', 'varchar(32)', (column) => column.notNull())
    .addColumn('person_id', 'varchar(16)')
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('used_at', 'bigint')
    .addForeignKeyConstraint('one_time_link_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'one_time_link_token_hash', 'one_time_link', ['token_hash'], { isUnique: true });
  await createIndex(db, 'one_time_link_person_id', 'one_time_link', ['person_id']);

  await createTable(db, 'audit')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor_id', 'varchar(16)')
    .addColumn('actor_name', 'varchar(128)', (column) => column.notNull())
    .addColumn('action', 'varchar(64)', (column) => column.notNull())
    .addColumn('target', 'varchar(255)', (column) => column.notNull())
    .addColumn('outcome', 'varchar(16)', (column) => column.notNull())
    .addColumn('address', 'varchar(64)', (column) => column.notNull())
    .addColumn('request_id', 'varchar(64)', (column) => column.notNull())
    .addColumn('detail_json', 'text', (column) => column.notNull())
    .execute();
  await createIndex(db, 'audit_at', 'audit', ['at', 'id']);
  await createIndex(db, 'audit_action', 'audit', ['action', 'at']);

  await createTable(db, 'idempotency')
    .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('request_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('answer_json', longText(db))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'idempotency_expires_at', 'idempotency', ['expires_at']);

  await createTable(db, 'setting')
    .addColumn('name', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('value_json', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** Takes the tables away with everything in them. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'setting');
  await dropTable(db, 'idempotency');
  await dropTable(db, 'audit');
  await dropTable(db, 'one_time_link');
  await dropTable(db, 'session');
  await dropTable(db, 'person');
}
