import { byName } from '../migrate-source.ts';

/** A node of the syntax tree (ESTree with TypeScript), reduced to what the rules look at. */
export type Node = {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
};

export type SourceText = { readonly path: string; readonly text: string };

export type Parsed = {
  readonly path: string;
  /** The file's name without `.ts`. */
  readonly name: string;
  readonly text: string;
  readonly program: Node;
  /** Every node with its parents, nearest first. */
  readonly nodes: readonly { readonly node: Node; readonly parents: readonly Node[] }[];
  readonly lineAt: (offset: number) => number;
  /** Rules that the file opts out of, with the reason: `// allow V-drop: …`. */
  readonly allowed: ReadonlyMap<string, string>;
};

/** The parser is a development package: a release carries no sources that it could read. */
export class ValidatorUnavailableError extends Error {
  constructor(cause: unknown) {
    super('the validator needs the development packages', { cause });
    this.name = 'ValidatorUnavailableError';
  }
}

export type Parse = (text: string, path: string) => Node;

/** Throws ValidatorUnavailableError. */
export async function loadParser(): Promise<Parse> {
  try {
    const { parseAst } = await import('rolldown/parseAst');
    return (text, path) => parseAst(text, { lang: 'ts' }, path) as unknown as Node;
  } catch (error) {
    throw new ValidatorUnavailableError(error);
  }
}

/** Shorter than this is no reason. */
const minReason = 10;

/** Throws what the parser throws. */
export function parseSource(parse: Parse, { path, text }: SourceText): Parsed {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const lineAt = (offset: number): number => {
    const index = starts.findLastIndex((start) => start <= offset);
    return index + 1;
  };
  const program = parse(text, path);
  const nodes: { node: Node; parents: Node[] }[] = [];
  collect(program, [], nodes);
  const allowed = new Map<string, string>();
  for (const [, rule = '', reason = ''] of text.matchAll(/^[ \t]*(?:\/\/|\*) allow (V-[a-z]+): (.+)$/gm)) {
    if (reason.trim().length >= minReason) allowed.set(rule, reason.trim());
  }
  return { path, name: (path.split('/').at(-1) ?? path).replace(/\.ts$/, ''), text, program, nodes, lineAt, allowed };
}

function collect(value: unknown, parents: readonly Node[], into: { node: Node; parents: Node[] }[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, parents, into);
    return;
  }
  if (!isNode(value)) return;
  into.push({ node: value, parents: [...parents] });
  const chain = [value, ...parents];
  for (const child of Object.values(value))
    if (typeof child === 'object' && child !== null) collect(child, chain, into);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

export function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** `x as T`, `x satisfies T`, `(x)` → x */
export function bare(value: unknown): unknown {
  let node = value;
  while (
    isNode(node) &&
    /^(TSAsExpression|TSSatisfiesExpression|ParenthesizedExpression|TSNonNullExpression)$/.test(node.type)
  ) {
    node = node['expression'];
  }
  return node;
}

/** The text of a string literal, or of a template without holes. */
export function textOf(given: unknown): string | undefined {
  const value = bare(given);
  if (!isNode(value)) return undefined;
  if (value.type === 'Literal' && typeof value['value'] === 'string') return value['value'];
  if (value.type !== 'TemplateLiteral') return undefined;
  const quasis = value['quasis'] as readonly { value: { cooked: string } }[];
  return quasis.length === 1 ? quasis[0]?.value.cooked : undefined;
}

export function identifier(value: unknown): string | undefined {
  return isNode(value) && value.type === 'Identifier' ? String(value['name']) : undefined;
}

/** `a.b` and `a['b']` → `b`. */
export function memberName(value: unknown): string | undefined {
  if (!isNode(value) || value.type !== 'MemberExpression') return undefined;
  return value['computed'] === true ? textOf(value['property']) : identifier(value['property']);
}

/** Value of `export const NAME`; undefined when there is none. */
export function exported(file: Parsed, name: string): Node | undefined {
  for (const statement of list(file.program['body'])) {
    if (statement.type !== 'ExportNamedDeclaration' || !isNode(statement['declaration'])) continue;
    for (const declarator of list(statement['declaration']['declarations'])) {
      if (identifier(declarator['id']) === name && isNode(declarator['init'])) return bare(declarator['init']) as Node;
    }
  }
  return undefined;
}

/** `export async function NAME`. */
export function exportedFunction(file: Parsed, name: string): Node | undefined {
  return list(file.program['body'])
    .filter(({ type }) => type === 'ExportNamedDeclaration')
    .map((statement) => statement['declaration'])
    .find(
      (declaration): declaration is Node =>
        isNode(declaration) && declaration.type === 'FunctionDeclaration' && identifier(declaration['id']) === name,
    );
}

export function inOrder<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return files.toSorted(byName);
}
