import { sql } from 'kysely';
import {
  addColumn,
  createIndex,
  createTable,
  dropColumn,
  dropIndex,
  dropTable,
  hasColumn,
  isSqlite,
  rebuildTable,
  type MigrationDb,
} from '../ddl.ts';

// allow V-drop: the hashes of the first version cannot be carried into the agent, and nobody but one owner had one
// allow V-mix: the rows of people without their hash mean nothing, and there is one at most
// allow V-batch: there is one row at most
// allow V-index: the audit log of the first version is small
// allow V-fkidx: rows of sign_in_step live for minutes, there are never many

/**
 * Revision ID: 0004_accounts. Teams: own roles, assigned sites, API tokens, second factors; the audit log as an index of the agent's chain. Factors
 * move to the agent, which cannot take over hashes of another process: the one account there can be so far goes with
 * its hash, and the next link of the first run makes the owner again.
 */
export const revision = '0004_accounts';
export const downRevision = '0003_jobs';
/** On SQLite the way back makes `person` anew: a column without a default cannot be added. */
export const rebuilds = ['down'] as const;

export async function up(db: MigrationDb): Promise<void> {
  await forgetPasswords(db);
  await dropColumn(db, 'person', 'password_hash');
  await addColumn(db, 'person', 'must_have_second_factor', 'smallint', (column) => column.notNull().defaultTo(0));
  await addColumn(db, 'person', 'has_second_factor', 'smallint', (column) => column.notNull().defaultTo(0));
  await addColumn(db, 'person', 'last_seen_at', 'bigint');
  await addColumn(db, 'session', 'elevated_until', 'bigint');

  await createTable(db, 'role')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('name', 'varchar(255)', (column) => column.notNull())
    .addColumn('name_key', 'varchar(255)', (column) => column.notNull())
    .addColumn('permissions_json', 'text', (column) => column.notNull())
    .addColumn('site_scope', 'varchar(16)', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'role_name_key', 'role', ['name_key'], { isUnique: true });

  await createTable(db, 'person_site')
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('site_id', 'varchar(16)', (column) => column.notNull())
    .addPrimaryKeyConstraint('person_site_key', ['person_id', 'site_id'])
    .addForeignKeyConstraint('person_site_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();

  await createTable(db, 'api_token')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('name', 'varchar(255)', (column) => column.notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('scopes_json', 'text', (column) => column.notNull())
    .addColumn('addresses_json', 'text', (column) => column.notNull())
    .addColumn('is_elevated', 'smallint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('last_address', 'varchar(64)')
    .addForeignKeyConstraint('api_token_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'api_token_person_id', 'api_token', ['person_id']);

  await createTable(db, 'person_notice')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('kind', 'varchar(32)', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('address', 'varchar(64)', (column) => column.notNull())
    .addColumn('user_agent', 'varchar(255)', (column) => column.notNull())
    .addColumn('codes_left', 'integer')
    .addForeignKeyConstraint('person_notice_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'person_notice_person_id', 'person_notice', ['person_id', 'at']);

  await createTable(db, 'known_device')
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('device_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_device_key', ['person_id', 'device_hash'])
    .addForeignKeyConstraint('known_device_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();

  await createTable(db, 'sign_in_step')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('person_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('token_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('kinds_json', 'text', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addForeignKeyConstraint('sign_in_step_person', ['person_id'], 'person', ['id'], (key) => key.onDelete('cascade'))
    .execute();
  await createIndex(db, 'sign_in_step_token_hash', 'sign_in_step', ['token_hash'], { isUnique: true });
  await createIndex(db, 'sign_in_step_expires_at', 'sign_in_step', ['expires_at']);

  await addColumn(db, 'audit', 'ended_at', 'bigint');
  await addColumn(db, 'audit', 'has_start', 'smallint', (column) => column.notNull().defaultTo(1));
  await addColumn(db, 'audit', 'start_sequence', 'bigint');
  await addColumn(db, 'audit', 'start_mac', 'varchar(64)');
  await addColumn(db, 'audit', 'end_sequence', 'bigint');
  await addColumn(db, 'audit', 'end_mac', 'varchar(64)');
  // Rows from before the chain are handed to it later like any other that waits.
  await addColumn(db, 'audit', 'is_pending', 'smallint', (column) => column.notNull().defaultTo(1));
  await createIndex(db, 'audit_pending', 'audit', ['is_pending', 'at']);
}

async function forgetPasswords(db: MigrationDb): Promise<void> {
  if (!(await hasColumn(db, 'person', 'password_hash'))) return;
  await sql`delete from person`.execute(db);
}

/** People stay, with an empty hash: nobody can sign in with one, and `aapanel link` lets the owner in. */
export async function down(db: MigrationDb): Promise<void> {
  await dropIndex(db, 'audit_pending', 'audit');
  const auditColumns = [
    'is_pending',
    'end_mac',
    'end_sequence',
    'start_mac',
    'start_sequence',
    'has_start',
    'ended_at',
  ];
  for (const column of auditColumns) await dropColumn(db, 'audit', column);
  const tables = ['sign_in_step', 'known_device', 'person_notice', 'api_token', 'person_site', 'role'];
  for (const table of tables) await dropTable(db, table);
  await dropColumn(db, 'session', 'elevated_until');
  for (const column of ['last_seen_at', 'has_second_factor', 'must_have_second_factor']) {
    await dropColumn(db, 'person', column);
  }
  await restorePasswordColumn(db);
}

async function restorePasswordColumn(db: MigrationDb): Promise<void> {
  if (!isSqlite(db)) {
    await addColumn(db, 'person', 'password_hash', 'varchar(255)', (column) => column.notNull().defaultTo(''));
    await db.schema
      .alterTable('person')
      .alterColumn('password_hash', (column) => column.dropDefault())
      .execute();
    return;
  }
  if (await hasColumn(db, 'person', 'password_hash')) return;
  const kept = ['id', 'name', 'display_name', 'role', 'is_disabled', 'preferences_json', 'created_at', 'updated_at'];
  await rebuildTable(
    db,
    'person',
    (name) =>
      createTable(db, name)
        .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
        .addColumn('name', 'varchar(64)', (column) => column.notNull())
        .addColumn('display_name', 'varchar(255)', (column) => column.notNull())
        .addColumn('role', 'varchar(32)', (column) => column.notNull())
        .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
        .addColumn('is_disabled', 'smallint', (column) => column.notNull())
        .addColumn('preferences_json', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('updated_at', 'bigint', (column) => column.notNull()),
    { ...Object.fromEntries(kept.map((name) => [name, { from: name }])), password_hash: '' },
  );
}
