import {
  bare,
  exportedFunction,
  identifier,
  isNode,
  list,
  memberName,
  textOf,
  type Node,
  type Parsed,
} from './source.ts';

/*
 * What a migration does, in one shape whatever words it uses: the helpers of ddl.ts, Kysely's builders, or SQL.
 */

export type Column = {
  readonly name: string;
  readonly type: string;
  readonly isNotNull: boolean;
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  readonly hasDefault: boolean;
  /** The default is computed anew for each row. */
  readonly isVolatile: boolean;
};

export type Kind =
  | 'createTable'
  | 'dropTable'
  | 'renameTable'
  | 'addColumn'
  | 'dropColumn'
  | 'renameColumn'
  | 'alterType'
  | 'setNotNull'
  | 'createIndex'
  | 'dropIndex'
  | 'addForeignKey'
  | 'addUnique'
  | 'createView'
  | 'createTrigger'
  | 'dropView'
  | 'insert'
  | 'update'
  | 'delete'
  | 'truncate'
  | 'rebuild'
  | 'other';

export type Operation = {
  readonly kind: Kind;
  readonly at: number;
  readonly direction: 'up' | 'down';
  readonly table: string;
  readonly columns: readonly Column[];
  /** Names of indexes, constraints, renamed things. */
  readonly names: readonly string[];
  /** Columns of an index, a foreign key or a primary key, in order. */
  readonly keys: readonly string[];
  readonly foreignKeys: readonly (readonly string[])[];
  readonly indexes: readonly (readonly string[])[];
  readonly hasWhere: boolean;
  readonly isUnique: boolean;
  readonly isConcurrent: boolean;
  readonly isNotValid: boolean;
  /** Meets its own work done before. */
  readonly isGuarded: boolean;
  /** It came as a helper of ddl.ts, which knows the engines. */
  readonly isHelper: boolean;
  readonly isInBatches: boolean;
  /** The statement, where it was written in SQL. */
  readonly sql: string | undefined;
  /** Engines that the branches around it name; empty: all. */
  readonly engines: readonly string[];
  /** The branch has no other side. */
  readonly isBranchAlone: boolean;
};

const engineTests: Readonly<Record<string, string>> = {
  isMysql: 'mysql',
  isPostgres: 'postgresql',
  isSqlite: 'sqlite',
};

type Call = { readonly name: string; readonly args: readonly Node[] };

/** `a.b(x).c(y)` → root `a`, calls b and c. */
export function chainOf(node: Node): {
  readonly root: string;
  readonly path: readonly string[];
  readonly calls: readonly Call[];
} {
  const calls: Call[] = [];
  const path: string[] = [];
  let current: unknown = node;
  for (;;) {
    if (!isNode(current)) return { root: '', path, calls };
    if (current.type === 'CallExpression') {
      const callee = current['callee'];
      const name = memberName(callee) ?? identifier(callee) ?? '';
      calls.unshift({ name, args: list(current['arguments']) });
      if (!isNode(callee) || callee.type !== 'MemberExpression') return { root: identifier(callee) ?? '', path, calls };
      current = callee['object'];
    } else if (current.type === 'MemberExpression') {
      path.unshift(memberName(current) ?? '');
      current = current['object'];
    } else if (current.type === 'TaggedTemplateExpression') {
      return { root: identifier(current['tag']) ?? '', path, calls };
    } else return { root: identifier(current) ?? '', path, calls };
  }
}

