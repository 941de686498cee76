import { parseAst } from 'rolldown/parseAst';
import { expect, test } from 'vitest';
import { withoutSchemas } from './contracts.config.ts';
import { z } from './schemas-unused.ts';

const cut = (code: string): string => withoutSchemas(code, parseAst(code));

test('a chain that begins with z, or with a schema by its name, is z; what else stands in a contract stays', () => {
  expect(
    cut(`import { z } from 'zod';
const name = z.string().regex(/^a$/).refine((text) => text !== 'b', { error: 'c' });
const page = z.object({ name, of: z.number() });
export const list = { method: 'GET', path: '/things', query: page.extend({ all: z.boolean() }), tags: [name.optional()] };
export const problem = (text) => /^a$/.test(text) ? undefined : list.path.slice(1);
export const lazy = (max) => z.string().max(max);`),
  ).toBe(`import { z } from 'zod';
const name = z;
const page = z;
export const list = { method: 'GET', path: '/things', query: z, tags: [z] };
export const problem = (text) => /^a$/.test(text) ? undefined : list.path.slice(1);
export const lazy = (max) => z;`);
});

test('what checks something still does, so that it throws in the browser as ever', () => {
  const code = (text: string): string => `import { z } from 'zod';\n${text}`;
  expect(cut(code('const read = (text) => z.string().parse(text);'))).toBe(
    code('const read = (text) => z.parse(text);'),
  );
  expect(() => (z as { parse: (text: string) => unknown }).parse('a')).toThrow(/not part of the browser build/);
});
