import { textOfFixture, type Fixtures } from './fixture.ts';

const template = textOfFixture({});

export const hygieneFixtures: Fixtures = {
  'V-sql': {
    bad: {
      raw: { up: "await sql.raw('select 1').execute(db);" },
      'raw of a sum': { up: "const t = 'x'; await sql.raw('drop table ' + t).execute(db);" },
      lit: { up: 'await sql`select ${sql.lit(1)}`.execute(db);' },
      'an identifier from somewhere': { more: 'const t = JSON.parse("1");', up: 'await sql`drop table ${sql.table(t)}`.execute(db);' },
      'an untagged template': { up: 'const t = 1; const q = `delete from ${t}`; await run(q);' },
    },
    good: {
      'bound values': { up: 'await sql`update person set name = ${1} where id = ${2}`.execute(db);' },
      'a constant name': { more: "const t = 'person';", up: 'await sql`select * from ${sql.table(t)}`.execute(db);' },
      'names of a list': { up: "for (const t of ['a', 'b']) await sql`select * from ${sql.table(t)}`.execute(db);" },
      'a sum of other words': { up: "const label = 'table ' + 1; await addColumn(db, 'a', 'b', 'text');" },
    },
  },
  'V-pure': {
    bad: {
      'code of the panel': { text: template.replace('import { sql }', "import { newId } from '../../core/id.ts';\nimport { sql }") },
      clock: { up: "await db.insertInto('a').values({ at: Date.now() }).execute();" },
      chance: { up: "await db.insertInto('a').values({ at: Math.random() }).execute();" },
      environment: { up: "if (process.env['X']) return;" },
      'a file': { text: template.replace('import { sql }', "import { readFileSync } from 'node:fs';\nimport { sql }") },
    },
    good: {
      template: {},
      'a column of that name': { up: "await addColumn(db, 'job', 'process', 'text');" },
      'a property of that name': { up: "const row = { process: 1 }; await db.insertInto('a').values(row).execute();" },
    },
  },
  'V-async': {
    bad: {
      'a helper': { up: "addColumn(db, 'a', 'b', 'text');" },
      'a query': { up: "db.deleteFrom('a').where('b', '=', 1).execute();" },
      'void': { up: "void db.deleteFrom('a').where('b', '=', 1).execute();" },
      'forEach': { up: "['a'].forEach(async (name) => { await dropTable(db, name); });" },
      'an own function': { more: 'async function work(db: MigrationDb): Promise<void> { await db; }', up: 'work(db);' },
    },
    good: {
      awaited: {},
      returned: { up: "return dropTable(db, 'a');" },
      'all of them': { up: "await Promise.all([dropTable(db, 'a'), dropTable(db, 'b')]);" },
    },
  },
  'V-engine': {
    bad: {
      pragma: { up: 'await sql`pragma user_version = 1`.execute(db);' },
      'PostgreSQL everywhere': { up: 'await sql`alter table a alter column b type jsonb using b::jsonb`.execute(db);' },
      'a branch alone': { up: 'if (isMysql(db)) { await sql`alter table a engine = innodb`.execute(db); }' },
      'the wrong branch': { up: 'if (isPostgres(db)) { await sql`alter table a engine = innodb`.execute(db); } else { return; }' },
    },
    good: {
      'both sides': { up: "if (isMysql(db)) { await sql`alter table a engine = innodb`.execute(db); } else { await dropIndex(db, 'a', 'b'); }" },
      'the rest of the function': { up: "if (isMysql(db)) { await sql`alter table a engine = innodb`.execute(db); return; } await dropIndex(db, 'a', 'b');" },
      'words of all': { up: "await sql`delete from a where b = 'c'`.execute(db);" },
    },
  },
  'V-charset': {
    bad: {
      'the builder': { up: "await db.schema.createTable('a').addColumn('b', 'text').execute();" },
      'a time without zone': { up: "await createTable(db, 'a').addColumn('at', 'timestamp').execute();" },
      'in SQL': { up: 'await sql`create table a (b text) character set latin1`.execute(db);' },
      datetime: { up: "await db.schema.alterTable('a').addColumn('at', 'datetime').execute();" },
    },
    good: {
      helper: { up: "await createTable(db, 'a').addColumn('b', 'text').execute();" },
      milliseconds: { up: "await createTable(db, 'a').addColumn('at', 'bigint').execute();" },
      'utf8mb4 in SQL': { up: 'await sql`create table a (b text) character set utf8mb4`.execute(db);' },
    },
  },
  'V-bigint': {
    bad: {
      'a primary key': { up: "await createTable(db, 'a').addColumn('number', 'integer', (column) => column.primaryKey()).execute();" },
      'an id': { up: "await createTable(db, 'a').addColumn('person_id', 'integer').execute();" },
      serial: { up: "await createTable(db, 'a').addColumn('id', 'serial').execute();" },
    },
    good: {
      'a text': { up: "await createTable(db, 'a').addColumn('id', 'varchar(16)', (column) => column.primaryKey()).execute();" },
      bigint: { up: "await createTable(db, 'a').addColumn('id', 'bigint', (column) => column.primaryKey()).execute();" },
      count: { up: "await createTable(db, 'a').addColumn('tries', 'integer').execute();" },
    },
  },
  'V-fkidx': {
    bad: {
      none: { up: "await createTable(db, 'a').addColumn('b', 'text').addForeignKeyConstraint('fk', ['b'], 'c', ['id']).execute();" },
      'an index of other columns': { up: "await createTable(db, 'a').addForeignKeyConstraint('fk', ['b'], 'c', ['id']).execute(); await createIndex(db, 'i', 'a', ['x', 'b']);" },
      'on a table in use': { up: "await db.schema.alterTable('a').addForeignKeyConstraint('fk', ['b'], 'c', ['id']).execute();" },
    },
    good: {
      'an index': { up: "await createTable(db, 'a').addForeignKeyConstraint('fk', ['b'], 'c', ['id']).execute(); await createIndex(db, 'i', 'a', ['b', 'at']);" },
      'the primary key': { up: "await createTable(db, 'a').addPrimaryKeyConstraint('k', ['b', 'x']).addForeignKeyConstraint('fk', ['b'], 'c', ['id']).execute();" },
      'no foreign key': {},
    },
  },
  'V-ident': {
    bad: {
      'too long': { up: `await createIndex(db, '${'x'.repeat(64)}', 'a', ['b']);` },
      reserved: { up: "await createTable(db, 'order').execute();" },
      'a column in capitals': { up: "await addColumn(db, 'a', 'CreatedAt', 'bigint');" },
    },
    good: {
      '63 letters': { up: `await createIndex(db, '${'x'.repeat(63)}', 'a', ['b']);` },
      'snake case': { up: "await addColumn(db, 'a', 'created_at', 'bigint');" },
      'a word in a name': { up: "await createTable(db, 'site_order').execute();" },
    },
  },
};
