import { chainOf, sqlMethod } from './operations.ts';
import type { Check, Found } from './rule.ts';
import { identifier, isNode, list, memberName, textOf, type Node } from './source.ts';

const verbs = /^\s*(select|insert|update|delete|create|alter|drop|truncate|rename|replace|with)\s+\S/i;

/** V-sql: SQL is bound, and names are written out. */
export const checkSql: Check = ({ file }) => {
  const constants = constantsOf(file.program);
  return file.nodes.flatMap(({ node, parents }): Found[] => {
    const call = sqlMethod(node);
    if (call !== undefined && (call.method === 'raw' || call.method === 'lit'))
      return [{ at: node.start, detail: `sql.${call.method}` }];
    if (call !== undefined && ['id', 'table', 'ref'].includes(call.method)) {
      const name = identifier(call.argument);
      const isConstant = textOf(call.argument) !== undefined || (name !== undefined && constants.has(name));
      return isConstant ? [] : [{ at: node.start, detail: `sql.${call.method}(${name ?? '…'})` }];
    }
    if (node.type === 'BinaryExpression' && node['operator'] === '+' && parents[0]?.type !== 'BinaryExpression') {
      const text = leftmost(node);
      return text !== undefined && verbs.test(text) ? [{ at: node.start, detail: text.trim() }] : [];
    }
    if (node.type !== 'TemplateLiteral' || parents[0]?.type === 'TaggedTemplateExpression') return [];
    const quasis = node['quasis'] as readonly { value: { raw: string } }[];
    const text = quasis[0]?.value.raw ?? '';
    return quasis.length > 1 && verbs.test(text) ? [{ at: node.start, detail: text.trim() }] : [];
  });
};

/** Names that stand for constants of the file: texts, and loop variables over lists of texts. */
function constantsOf(program: Node): Set<string> {
  const found = new Set<string>();
  const lists = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isNode(value)) return;
    if (value.type === 'VariableDeclaration' && value['kind'] === 'const') {
      for (const { id, init } of list(value['declarations']) as unknown as { id: unknown; init: unknown }[]) {
        const name = identifier(id);
        if (name === undefined) continue;
        if (textOf(init) !== undefined) found.add(name);
        const inner = isNode(init) && init.type === 'TSAsExpression' ? init['expression'] : init;
        if (
          isNode(inner) &&
          inner.type === 'ArrayExpression' &&
          list(inner['elements']).every((item) => textOf(item) !== undefined)
        )
          lists.add(name);
      }
    }
    if (value.type === 'ForOfStatement' && isNode(value['left'])) {
      const over = value['right'];
      const isTexts =
        lists.has(identifier(over) ?? '') ||
        (isNode(over) &&
          over.type === 'ArrayExpression' &&
          list(over['elements']).every((item) => textOf(item) !== undefined));
      const name = identifier(list(value['left']['declarations'])[0]?.['id']);
      if (isTexts && name !== undefined) found.add(name);
    }
    Object.values(value).forEach((child) => {
      if (typeof child === 'object' && child !== null) visit(child);
    });
  };
  visit(program);
  return found;
}

function leftmost(node: Node): string | undefined {
  let current: unknown = node;
  while (isNode(current) && current.type === 'BinaryExpression') current = current['left'];
  if (isNode(current) && current.type === 'TemplateLiteral') {
    return (current['quasis'] as readonly { value: { raw: string } }[])[0]?.value.raw;
  }
  return textOf(current);
}

const impureMembers: Readonly<Record<string, string>> = { Date: 'now', Math: 'random' };
const impure = ['process', 'fetch', 'performance', 'crypto', 'globalThis', 'require', 'setTimeout', 'setInterval'];

