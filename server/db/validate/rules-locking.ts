import { where, type Check, type Found } from './rule.ts';
import { exported } from './source.ts';

const structure = [
  'createTable',
  'dropTable',
  'renameTable',
  'addColumn',
  'dropColumn',
  'renameColumn',
  'alterType',
  'setNotNull',
  'createIndex',
  'dropIndex',
  'addForeignKey',
  'addUnique',
  'rebuild',
];
const rows = ['insert', 'update', 'delete'];

function isTransactional(file: Parameters<Check>[0]['file']): boolean {
  return exported(file, 'isTransactional')?.['value'] !== false;
}

/** V-index: PostgreSQL stops writes while it builds one, unless concurrently, which no transaction can. */
export const checkIndex: Check = (subject) =>
  where(subject, ({ kind, table, isConcurrent, engines, isUnique }) => {
    if (kind !== 'createIndex' || isUnique) return false;
    if (engines.length > 0 && !engines.includes('postgresql')) return false;
    if (isConcurrent) return isTransactional(subject.file);
    return !subject.made.has(table);
  });

/** V-fk: checks every row of both tables under a lock. */
export const checkForeignKey: Check = (subject) =>
  where(subject, ({ kind, table, isNotValid, engines }) => {
    if (kind !== 'addForeignKey' || subject.made.has(table)) return false;
    return !(isNotValid && engines.join() === 'postgresql' && /validate constraint/i.test(subject.file.text));
  });

/** V-unique: stops writes while it looks through the table, and fails where two are alike. */
export const checkUnique: Check = (subject) =>
  where(subject, ({ kind, table, isUnique, columns, isConcurrent }) => {
    if (subject.made.has(table)) return false;
    if (kind === 'addUnique') return true;
    if (kind === 'createIndex') return isUnique && !isConcurrent;
    return kind === 'addColumn' && columns.some((column) => column.isUnique || column.isPrimary);
  });

/** V-tx: MySQL takes nothing back: of several statements each must meet itself done. */
export const checkTransaction: Check = (subject) => {
  const steps = subject.operations.filter(
    ({ kind, direction, engines }) =>
      structure.includes(kind) && direction === 'up' && (engines.length === 0 || engines.includes('mysql')),
  );
  if (steps.length < 2) return [];
  return steps.filter(({ isGuarded }) => !isGuarded).map(({ at, kind, table }) => ({ at, detail: `${kind} ${table}` }));
};

/** V-mix: rows and structure in one file hold the locks of both for as long as both take. */
export const checkMix: Check = (subject) => {
  const up = subject.operations.filter(({ direction }) => direction === 'up');
  if (!up.some(({ kind }) => structure.includes(kind))) return [];
  return up
    .filter(({ kind, table }) => rows.includes(kind) && !subject.made.has(table))
    .map(({ at, kind, table }) => ({ at, detail: `${kind} ${table}` }));
};

/** V-batch: one statement over a whole table holds its locks until the end. */
export const checkBatch: Check = (subject) =>
  where(subject, ({ kind, table, isInBatches, sql }) => {
    if (subject.made.has(table) || isInBatches) return false;
    if (kind === 'insert') return /\bselect\b/i.test(sql ?? '');
    return kind === 'update' || kind === 'delete';
  });

/** V-lock: the runner sets the limits of waiting and running; a file that takes them away queues everybody behind it. */
export const checkLock: Check = ({ operations }) =>
  operations.flatMap(({ at, sql = '' }): Found[] => {
    const isLimit =
      /^set\b.*\b(lock_timeout|statement_timeout|lock_wait_timeout|innodb_lock_wait_timeout|max_statement_time)\b/i.test(
        sql,
      );
    const isTaken = /^(lock tables?|flush tables)\b/i.test(sql) || /^pragma (busy_timeout|locking_mode)/i.test(sql);
    const isConfig = /set_config\('(lock|statement)_timeout'/i.test(sql);
    return isLimit || isTaken || isConfig ? [{ at, detail: sql }] : [];
  });

/** Above this a statement that looks at every row needs a plan of its own. */
export const maxRows = 1_000_000;

/** V-size: what is quick on a small table is an outage on a large one. Speaks only where rows were counted. */
export const checkSize: Check = (subject) => {
  const heavy = [
    'alterType',
    'setNotNull',
    'createIndex',
    'addForeignKey',
    'addUnique',
    'rebuild',
    'update',
    'delete',
    'dropColumn',
  ];
  return where(
    subject,
    ({ kind, table, isInBatches, isConcurrent }) =>
      heavy.includes(kind) && !isInBatches && !isConcurrent && (subject.rowCounts[table] ?? 0) > maxRows,
    ({ kind, table }) => `${kind} ${table}: ${subject.rowCounts[table] ?? 0}`,
  );
};
