import { textOfFixture, type Fixtures } from './fixture.ts';

const view = {
  '0001_first': textOfFixture({
    name: '0001_first',
    up: 'await sql`create view active as select id from person`.execute(db);',
    down: 'await sql`drop view active`.execute(db);',
  }),
};
const trigger = {
  '0001_first': textOfFixture({
    name: '0001_first',
    up: 'await sql`create trigger noted after insert on person begin select 1; end`.execute(db);',
    down: 'await sql`drop trigger noted`.execute(db);',
  }),
};
const fresh = "await createTable(db, 'fresh').addColumn('id', 'varchar(16)', (column) => column.primaryKey()).execute();";

export const destructiveFixtures: Fixtures = {
  'V-drop': {
    bad: {
      'a table': { up: "await dropTable(db, 'person');" },
      'a column by the builder': { up: "await db.schema.alterTable('person').dropColumn('name').execute();" },
      'every row': { up: "await db.deleteFrom('person').execute();" },
      truncate: { up: 'await sql`truncate table person`.execute(db);' },
      'a column in SQL': { up: 'await sql`alter table person drop column name`.execute(db);' },
      'a reason that is none': { more: '// allow V-drop: ok', up: "await dropTable(db, 'person');" },
    },
    good: {
      'in down': { down: "await dropTable(db, 'person');" },
      'some rows': { up: "await inBatches(async () => Number((await db.deleteFrom('person').where('id', '=', 'x').executeTakeFirst()).numDeletedRows));" },
      'its own table': { up: `${fresh} await dropTable(db, 'fresh');` },
      'with a reason': { more: '// allow V-drop: nobody has used it since 0.3', up: "await dropTable(db, 'person');" },
    },
  },
  'V-rename': {
    bad: {
      'a column': { up: "await db.schema.alterTable('person').renameColumn('name', 'login').execute();" },
      'a table': { up: "await db.schema.alterTable('person').renameTo('people').execute();" },
      'in SQL': { up: 'await sql`alter table person rename column name to login`.execute(db);' },
    },
    good: {
      'a new column': {},
      'its own table': { up: `${fresh} await db.schema.alterTable('fresh').renameTo('fresher').execute();` },
      'in down': { down: "await db.schema.alterTable('person').renameColumn('login', 'name').execute();" },
    },
  },
  'V-type': {
    bad: {
      'the builder': { up: "await db.schema.alterTable('person').alterColumn('name', (column) => column.setDataType('varchar(10)')).execute();" },
      'MySQL’s modify': { up: "await db.schema.alterTable('person').modifyColumn('name', 'text').execute();" },
      'in SQL': { up: 'await sql`alter table person alter column name type text`.execute(db);' },
    },
    good: {
      'a new column of the new type': {},
      'another default': { up: "await db.schema.alterTable('person').alterColumn('name', (column) => column.dropDefault()).execute();" },
      'in down': { down: "await db.schema.alterTable('person').modifyColumn('name', 'text').execute();" },
    },
  },
  'V-notnull': {
    bad: {
      'a helper': { up: "await addColumn(db, 'person', 'nick', 'text', (column) => column.notNull());" },
      'the builder': { up: "await db.schema.alterTable('person').alterColumn('name', (column) => column.setNotNull()).execute();" },
      'in SQL': { up: 'await sql`alter table person add column nick text not null`.execute(db);' },
    },
    good: {
      'it may be empty': {},
      'a constant default': { up: "await addColumn(db, 'person', 'is_kind', 'smallint', (column) => column.notNull().defaultTo(0));" },
      'a new table': { up: "await createTable(db, 'fresh').addColumn('id', 'varchar(16)', (column) => column.notNull()).execute();" },
    },
  },
  'V-default': {
    bad: {
      now: { up: "await addColumn(db, 'person', 'since', 'bigint', (column) => column.defaultTo(sql`current_timestamp`));" },
      uuid: { up: "await createTable(db, 'fresh').addColumn('id', 'varchar(36)', (column) => column.defaultTo(sql`gen_random_uuid()`)).execute();" },
      'in SQL': { up: 'await sql`alter table person add column since bigint default (unixepoch())`.execute(db);' },
    },
    good: {
      number: { up: "await addColumn(db, 'person', 'is_kind', 'smallint', (column) => column.defaultTo(0));" },
      'a text': { up: "await addColumn(db, 'person', 'mood', 'text', (column) => column.defaultTo('now and then'));" },
      'a constant in SQL': { up: "await addColumn(db, 'person', 'mood', 'text', (column) => column.defaultTo(sql`'x'`));" },
    },
  },
  'V-view': {
    bad: {
      'a column of a view': { name: '0002_two', around: view, up: "await dropColumn(db, 'person', 'id');" },
      'a table of a trigger': { name: '0002_two', around: trigger, up: "await db.schema.alterTable('person').renameTo('people').execute();" },
      'a view of the same file': { up: "await sql`create view active as select id from person`.execute(db); await dropColumn(db, 'person', 'id');" },
    },
    good: {
      'dropped first': { name: '0002_two', around: view, up: "await db.schema.dropView('active').execute(); await dropColumn(db, 'person', 'id');" },
      'another table': { name: '0002_two', around: view, up: "await dropColumn(db, 'session', 'id');" },
      'a column more': { name: '0002_two', around: view },
    },
  },
  'V-sqlite': {
    bad: {
      'not declared': { up: "await rebuildTable(db, 'person', (name) => createTable(db, name), {});" },
      'declared for the other direction': { more: "export const rebuilds = ['down'] as const;", up: "await rebuildTable(db, 'person', (name) => createTable(db, name), {});" },
      'the pragma inside': { up: 'if (isSqlite(db)) { await sql`pragma foreign_keys = off`.execute(db); } else { await dropIndex(db, "a", "b"); }' },
      'by hand': { up: "await createTable(db, 'person_new').execute(); await db.schema.dropTable('person').execute(); await db.schema.alterTable('person_new').renameTo('person').execute();" },
    },
    good: {
      declared: { more: "export const rebuilds = ['up'] as const;", up: "await rebuildTable(db, 'person', (name) => createTable(db, name), {});" },
      'declared for down': { more: "export const rebuilds = ['down'] as const;", down: "await rebuildTable(db, 'person', (name) => createTable(db, name), {});" },
      'a column more': {},
    },
  },
};