/** SQL of a tagged template, its holes as `?`. */
export function sqlOf(node: Node): string | undefined {
  if (node.type !== 'TaggedTemplateExpression' || identifier(node['tag']) !== 'sql' || !isNode(node['quasi']))
    return undefined;
  const quasis = node['quasi']['quasis'] as readonly { value: { cooked: string | null } }[];
  const holes = list(node['quasi']['expressions']);
  return quasis
    .map(({ value }, index) => `${value.cooked ?? ''}${index < holes.length ? holeName(holes[index]) : ''}`)
    .join('')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** `sql.table('x')`, `sql.id('x')`, `sql.ref('x')` with a constant stand in the text under their name. */
function holeName(node: Node | undefined): string {
  if (node?.type !== 'CallExpression') return '?';
  return /^(table|id|ref)$/.test(memberName(node['callee']) ?? '') ? (textOf(list(node['arguments'])[0]) ?? '?') : '?';
}

export function operationsOf(file: Parsed): Operation[] {
  const down = exportedFunction(file, 'down');
  const downNames = down === undefined ? new Set<string>() : calledBy(file, down);
  const upNode = exportedFunction(file, 'up');
  const upNames = upNode === undefined ? new Set<string>() : calledBy(file, upNode);
  return file.nodes.flatMap(({ node, parents }) => {
    const isCall = node.type === 'CallExpression';
    const sql = sqlOf(node);
    if (!isCall && sql === undefined) return [];
    // Only the outermost call of a chain.
    if (
      isCall &&
      parents[0]?.type === 'MemberExpression' &&
      parents[0]['object'] === node &&
      parents[1]?.type === 'CallExpression'
    )
      return [];
    const owner = parents.find(({ type }) => type === 'FunctionDeclaration');
    const name = identifier(owner?.['id']) ?? '';
    const isDown = name === 'down' || (downNames.has(name) && !upNames.has(name));
    const place = branchOf(node, parents);
    const common = {
      at: node.start,
      direction: isDown ? ('down' as const) : ('up' as const),
      isInBatches: parents.some(
        (parent) => parent.type === 'CallExpression' && identifier(parent['callee']) === 'inBatches',
      ),
      ...place,
    };
    const found = sql === undefined ? fromCall(node) : fromSql(sql);
    return found.map((part) => ({ ...blank, ...common, ...part }));
  });
}

const blank = {
  kind: 'other' as Kind,
  table: '',
  columns: [],
  names: [],
  keys: [],
  foreignKeys: [],
  indexes: [],
  hasWhere: false,
  isUnique: false,
  isConcurrent: false,
  isNotValid: false,
  isGuarded: false,
  isHelper: false,
  sql: undefined,
};

/** Functions of the file that one calls, directly or through another. */
function calledBy(file: Parsed, start: Node): Set<string> {
  const functions = new Map(
    file.nodes
      .filter(({ node }) => node.type === 'FunctionDeclaration')
      .map(({ node }) => [identifier(node['id']) ?? '', node] as const),
  );
  const seen = new Set<string>();
  const visit = (node: Node): void => {
    for (const { node: inner } of file.nodes) {
      if (inner.type !== 'CallExpression' || inner.start < node.start || inner.end > node.end) continue;
      const name = identifier(inner['callee']) ?? '';
      const body = functions.get(name);
      if (body !== undefined && !seen.has(name)) {
        seen.add(name);
        visit(body);
      }
    }
  };
  visit(start);
  return seen;
}

function branchOf(node: Node, parents: readonly Node[]): { engines: string[]; isBranchAlone: boolean } {
  const engines: string[] = [];
  let isBranchAlone = false;
  const chain = [node, ...parents];
  for (const [index, parent] of chain.entries()) {
    if (parent.type !== 'IfStatement' && parent.type !== 'ConditionalExpression') continue;
    const test = parent['test'];
    const inside = chain[index - 1];
    if (!isNode(test) || inside === test) continue;
    const isNot = test.type === 'UnaryExpression';
    const call = isNot ? test['argument'] : test;
    const engine =
      isNode(call) && call.type === 'CallExpression' ? engineTests[identifier(call['callee']) ?? ''] : undefined;
    if (engine === undefined) continue;
    const isThen = inside === parent['consequent'];
    if (isThen !== isNot) engines.push(engine);
    else engines.push(...['mysql', 'postgresql', 'sqlite'].filter((name) => name !== engine));
    if (parent.type !== 'IfStatement' || parent['alternate'] !== null) continue;
    // `if (isX) { … return }` has the rest of its block as its other side; a later `if` asks for another engine.
    const block = list(chain[index + 1]?.['body']);
    isBranchAlone =
      block.indexOf(parent) === block.length - 1 && block.filter(({ type }) => type === 'IfStatement').length < 2;
  }
  // After `if (isX) return …` only the others are left.
  for (const [index, parent] of chain.entries()) {
    if (parent.type !== 'BlockStatement') continue;
    const inside = chain[index - 1];
    for (const statement of list(parent['body'])) {
      if (statement === inside) break;
      if (statement.type === 'IfStatement' && isNode(statement['test']) && endsIn(statement['consequent'])) {
        const isNot = statement['test'].type === 'UnaryExpression';
        const call = isNot ? statement['test']['argument'] : statement['test'];
        const engine = isNode(call) ? engineTests[identifier(call['callee']) ?? ''] : undefined;
        if (engine !== undefined)
          engines.push(...(isNot ? [engine] : ['mysql', 'postgresql', 'sqlite'].filter((name) => name !== engine)));
      }
    }
  }
  return { engines, isBranchAlone };
}

function endsIn(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node.type === 'BlockStatement') return endsIn(list(node['body']).at(-1));
  return node.type === 'ReturnStatement' || node.type === 'ThrowStatement';
}

