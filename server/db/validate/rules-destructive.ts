import { madeHere } from './operations.ts';
import { where, type Check } from './rule.ts';
import { exported } from './source.ts';

/** V-drop: what is gone cannot come back, and the release before still asks for it. */
export const checkDrop: Check = (subject) =>
  where(subject, ({ kind, table, hasWhere }) =>
    ['dropTable', 'dropColumn', 'truncate'].includes(kind) && !subject.made.has(table)
      ? true
      : kind === 'delete' && !hasWhere && !subject.made.has(table),
  );

/** V-rename: the release before asks for the old name. */
export const checkRename: Check = (subject) =>
  where(subject, ({ kind, table }) => ['renameTable', 'renameColumn'].includes(kind) && !subject.made.has(table));

/** V-type: rewrites every row, or cuts what does not fit. */
export const checkType: Check = (subject) =>
  where(subject, ({ kind, table }) => kind === 'alterType' && !subject.made.has(table));

/** V-notnull: fails on the first row that is there, and for the release before that leaves the column out. */
export const checkNotNull: Check = (subject) =>
  where(subject, ({ kind, table, columns }) => {
    if (subject.made.has(table)) return false;
    if (kind === 'setNotNull') return true;
    return kind === 'addColumn' && columns.some(({ isNotNull, hasDefault }) => isNotNull && !hasDefault);
  });

/** V-default: a default that is computed anew rewrites the table, and differs from row to row and engine to engine. */
export const checkDefault: Check = (subject) =>
  where(
    subject,
    ({ kind, columns }) => ['addColumn', 'createTable'].includes(kind) && columns.some(({ isVolatile }) => isVolatile),
  );

/** V-view: a view or trigger names what is changed under it. */
export const checkView: Check = (subject) => {
  const index = subject.all.findIndex(({ file }) => file === subject.file);
  const before = subject.all
    .slice(0, index + 1)
    .flatMap(({ operations }) => operations.filter(({ direction }) => direction === 'up'));
  const dropped = new Set(
    subject.operations.filter(({ kind }) => kind === 'dropView').flatMap((one) => [...one.names, one.table]),
  );
  const views = before.filter(({ kind }) => kind === 'createView' || kind === 'createTrigger');
  return where(subject, ({ kind, table }) => {
    if (!['dropColumn', 'renameColumn', 'alterType', 'renameTable', 'dropTable', 'rebuild'].includes(kind))
      return false;
    return views.some((view) => {
      const name = view.names[0] ?? view.table;
      const trigger = /create trigger (\w+)/i.exec(view.sql ?? '')?.[1] ?? '';
      const isAbout = new RegExp(String.raw`\b${table.replaceAll(/\W/g, '')}\b`).test(
        `${view.sql ?? ''} ${view.table}`,
      );
      return isAbout && !dropped.has(name) && !dropped.has(trigger);
    });
  });
};

/** V-sqlite: a table is made anew by the one helper that knows how, and the file says so. */
export const checkSqlite: Check = (subject) => {
  const { file, operations } = subject;
  const rebuilds = JSON.stringify(exported(file, 'rebuilds') ?? '');
  const undeclared = operations
    .filter(({ kind, direction }) => kind === 'rebuild' && !rebuilds.includes(`"${direction}"`))
    .map(({ at, table }) => ({ at, detail: `rebuild ${table}: rebuilds` }));
  const pragmas = operations
    .filter(({ sql }) =>
      /^pragma (foreign_keys|writable_schema|legacy_alter_table|defer_foreign_keys)/i.test(sql ?? ''),
    )
    .map(({ at, sql = '' }) => ({ at, detail: sql }));
  const made = madeHere(operations);
  const byHand = operations
    .filter(({ kind, table }) => kind === 'renameTable' && made.has(table))
    .filter(({ names, sql }) => {
      const target = names[0] ?? /rename to [`"]?(\w+)/i.exec(sql ?? '')?.[1] ?? '';
      return operations.some((one) => one.kind === 'dropTable' && one.table === target);
    })
    .map(({ at, table }) => ({ at, detail: `renameTable ${table}` }));
  return [...undeclared, ...pragmas, ...byHand];
};