/** V-pure: the same file does the same in a year, whatever the panel has become. */
export const checkPure: Check = ({ file }) => {
  const found: Found[] = [];
  for (const { node, parents } of file.nodes) {
    const add = (detail: string): void => void found.push({ at: node.start, detail });
    if (['ImportDeclaration', 'ExportAllDeclaration', 'ImportExpression'].includes(node.type)) {
      const source = textOf(node['source']) ?? '?';
      if (source !== 'kysely' && source !== '../ddl.ts') add(source);
    }
    if (node.type === 'NewExpression' && identifier(node['callee']) === 'Date') add('new Date');
    if (node.type === 'MemberExpression') {
      const object = identifier(node['object']) ?? '';
      const name = memberName(node);
      if (name !== undefined && impureMembers[object] === name) add(`${object}.${name}`);
    }
    const name = identifier(node);
    const isProperty = parents[0]?.type === 'MemberExpression' && parents[0]['property'] === node;
    const isKey = parents[0]?.type === 'Property' && parents[0]['key'] === node;
    if (name !== undefined && impure.includes(name) && !isProperty && !isKey) add(name);
  }
  return found;
};

const helpers = [
  'addColumn',
  'createIndex',
  'createIndexConcurrently',
  'dropColumn',
  'dropIndex',
  'dropTable',
  'hasColumn',
  'inBatches',
  'rebuildTable',
];

/** V-async: a query that nobody waits for runs into the next one, and its failure into nothing. */
export const checkAsync: Check = ({ file }) => {
  const own = file.nodes
    .filter(({ node }) => node.type === 'FunctionDeclaration' && node['async'] === true)
    .map(({ node }) => identifier(node['id']) ?? '');
  const imported = new Set([...helpers, ...own]);
  return file.nodes.flatMap(({ node, parents }): Found[] => {
    if (node.type !== 'CallExpression') return [];
    const name = memberName(node['callee']) ?? identifier(node['callee']) ?? '';
    const isMethod = isNode(node['callee']) && node['callee'].type === 'MemberExpression';
    if (isMethod && name === 'forEach' && list(node['arguments'])[0]?.['async'] === true)
      return [{ at: node.start, detail: 'forEach(async …)' }];
    const isQuery = isMethod
      ? /^(execute|executeTakeFirst|executeTakeFirstOrThrow|executeQuery)$/.test(name)
      : imported.has(name);
    return isQuery && !isWaitedFor(parents) ? [{ at: node.start, detail: name }] : [];
  });
};

function isWaitedFor(parents: readonly Node[]): boolean {
  const [first, second, third] = parents;
  if (first === undefined) return false;
  if (['AwaitExpression', 'ReturnStatement', 'ArrowFunctionExpression'].includes(first.type)) return true;
  // await Promise.all([a.execute(), b.execute()])
  return (
    first.type === 'ArrayExpression' &&
    second?.type === 'CallExpression' &&
    /^Promise$/.test(chainOf(second).root) &&
    third?.type === 'AwaitExpression'
  );
}

const foreignWords: Readonly<Record<string, RegExp>> = {
  sqlite: /^\s*pragma\b|\bautoincrement\b|\bwithout rowid\b|\bsqlite_master\b|\bstrict\s*$/i,
  mysql:
    /\bengine\s*=|\bauto_increment\b|\bmodify column\b|\bchange column\b|\bmediumtext\b|\blongtext\b|\bon duplicate key\b|\bcollate utf8mb4/i,
  postgresql:
    /\bconcurrently\b|::\w+|\bjsonb\b|\bserial\b|\bbigserial\b|\btimestamptz\b|\bpg_\w+|\bnot valid\b|\bvalidate constraint\b|\bon conflict\b|\busing gin\b|\bset not null\b/i,
};

/** V-engine: words of one engine stand in a branch for it, and the others have theirs. */
export const checkEngine: Check = ({ operations }) =>
  operations.flatMap(({ at, sql, engines, isBranchAlone }): Found[] => {
    if (sql === undefined) return [];
    const owner = Object.entries(foreignWords).find(([, words]) => words.test(sql))?.[0];
    if (owner === undefined) return [];
    if (!engines.includes(owner) || new Set(engines).size > 1) return [{ at, detail: `${owner}: ${sql}` }];
    return isBranchAlone ? [{ at, detail: `${owner}: ${sql}` }] : [];
  });

