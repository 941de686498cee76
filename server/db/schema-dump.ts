import { sql, type RawBuilder } from 'kysely';
import { isMysql, isPostgres, type MigrationDb } from './ddl.ts';
import type { Db } from './schema.ts';

/*
 * The schema as text, so that two can be compared: the same lines in the same order whatever way the database came to it.
 * The tables of the migrations themselves are left out. Columns stand in the order of their names, because a column that
 * was added later is the same column.
 */

type Line = { readonly tableName: string; readonly line: string };

export async function dumpSchema(given: Db | MigrationDb): Promise<string> {
  const db = given as unknown as MigrationDb;
  let parts: readonly RawBuilder<Line>[] = sqliteParts;
  if (isPostgres(db)) parts = postgresParts;
  else if (isMysql(db)) parts = mysqlParts;
  const tables = new Map<string, string[]>();
  for (const part of parts) {
    const { rows } = await part.execute(db);
    for (const { tableName, line } of rows) {
      if (tableName.startsWith('schema_migration')) continue;
      tables.set(tableName, [...(tables.get(tableName) ?? []), `  ${line.replaceAll(/\s+/g, ' ')}`]);
    }
  }
  const names = [...tables.keys()].sort();
  return names.map((name) => `${name}\n${(tables.get(name) ?? []).join('\n')}\n`).join('\n');
}

const sqliteParts: readonly RawBuilder<Line>[] = [
  sql<Line>`
    select t.name as "tableName",
      'column ' || c.name || ' ' || lower(c.type) || iif(c."notnull", ' not null', '')
        || iif(c.dflt_value is null, '', ' default ' || c.dflt_value) as line
    from sqlite_master t, pragma_table_info(t.name) c
    where t.type = 'table' and t.name not like 'sqlite%' order by t.name, c.name`,
  sql<Line>`
    select t.name as "tableName", 'primary key (' || group_concat(c.name, ', ' order by c.pk) || ')' as line
    from sqlite_master t, pragma_table_info(t.name) c
    where t.type = 'table' and t.name not like 'sqlite%' and c.pk > 0 group by t.name`,
  sql<Line>`
    select t.name as "tableName",
      'foreign key (' || group_concat(f."from", ', ' order by f.seq) || ') references ' || f."table"
        || ' (' || group_concat(f."to", ', ' order by f.seq) || ') on delete ' || lower(f.on_delete)
        || ' on update ' || lower(f.on_update) as line
    from sqlite_master t, pragma_foreign_key_list(t.name) f
    where t.type = 'table' group by t.name, f.id order by 1, 2`,
  sql<Line>`
    select t.name as "tableName",
      iif(i."unique", 'unique ', '') || 'index ' || i.name || ' (' || group_concat(x.name, ', ' order by x.seqno) || ')'
        || iif(i.partial, ' partial', '') as line
    from sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) x
    where t.type = 'table' and i.origin = 'c' group by t.name, i.name order by 1, i.name`,
  sql<Line>`
    select tbl_name as "tableName", sql as line from sqlite_master where type in ('view', 'trigger') order by name`,
];

const postgresParts: readonly RawBuilder<Line>[] = [
  sql<Line>`
    select t.relname as "tableName",
      concat('column ', c.attname, ' ', format_type(c.atttypid, c.atttypmod), case when c.attnotnull then ' not null' end,
        ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
    from pg_class t
    join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
    left join pg_attrdef d on d.adrelid = t.oid and d.adnum = c.attnum
    where t.relkind = 'r' and t.relnamespace = current_schema()::regnamespace order by 1, c.attname collate "C"`,
  sql<Line>`
    select conrelid::regclass::text as "tableName",
      concat('constraint ', conname, ' ', lower(pg_get_constraintdef(oid))) as line
    from pg_constraint where connamespace = current_schema()::regnamespace and conrelid <> 0
    order by 1, conname collate "C"`,
  sql<Line>`
    select tablename as "tableName", lower(replace(indexdef, schemaname || '.', '')) as line from pg_indexes
    where schemaname = current_schema()
      and not exists (select 1 from pg_constraint where conindid = (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass
        and contype in ('p', 'u'))
    order by 1, indexname collate "C"`,
  sql<Line>`
    select c.relname as "tableName", pg_get_triggerdef(t.oid) as line from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where not t.tgisinternal and c.relnamespace = current_schema()::regnamespace order by 1, t.tgname collate "C"`,
  sql<Line>`
    select viewname as "tableName", concat('view ', definition) as line from pg_views
    where schemaname = current_schema() order by viewname collate "C"`,
];

const mysqlParts: readonly RawBuilder<Line>[] = [
  sql<Line>`
    select table_name as "tableName", concat('engine ', lower(engine), ' collation ', table_collation) as line
    from information_schema.tables
    where table_schema = database() and table_type = 'BASE TABLE' order by binary table_name`,
  sql<Line>`
    select table_name as "tableName",
      concat('column ', column_name, ' ', column_type, if(is_nullable = 'NO', ' not null', ''),
        if(column_default is null or column_default = 'NULL', '', concat(' default ', column_default)),
        ifnull(concat(' collation ', collation_name), ''), if(extra = '', '', concat(' ', extra))) as line
    from information_schema.columns where table_schema = database() order by binary table_name, binary column_name`,
  sql<Line>`
    select k.table_name as "tableName",
      concat('foreign key ', k.constraint_name, ' (', group_concat(k.column_name order by k.ordinal_position separator ', '),
        ') references ', k.referenced_table_name, ' (',
        group_concat(k.referenced_column_name order by k.ordinal_position separator ', '), ') on delete ',
        lower(r.delete_rule), ' on update ', lower(r.update_rule)) as line
    from information_schema.key_column_usage k
    join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
    where k.table_schema = database() and k.referenced_table_name is not null
    group by k.table_name, k.constraint_name, k.referenced_table_name, r.delete_rule, r.update_rule
    order by binary k.table_name, binary k.constraint_name`,
  sql<Line>`
    select table_name as "tableName",
      concat(if(non_unique, '', 'unique '), 'index ', index_name, ' (',
        group_concat(column_name order by seq_in_index separator ', '), ')') as line
    from information_schema.statistics where table_schema = database()
    group by table_name, index_name, non_unique order by binary table_name, binary index_name`,
  sql<Line>`
    select event_object_table as "tableName", concat('trigger ', trigger_name, ' ', action_statement) as line
    from information_schema.triggers where trigger_schema = database() order by binary trigger_name`,
  sql<Line>`
    select table_name as "tableName", concat('view ', view_definition) as line
    from information_schema.views where table_schema = database() order by binary table_name`,
];
