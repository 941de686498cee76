import type { Plugin } from 'vite';
import { checking } from './schemas-unused.ts';

/*
 * The browser does not check by schemas: `schemas-unused.ts` stands in for zod, and whatever is called on it is it again.
 * So a whole chain `z.object({…}).refine(…)` in `shared/` says no more than `z`, and is written so: what remains of a
 * contract is data, which the bundler leaves out where nobody reads it.
 */

type Syntax = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown };

/** `program`: the ESTree of `code`. */
export function withoutSchemas(code: string, program: unknown): string {
  const schemas = new Set(['z']);
  const isSchema = (node: Syntax): boolean => schemas.has(rootOf(node) ?? '');
  let text = '';
  let from = 0;
  visit(program as Syntax, (node) => {
    // Known by its name further down, as in `pageQuery.extend({…})`.
    const { id, init } = node as { id?: Syntax; init?: Syntax | null };
    if (node.type === 'VariableDeclarator' && id?.type === 'Identifier' && init?.type === 'CallExpression')
      if (isSchema(init)) schemas.add(String(id['name']));
    if (node.type !== 'CallExpression' || !isSchema(node)) return true;
    text += `${code.slice(from, node.start)}z`;
    from = node.end;
    return false;
  });
  return text + code.slice(from);
}

/** Of `z.string().min(1)`: `z`. undefined: something else, or a chain that checks, which is to throw as ever. */
function rootOf(node: Syntax): string | undefined {
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'CallExpression') {
    const callee = node['callee'] as Syntax;
    return callee.type === 'MemberExpression' ? rootOf(callee) : undefined;
  }
  if (node.type !== 'MemberExpression' || checking.has(String((node['property'] as Syntax)['name']))) return undefined;
  return rootOf(node['object'] as Syntax);
}

/** In the order of the text; `look` says whether to go on below. */
function visit(node: Syntax, look: (node: Syntax) => boolean): void {
  if (!look(node)) return;
  for (const value of Object.values(node).flat())
    if (typeof value === 'object' && value !== null && 'type' in value) visit(value as Syntax, look);
}

export function contractsOnly(): Plugin {
  return {
    name: 'contracts-only',
    apply: 'build',
    transform: {
      filter: { id: /\/shared\/[^?]*\.ts$/, code: /from ['"]zod['"]/ },
      handler(code) {
        return { code: withoutSchemas(code, this.parse(code)), map: null };
      },
    },
  };
}
