import { createIndex, createTable, dropTable, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0005_doors. Who is shut out for now, and from where people signed in before. The doors themselves are a row of `setting`. */
export const revision = '0005_doors';
export const downRevision = '0004_accounts';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'ban')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('kind', 'varchar(16)', (column) => column.notNull())
    .addColumn('value', 'varchar(64)', (column) => column.notNull())
    .addColumn('reason', 'varchar(32)', (column) => column.notNull())
    .addColumn('evidence_json', 'text', (column) => column.notNull())
    .addColumn('note', 'varchar(255)', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint')
    .addColumn('actor_id', 'varchar(16)')
    .addColumn('actor_name', 'varchar(255)')
    .addColumn('times', 'integer', (column) => column.notNull())
    .execute();
  await createIndex(db, 'ban_kind_value', 'ban', ['kind', 'value'], { isUnique: true });
  await createIndex(db, 'ban_created_at', 'ban', ['created_at']);

  await createTable(db, 'known_network')
    .addColumn('account', 'varchar(64)', (column) => column.notNull())
    .addColumn('network', 'varchar(64)', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_network_key', ['account', 'network'])
    .execute();
}

/** Takes the tables away with everything in them. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'known_network');
  await dropTable(db, 'ban');
}
