import type { Fixtures } from './fixture.ts';

const fresh = "await createTable(db, 'fresh').addColumn('id', 'varchar(16)', (column) => column.primaryKey()).execute();";
const outside = 'export const isTransactional = false;';

export const lockingFixtures: Fixtures = {
  'V-index': {
    bad: {
      'on a table in use': { up: "await createIndex(db, 'person_name', 'person', ['name']);" },
      'concurrently in a transaction': { up: "await createIndexConcurrently(db, 'person_name', 'person', ['name']);" },
      'the builder': { up: "await db.schema.createIndex('person_name').on('person').column('name').execute();" },
      'in SQL': { up: 'await sql`create index person_name on person (name)`.execute(db);' },
    },
    good: {
      'on its own table': { up: `${fresh} await createIndex(db, 'fresh_id', 'fresh', ['id']);` },
      'concurrently outside a transaction': { more: outside, up: "await createIndexConcurrently(db, 'person_name', 'person', ['name']);" },
      'another engine’s branch': { up: "if (!isPostgres(db)) { await createIndex(db, 'person_name', 'person', ['name']); }" },
    },
  },
  'V-fk': {
    bad: {
      'the builder': { up: "await db.schema.alterTable('session').addForeignKeyConstraint('fk', ['a'], 'person', ['id']).execute();" },
      'in SQL': { up: 'await sql`alter table session add constraint fk foreign key (a) references person (id)`.execute(db);' },
      'not valid, and never validated': { up: 'if (isPostgres(db)) { await sql`alter table session add constraint fk foreign key (a) references person (id) not valid`.execute(db); } else { return; }' },
    },
    good: {
      'not valid, then validated': {
        up: 'if (isPostgres(db)) { await sql`alter table session add constraint fk foreign key (a) references person (id) not valid`.execute(db); await sql`alter table session validate constraint fk`.execute(db); } else { return; }',
      },
      'with its own table': { up: "await createTable(db, 'fresh').addColumn('a', 'text').addForeignKeyConstraint('fk', ['a'], 'person', ['id']).execute();" },
      'in down': { down: "await db.schema.alterTable('session').addForeignKeyConstraint('fk', ['a'], 'person', ['id']).execute();" },
    },
  },
  'V-unique': {
    bad: {
      constraint: { up: "await db.schema.alterTable('person').addUniqueConstraint('u', ['name']).execute();" },
      'an index': { up: "await createIndex(db, 'u', 'person', ['name'], { isUnique: true });" },
      'a column': { up: "await db.schema.alterTable('person').addColumn('nick', 'text', (column) => column.unique()).execute();" },
    },
    good: {
      'on its own table': { up: `${fresh} await createIndex(db, 'u', 'fresh', ['id'], { isUnique: true });` },
      'a plain index': { up: "await createIndex(db, 'u', 'person', ['name']);" },
      concurrently: { up: 'await sql`create unique index concurrently if not exists u on person (name)`.execute(db);' },
    },
  },
  'V-tx': {
    bad: {
      'two of the builder': { up: "await db.schema.alterTable('a').addColumn('x', 'text').execute(); await db.schema.alterTable('a').addColumn('y', 'text').execute();" },
      'two in SQL': { up: 'await sql`alter table a add column x text`.execute(db); await sql`alter table a add column y text`.execute(db);' },
      'a helper and an unguarded one': { up: "await addColumn(db, 'a', 'x', 'text'); await db.schema.createTable('b').execute();" },
    },
    good: {
      helpers: { up: "await addColumn(db, 'a', 'x', 'text'); await addColumn(db, 'a', 'y', 'text');" },
      'one statement': { up: "await db.schema.alterTable('a').addColumn('x', 'text').execute();" },
      guarded: { up: "await db.schema.createTable('a').ifNotExists().execute(); await db.schema.createTable('b').ifNotExists().execute();" },
    },
  },
  'V-mix': {
    bad: {
      'a column and its rows': { up: "await addColumn(db, 'person', 'nick', 'text'); await db.updateTable('person').set({ nick: '' }).execute();" },
      'rows by SQL': { up: "await addColumn(db, 'person', 'nick', 'text'); await sql`delete from session where id = ''`.execute(db);" },
      'new rows in an old table': { up: "await addColumn(db, 'person', 'nick', 'text'); await db.insertInto('setting').values({}).execute();" },
    },
    good: {
      'structure alone': {},
      'rows alone': { up: "await db.updateTable('person').set({ nick: '' }).where('id', '=', 'x').execute();" },
      'rows of its own table': { up: `${fresh} await db.insertInto('fresh').values({ id: 'x' }).execute();` },
    },
  },
  'V-batch': {
    bad: {
      update: { up: "await db.updateTable('person').set({ nick: '' }).execute();" },
      'delete in SQL': { up: 'await sql`delete from audit where at < 5`.execute(db);' },
      'insert of a select': { up: 'await sql`insert into a (x) select x from b`.execute(db);' },
    },
    good: {
      'in batches': { up: "await inBatches(async () => Number((await db.updateTable('person').set({ nick: '' }).where('nick', 'is', null).limit(500).executeTakeFirst()).numUpdatedRows));" },
      'one row': { up: "await db.insertInto('setting').values({ name: 'x' }).execute();" },
      'its own table': { up: `${fresh} await db.updateTable('fresh').set({ id: 'x' }).execute();` },
    },
  },
  'V-lock': {
    bad: {
      'no limit of waiting': { up: 'if (isPostgres(db)) { await sql`set lock_timeout = 0`.execute(db); } else { return; }' },
      'a table for itself': { up: 'await sql`lock tables person write`.execute(db);' },
      'MySQL’s limit': { up: 'await sql`set session lock_wait_timeout = 31536000`.execute(db);' },
      'by a function': { up: "await sql`select set_config('statement_timeout', '0', false)`.execute(db);" },
    },
    good: {
      'the runner’s limits': {},
      'another setting': { up: "if (isPostgres(db)) { await sql`set local work_mem = '64MB'`.execute(db); } else { return; }" },
      'a column of this name': { up: "await addColumn(db, 'person', 'lock_timeout', 'bigint');" },
    },
  },
  'V-size': {
    bad: {
      'an index': { up: "await createIndex(db, 'audit_at', 'audit', ['at']);", rowCounts: { audit: 2_000_000 } },
      'a column away': { up: "await dropColumn(db, 'audit', 'at');", rowCounts: { audit: 2_000_000 } },
      'every row': { up: "await db.updateTable('audit').set({}).execute();", rowCounts: { audit: 1_000_001 } },
    },
    good: {
      'a small table': { up: "await createIndex(db, 'audit_at', 'audit', ['at']);", rowCounts: { audit: 1000 } },
      concurrently: { more: outside, up: "await createIndexConcurrently(db, 'audit_at', 'audit', ['at']);", rowCounts: { audit: 2_000_000 } },
      'another table': { up: "await createIndex(db, 'audit_at', 'audit', ['at']);", rowCounts: { job: 2_000_000 } },
    },
  },
};