/** V-charset: text is UTF-8 compared by bytes, times are numbers. */
export const checkCharset: Check = ({ operations }) =>
  operations.flatMap(({ at, kind, isHelper, columns, sql, table }): Found[] => {
    if (kind === 'createTable' && !isHelper && !/utf8mb4/i.test(sql ?? ''))
      return [{ at, detail: `createTable ${table}` }];
    const bad = columns.find(
      ({ type }) =>
        /\b(timestamp|datetime|time|latin1|utf8)\b/i.test(type) && !/timestamptz|with time zone/i.test(type),
    );
    return bad === undefined ? [] : [{ at, detail: `${bad.name} ${bad.type}` }];
  });

/** V-bigint: 32 bits are full after two thousand million rows. */
export const checkBigint: Check = ({ operations }) =>
  operations.flatMap(({ at, columns, keys }): Found[] => {
    const bad = columns.find(({ name, type, isPrimary }) => {
      const isKey = isPrimary || /(^|_)id$/.test(name) || (keys.length === 1 && keys[0] === name);
      return isKey && /^(integer|int|int4|serial|smallint|int2|mediumint)\b/i.test(type);
    });
    return bad === undefined ? [] : [{ at, detail: `${bad.name} ${bad.type}` }];
  });

/** V-fkidx: without an index each delete of a parent reads the whole child table. */
export const checkForeignKeyIndex: Check = ({ operations }) => {
  const up = operations.filter(({ direction }) => direction === 'up');
  return up.flatMap((operation): Found[] => {
    const wanted = operation.kind === 'addForeignKey' ? [operation.keys] : operation.foreignKeys;
    const { table } = operation;
    const there = up
      .filter((other) => other.table === table)
      .flatMap((other) => [
        ...(other.kind === 'createIndex' ? [other.keys] : []),
        ...(other.kind === 'createTable' ? [other.keys, ...other.indexes] : []),
        ...other.columns.filter(({ isPrimary, isUnique }) => isPrimary || isUnique).map(({ name }) => [name]),
      ]);
    return wanted
      .filter(
        (keys) => keys.length > 0 && !there.some((index) => keys.every((key, position) => index[position] === key)),
      )
      .map((keys) => ({ at: operation.at, detail: `${table} (${keys.join(', ')})` }));
  });
};

const maxBytes = 63;
const reserved = new Set(
  `all alter and any as asc authorization between both by case cast check collate column constraint create cross current_date
  current_time current_timestamp database default delete desc describe distinct div drop else end except exists explain false fetch
  for force foreign from full function grant group groups having if ignore in index inner insert intersect interval into is join key
  keys kill lateral leading leave left like limit lines lock long match natural not null of on optimize option or order outer over
  partition primary procedure range rank read recursive references release rename repeat replace require restrict return revoke right
  row rows schema select session_user set show some sql ssl starting system table terminated then to trailing trigger true undo union
  unique unlock unsigned update usage use user using values when where window with write xor`.split(/\s+/),
);

/** V-ident: a name that every engine takes as it is. */
export const checkIdentifier: Check = ({ operations }) =>
  operations.flatMap(({ at, table, names, columns, direction, kind }): Found[] => {
    if (
      direction === 'down' ||
      ![
        'createTable',
        'addColumn',
        'createIndex',
        'renameTable',
        'renameColumn',
        'addForeignKey',
        'addUnique',
        'createView',
      ].includes(kind)
    )
      return [];
    const bad = [table, ...names, ...columns.map(({ name }) => name)].find(
      (name) =>
        name !== '' &&
        name !== '?' &&
        (name.length > maxBytes || reserved.has(name.toLowerCase()) || !/^[a-z][a-z0-9_]*$/.test(name)),
    );
    return bad === undefined ? [] : [{ at, detail: bad }];
  });