type Part = Partial<Omit<Operation, 'at' | 'direction' | 'engines' | 'isBranchAlone'>> & { kind: Kind };

function names(node: Node | undefined): string[] {
  if (node === undefined) return [];
  if (node.type === 'ArrayExpression') return list(node['elements']).flatMap((item) => textOf(item) ?? '?');
  return [textOf(node) ?? '?'];
}

function columnOf([name, type, build]: readonly Node[]): Column {
  const built = build === undefined ? [] : callsIn(build);
  const has = (method: string): Call | undefined => built.find((call) => call.name === method);
  const given = has('defaultTo')?.args[0];
  const sql = given?.type === 'TaggedTemplateExpression' ? (sqlOf(given) ?? '') : '';
  return {
    name: textOf(name) ?? '?',
    type: textOf(type) ?? (type?.type === 'TaggedTemplateExpression' ? (sqlOf(type) ?? '') : ''),
    isNotNull: has('notNull') !== undefined,
    isPrimary: has('primaryKey') !== undefined || has('autoIncrement') !== undefined,
    isUnique: has('unique') !== undefined,
    hasDefault: given !== undefined,
    isVolatile: volatile.test(sql),
  };
}

const volatile =
  /\b(random|now|uuid\w*|gen_random_uuid|current_timestamp|current_time|current_date|clock_timestamp|localtimestamp|rand|randomblob|unixepoch|nextval|julianday|strftime)\b/i;

function callsIn(build: Node): Call[] {
  const body = build['body'];
  return isNode(body) && body.type === 'CallExpression' ? [...chainOf(body).calls] : [];
}

function fromCall(node: Node): Part[] {
  const { root, calls } = chainOf(node);
  const [first] = calls;
  const helper = { isHelper: true, isGuarded: true } as const;
  const args = first?.args ?? [];
  switch (root) {
    case 'createTable':
      return [{ kind: 'createTable', ...tableParts(calls.slice(1)), table: textOf(args[1]) ?? '?', ...helper }];
    case 'addColumn':
      return [{ kind: 'addColumn', table: textOf(args[1]) ?? '?', columns: [columnOf(args.slice(2))], ...helper }];
    case 'dropColumn':
      return [{ kind: 'dropColumn', table: textOf(args[1]) ?? '?', names: names(args[2]), ...helper }];
    case 'dropTable':
      return [{ kind: 'dropTable', table: textOf(args[1]) ?? '?', ...helper }];
    case 'dropIndex':
      return [{ kind: 'dropIndex', table: textOf(args[2]) ?? '?', names: names(args[1]), ...helper }];
    case 'rebuildTable':
      return [{ kind: 'rebuild', table: textOf(args[1]) ?? '?', ...helper }];
    case 'createIndex':
    case 'createIndexConcurrently': {
      const isUnique = args[4] !== undefined && /isUnique/.test(JSON.stringify(args[4]));
      const isConcurrent = root === 'createIndexConcurrently';
      return [
        {
          kind: 'createIndex',
          names: names(args[1]),
          table: textOf(args[2]) ?? '?',
          keys: names(args[3]),
          isUnique,
          isConcurrent,
          ...helper,
        },
      ];
    }
    default:
      return fromBuilder(calls);
  }
}

