import { parseAst } from 'rolldown/parseAst';

/** A node of the syntax tree (ESTree with TypeScript), reduced to what the rules look at. */
export type Node = { readonly type: string; readonly start: number; readonly [key: string]: unknown };

export type SourceFile = { readonly path: string; readonly text: string };

export type Import = {
  readonly specifier: string;
  readonly line: number;
  /** Erased before the program runs. */
  readonly isType: boolean;
  /** Imported names; `*` for the whole module, `default` for its default export. */
  readonly names: readonly string[];
};

export type Parsed = {
  readonly path: string;
  readonly lineCount: number;
  readonly imports: readonly Import[];
  readonly nodes: readonly Node[];
  /** 1-based line of an offset in the text. */
  readonly lineAt: (offset: number) => number;
};

/** Parses TypeScript or TSX; throws with the file's name when it is not valid. */
export function parseFile({ path, text }: SourceFile): Parsed {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
  const nodes: Node[] = [];
  collect(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path), nodes);
  const imports = nodes.flatMap((node) => importOf(node, lineAt));
  return { path, lineCount: text.endsWith('\n') ? starts.length - 1 : starts.length, imports, nodes, lineAt };
}

function collect(value: unknown, into: Node[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
    return;
  }
  if (!isNode(value)) return;
  into.push(value);
  for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) collect(child, into);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The text of a string literal, or of a template without holes. */
export function textOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value'];
  if (value.type !== 'TemplateLiteral') return undefined;
  const quasis = value['quasis'] as readonly { value: { cooked: string } }[];
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
}

export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === 'Identifier' || value.type === 'JSXIdentifier') return String(value['name']);
  return textOf(value);
}

/** `a.b` and `a['b']` → `b`. */
export function propertyOf(value: unknown): string | undefined {
  if (!isNode(value) || value.type !== 'MemberExpression') return undefined;
  const property = value['property'];
  return value['computed'] === true ? textOf(property) : nameOf(property);
}

function importOf(node: Node, lineAt: (offset: number) => number): Import[] {
  const kinds = [
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
    'TSImportType',
  ];
  if (!kinds.includes(node.type)) return [];
  const specifier = textOf(node['source']);
  // A path computed at run time is not an import of the tree: allowed only where the rule `dynamic` says so.
  if (specifier === undefined) return [];
  const specifiers = (node['specifiers'] ?? []) as readonly Node[];
  const isType =
    node['importKind'] === 'type' ||
    node['exportKind'] === 'type' ||
    node.type === 'TSImportType' ||
    (specifiers.length > 0 &&
      specifiers.every((item) => item['importKind'] === 'type' || item['exportKind'] === 'type'));
  const names = specifiers.length === 0 ? ['*'] : specifiers.map(importedName);
  return [{ specifier, line: lineAt(node.start), isType, names }];
}

function importedName(node: Node): string {
  if (node.type === 'ImportNamespaceSpecifier') return '*';
  if (node.type === 'ImportDefaultSpecifier') return 'default';
  return nameOf(node['imported'] ?? node['local']) ?? '*';
}
