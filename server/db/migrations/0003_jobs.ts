import { createIndex, createTable, dropTable, longText, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0003_jobs. Durable jobs and their logs. */
export const revision = '0003_jobs';
export const downRevision = '0002_sites';

export async function up(db: MigrationDb): Promise<void> {
  await createTable(db, 'job')
    .addColumn('id', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('kind', 'varchar(64)', (column) => column.notNull())
    .addColumn('subject_json', 'text', (column) => column.notNull())
    .addColumn('params_json', 'text', (column) => column.notNull())
    .addColumn('state', 'varchar(16)', (column) => column.notNull())
    .addColumn('steps_json', 'text', (column) => column.notNull())
    .addColumn('memory_json', 'text', (column) => column.notNull())
    .addColumn('progress', 'integer')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('lease_until_at', 'bigint')
    .addColumn('worker', 'varchar(160)')
    .addColumn('failure_json', 'text')
    .addColumn('actor_id', 'varchar(64)', (column) => column.notNull())
    .addColumn('actor_name', 'varchar(128)', (column) => column.notNull())
    .addColumn('cancel_requested_at', 'bigint')
    .addColumn('log_bytes', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .execute();
  await createIndex(db, 'job_created_at', 'job', ['created_at', 'id']);
  await createIndex(db, 'job_state', 'job', ['state', 'created_at']);

  await createTable(db, 'job_log')
    .addColumn('job_id', 'varchar(16)', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('stream', 'varchar(8)', (column) => column.notNull())
    .addColumn('text', longText(db), (column) => column.notNull())
    .addPrimaryKeyConstraint('job_log_key', ['job_id', 'seq'])
    .addForeignKeyConstraint('job_log_job', ['job_id'], 'job', ['id'], (key) => key.onDelete('cascade'))
    .execute();
}

/** Takes the tables away with everything in them. */
export async function down(db: MigrationDb): Promise<void> {
  await dropTable(db, 'job_log');
  await dropTable(db, 'job');
}