function fromBuilder(calls: readonly Call[]): Part[] {
  const of = (name: string): Call | undefined => calls.find((call) => call.name === name);
  const isGuarded = of('ifNotExists') !== undefined || of('ifExists') !== undefined;
  const table = (name: string): string => textOf(of(name)?.args[0]) ?? '?';
  if (of('createTable')) return [{ kind: 'createTable', ...tableParts(calls), table: table('createTable'), isGuarded }];
  if (of('dropTable')) return [{ kind: 'dropTable', table: table('dropTable'), isGuarded }];
  if (of('dropView')) return [{ kind: 'dropView', names: [table('dropView')], isGuarded }];
  if (of('createView'))
    return [{ kind: 'createView', names: [table('createView')], sql: JSON.stringify(of('as')?.args ?? ''), isGuarded }];
  if (of('dropIndex')) return [{ kind: 'dropIndex', names: [table('dropIndex')], isGuarded }];
  if (of('createIndex')) {
    const keys = [
      ...(of('columns')?.args ?? []),
      ...calls.filter(({ name }) => name === 'column').flatMap(({ args }) => args),
    ];
    return [
      {
        kind: 'createIndex',
        names: [table('createIndex')],
        table: table('on'),
        keys: keys.flatMap((key) => names(key)),
        isUnique: of('unique') !== undefined,
        isGuarded,
      },
    ];
  }
  if (of('alterTable')) return fromAlter(calls, table('alterTable'));
  const hasWhere = calls.some(({ name }) => name.startsWith('where'));
  if (of('insertInto')) return [{ kind: 'insert', table: table('insertInto'), hasWhere }];
  if (of('updateTable')) return [{ kind: 'update', table: table('updateTable'), hasWhere }];
  if (of('deleteFrom')) return [{ kind: 'delete', table: table('deleteFrom'), hasWhere }];
  return [];
}

function fromAlter(calls: readonly Call[], table: string): Part[] {
  return calls.flatMap(({ name, args }): Part[] => {
    if (name === 'addColumn') return [{ kind: 'addColumn', table, columns: [columnOf(args)] }];
    if (name === 'dropColumn') return [{ kind: 'dropColumn', table, names: names(args[0]) }];
    if (name === 'renameColumn') return [{ kind: 'renameColumn', table, names: args.flatMap((arg) => names(arg)) }];
    if (name === 'renameTo') return [{ kind: 'renameTable', table, names: names(args[0]) }];
    if (name === 'modifyColumn') return [{ kind: 'alterType', table, columns: [columnOf(args)] }];
    if (name === 'addForeignKeyConstraint')
      return [{ kind: 'addForeignKey', table, names: names(args[0]), keys: names(args[1]) }];
    if (name === 'addUniqueConstraint')
      return [{ kind: 'addUnique', table, names: names(args[0]), keys: names(args[1]) }];
    if (name === 'alterColumn' && args[1] !== undefined) {
      const inner = callsIn(args[1]).map((call) => call.name);
      if (inner.includes('setDataType')) return [{ kind: 'alterType', table, names: names(args[0]) }];
      if (inner.includes('setNotNull')) return [{ kind: 'setNotNull', table, names: names(args[0]) }];
    }
    return [];
  });
}

function tableParts(calls: readonly Call[]): Pick<Operation, 'columns' | 'keys' | 'foreignKeys' | 'indexes' | 'names'> {
  const of = (name: string): Call[] => calls.filter((call) => call.name === name);
  return {
    columns: of('addColumn').map(({ args }) => columnOf(args)),
    keys: of('addPrimaryKeyConstraint').flatMap(({ args }) => names(args[1])),
    foreignKeys: of('addForeignKeyConstraint').map(({ args }) => names(args[1])),
    indexes: of('addUniqueConstraint').map(({ args }) => names(args[1])),
    names: calls.filter(({ name }) => name.endsWith('Constraint')).flatMap(({ args }) => names(args[0])),
  };
}

const word = String.raw`[\x60"\[]?([\w$?]+)[\x60"\]]?`;
const patterns: readonly (readonly [Kind, RegExp])[] = [
  ['dropTable', new RegExp(`^drop table (?:if exists )?${word}`, 'i')],
  ['truncate', new RegExp(`^truncate (?:table )?${word}`, 'i')],
  ['delete', new RegExp(`^delete from ${word}`, 'i')],
  ['update', new RegExp(`^update ${word}`, 'i')],
  ['insert', new RegExp(`^(?:insert|replace) (?:or \\w+ )?(?:ignore )?into ${word}`, 'i')],
  ['createTrigger', new RegExp(`^create trigger .*? on ${word}`, 'i')],
  ['createView', new RegExp(`^create (?:or replace )?view (?:if not exists )?${word}`, 'i')],
  ['dropView', new RegExp(`^drop (?:view|trigger) (?:if exists )?${word}`, 'i')],
  ['createIndex', new RegExp(`^create (?:unique )?index .*? on ${word}`, 'i')],
  ['dropIndex', new RegExp(`^drop index (?:concurrently )?(?:if exists )?${word}`, 'i')],
  ['createTable', new RegExp(`^create table (?:if not exists )?${word}`, 'i')],
  ['renameColumn', new RegExp(`^alter table ${word} (?:rename column|change(?: column)?) `, 'i')],
  ['renameTable', new RegExp(`^(?:alter table ${word} rename to|rename table) `, 'i')],
  ['dropColumn', new RegExp(`^alter table ${word} drop (?!constraint|index|foreign|default)`, 'i')],
  ['addForeignKey', new RegExp(`^alter table ${word} add (?:constraint \\S+ )?foreign key`, 'i')],
  ['addUnique', new RegExp(`^alter table ${word} add (?:constraint \\S+ )?unique`, 'i')],
  ['alterType', new RegExp(`^alter table ${word} (?:alter (?:column )?\\S+ (?:set data )?type|modify)`, 'i')],
  ['setNotNull', new RegExp(`^alter table ${word} alter (?:column )?\\S+ set not null`, 'i')],
  ['addColumn', new RegExp(`^alter table ${word} add (?!constraint|index|check|primary)`, 'i')],
];

function fromSql(sql: string): Part[] {
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(sql);
    if (match === null) continue;
    const columns = kind === 'addColumn' || kind === 'createTable' ? [columnInSql(sql)] : [];
    return [
      {
        kind,
        table: match[1] ?? '?',
        columns,
        hasWhere: /\bwhere\b/i.test(sql),
        isUnique: /^create unique/i.test(sql),
        isConcurrent: /\bconcurrently\b/i.test(sql),
        isNotValid: /\bnot valid\b/i.test(sql),
        isGuarded: /\bif (not )?exists\b/i.test(sql) || /^(insert or|replace|update|delete)/i.test(sql),
        sql,
      },
    ];
  }
  return [{ kind: 'other', sql }];
}

function columnInSql(sql: string): Column {
  const match = /\badd (?:column )?(?:if not exists )?[`"]?(\w+)[`"]? (.*)$/i.exec(sql);
  const rest = match?.[2] ?? sql;
  return {
    name: match?.[1] ?? '?',
    type: rest.toLowerCase(),
    isNotNull: match !== null && /\bnot null\b/i.test(rest),
    isPrimary: /\bprimary key\b/i.test(rest),
    isUnique: match !== null && /\bunique\b/i.test(rest),
    hasDefault: /\bdefault\b/i.test(rest),
    isVolatile: volatile.test(/\bdefault (.*)$/i.exec(rest)?.[1] ?? ''),
  };
}

/** Tables that this migration makes itself: nobody uses those yet. */
export function madeHere(operations: readonly Operation[]): Set<string> {
  return new Set(
    operations.filter(({ kind, direction }) => kind === 'createTable' && direction === 'up').map(({ table }) => table),
  );
}

/** The argument of `node` when it is `sql.raw(x)`, `sql.lit(x)`, `sql.id(x)` and so on. */
export function sqlMethod(node: Node): { readonly method: string; readonly argument: Node | undefined } | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = node['callee'];
  if (!isNode(callee) || callee.type !== 'MemberExpression' || identifier(callee['object']) !== 'sql') return undefined;
  return { method: memberName(callee) ?? '', argument: bare(list(node['arguments'])[0]) as Node | undefined };
}
