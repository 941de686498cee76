import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp, features, type Feature } from '#server/app.ts';
import { makeTestApp } from '#server/testing.ts';
import { permissions } from '#shared/access.ts';
import { dataActions } from '#shared/agent/data-actions.ts';
import { agentActions } from '#shared/agent/index.ts';
import { api } from '#shared/api.ts';
import type { Operation } from '#shared/http.ts';
import { checkArchitecture, describe as list } from './architecture/check.ts';
import { isTestFile } from './architecture/policy.ts';
import { readSources, root } from './architecture/sources.ts';

const sources = await readSources();
const plantedInTree = { path: 'agent/planted.ts', text: `import '#server/app.ts';\n` };
/** Of the tree and of one file that does not belong there: reading all of it once takes seconds. */
const foundInTree = list(checkArchitecture([...sources, plantedInTree]));
const isPlanted = (line: string): boolean => line.startsWith(plantedInTree.path);
const operations: Operation[] = Object.values(api).flatMap((feature): Operation[] => Object.values(feature));
const isSorted = (items: readonly string[]): boolean => items.join() === [...items].sort().join();

/** Where a schema lets fields through that it does not list. */
function looseObjects(schema: unknown, path = '', seen = new Set<unknown>()): string[] {
  if (!(schema instanceof z.ZodType) || seen.has(schema)) return [];
  seen.add(schema);
  const below = Object.values(schema.def).flat();
  if (!(schema instanceof z.ZodObject)) return below.flatMap((each) => looseObjects(each, path, seen));
  const isStrict = schema.def.catchall instanceof z.ZodNever;
  const inside = Object.entries(schema.shape).flatMap(([key, each]) => looseObjects(each, `${path}.${key}`, seen));
  return isStrict ? inside : [path, ...inside];
}

/** Its parameters that name one thing. */
function idsOf(schema: z.ZodType): [string, z.ZodType][] {
  const shape: Record<string, z.ZodType> = schema instanceof z.ZodObject ? schema.shape : {};
  return Object.entries(shape).filter(([key]) => key.endsWith('Id'));
}

/** What the rules say about this file. */
function planted(path: string, text: string): string[] {
  return checkArchitecture([{ path, text }]).map(({ rule }) => rule);
}

describe('the tree', () => {
  it('S-3 P0-7 P1.3-3 keeps the boundaries of the house', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(foundInTree.filter((line) => !isPlanted(line))).toEqual([]);
  });

  it('lists what root can do, permissions and features in order', () => {
    const own = Object.keys(agentActions).filter((name) => !(name in dataActions));
    for (const names of [Object.keys(dataActions), own]) expect(isSorted(names)).toBe(true);
    expect(isSorted(permissions)).toBe(true);
    expect(isSorted(Object.keys(api))).toBe(true);
    expect(isSorted(features.map(({ name }) => name))).toBe(true);
  });

  it('P2.1-4 carries no production dependency that no product code imports', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const product = sources.filter(({ path }) => /^(server|agent|shared|cli)\//.test(path) && !isTestFile(path));
    const unused = Object.keys(manifest['dependencies'] ?? {}).filter(
      (name) => !product.some(({ text }) => text.includes(`'${name}'`) || text.includes(`'${name}/`)),
    );
    expect(unused).toEqual([]);
  });
});

describe('the operations', () => {
  it('each have their own id and their own method and path', () => {
    const ids = operations.map(({ id }) => id);
    const places = operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(places).size).toBe(places.length);
  });

  it('each say who may call them, and change nothing on GET', () => {
    for (const { id, access, method, body } of operations) {
      expect(['public', 'signedIn', ...permissions], id).toContain(access);
      if (method === 'GET') expect(body, id).toBeUndefined();
    }
  });

  it('name every path parameter in their schema', () => {
    for (const { id, path, params } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(Object.keys(params?.shape ?? {}), id).toEqual(named);
    }
  });

  it('PERM-3 and what the agent is asked take no field that nobody listed, however deep it lies', () => {
    const open = [
      ...operations.map(({ id, body }) => [id, body] as const),
      ...Object.values(agentActions).map(({ name, params }) => [name, params] as const),
    ].flatMap(([name, schema]) => looseObjects(schema).map((path) => `${name}${path}`));
    expect(open).toEqual([]);
    expect(
      looseObjects(z.object({ list: z.array(z.union([z.strictObject({ a: z.object({}) }), z.string()])) })),
    ).toEqual(['', '.list.a']);
  });

  it('PATH-6 and the actions of the agent know things by ids: no part of an address is a path', () => {
    const shapes = [
      ...operations.map(({ id, params }) => [id, Object.entries(params?.shape ?? {})] as const),
      ...Object.values(agentActions).map(({ name, params }) => [name, idsOf(params)] as const),
    ];
    const hostile = ['../1', '..', '.', '/etc/passwd', 'a/b', 'a\\b', 'a\nb', 'a\0b'];
    const taken = shapes.flatMap(([name, shape]) =>
      shape.flatMap(([key, schema]) =>
        hostile
          .filter((text) => schema.safeParse(text).success)
          .map((text) => `${name} ${key} ${JSON.stringify(text)}`),
      ),
    );
    expect(taken).toEqual([]);
    expect(shapes.flatMap(([, shape]) => shape).length).toBeGreaterThan(300);
  });

  it('are all registered by the web process, which registers no other under /api', async () => {
    const test = await makeTestApp();
    const registered = createApp(test.ctx).operations.map(({ id }) => id);
    await test.close();
    expect(registered.filter((id) => !operations.some((operation) => operation.id === id))).toEqual([]);
    expect(operations.map(({ id }) => id).filter((id) => !registered.includes(id))).toEqual([]);
  });
});

describe('a planted fault is found:', () => {
  const cases: [what: string, rule: string, path: string, text: string][] = [
    ['shared reads files', 'package', 'shared/planted.ts', `import { readFileSync } from 'node:fs';\n`],
    ['the agent takes a new package', 'package', 'agent/planted.ts', `import pino from 'pino';\n`],
    ['the agent imports the server', 'area', 'agent/planted.ts', `import '#server/config.ts';\n`],
    ['the server imports the agent', 'area', 'server/planted.ts', `import '#agent/actions.ts';\n`],
    [
      'the server imports a type of the agent',
      'area',
      'server/planted.ts',
      `export type A = import('../agent/main.ts').B;\n`,
    ],
    [
      'the browser imports the server',
      'area',
      'web/planted.tsx',
      `export const x = await import('../server/app.ts');\n`,
    ],
    ['the browser imports Node', 'package', 'web/planted.ts', `import 'node:path';\n`],
    ['the browser imports what needs Node', 'package', 'web/planted.ts', `import '#shared/certificate-pair.ts';\n`],
    [
      'a feature uses the store of another',
      'feature',
      'server/features/planted/planted.logic.ts',
      `export * from '../accounts/accounts.store.ts';\n`,
    ],
    ['product code uses test code', 'test-code', 'server/planted.ts', `import './testing.ts';\n`],
    ['a store imports logic', 'layer', 'server/features/a/a.store.ts', `import './a.logic.ts';\n`],
    [
      'the server starts a process',
      'process',
      'server/planted.ts',
      `import { spawn } from 'node:child_process';\nspawn('ls', []);\n`,
    ],
    [
      'a process by its old name',
      'process',
      'agent/nginx/planted.ts',
      `const { spawn } = await import('child_process');\nspawn('x');\n`,
    ],
    ['exec', 'shell', 'agent/core/run.ts', `import { exec } from 'node:child_process';\nexec('ls');\n`],
    ['execSync', 'shell', 'agent/core/run.ts', `import { execSync } from 'node:child_process';\nexecSync('ls');\n`],
    ['a shell', 'shell', 'agent/planted.ts', `export const options = { shell: true };\n`],
    ['a shell by a variable', 'shell', 'agent/planted.ts', `export const f = (shell: string) => ({ shell });\n`],
    ['eval', 'eval', 'web/planted.ts', `eval('1');\n`],
    ['new Function', 'eval', 'server/planted.ts', `export const f = new Function('return 1');\n`],
    [
      'a require of what comes',
      'eval',
      'agent/planted.ts',
      `import { createRequire } from 'node:module';\nexport const f = (x: string) => createRequire(x)(x) as unknown;\n`,
    ],
    ['vm', 'eval', 'server/planted.ts', `import { runInNewContext } from 'node:vm';\nrunInNewContext('1');\n`],
    [
      'process.env in a feature',
      'environment',
      'server/features/sites/planted.ts',
      `export const x = process.env['X'];\n`,
    ],
    [
      'process.env by destructuring',
      'environment',
      'agent/planted.ts',
      `const { env } = process;\nexport const x = env;\n`,
    ],
    [
      'process.env by import',
      'environment',
      'agent/planted.ts',
      `import { env } from 'node:process';\nexport const x = env;\n`,
    ],
    ['innerHTML', 'html', 'web/planted.ts', `document.body.innerHTML = location.hash;\n`],
    [
      'dangerouslySetInnerHTML',
      'html',
      'web/planted.tsx',
      `export const X = () => <p dangerouslySetInnerHTML={{ __html: 'x' }} />;\n`,
    ],
    ['sql.raw of a variable', 'sql', 'server/planted.ts', 'export const f = (x: string) => sql.raw(`select ${x}`);\n'],
    [
      'a query put together',
      'sql',
      'server/planted.ts',
      `export const f = (db: Db, x: string) => db.prepare('select ' + x);\n`,
    ],
    [
      'MD5',
      'md5',
      'server/planted.ts',
      `import { createHash } from 'node:crypto';\nexport const h = createHash('md5');\n`,
    ],
    ['chdir', 'chdir', 'cli/planted.ts', `process.chdir('/');\n`],
    ['an install path', 'install-path', 'cli/planted.ts', `export const p = '/www/server/panel/data';\n`],
    [
      'an install path in a template',
      'install-path',
      'agent/planted.ts',
      'export const p = (x: string) => `/www/server/panel/${x}`;\n',
    ],
    [
      'a system file written by an action',
      'system-files',
      'agent/nginx/nginx.actions.ts',
      `import { writeFile } from 'node:fs/promises';\nawait writeFile('/etc/x', '');\n`,
    ],
    ['a file that is too long', 'size', 'server/planted.ts', 'export {};\n'.repeat(501)],
    ['a helper drawer', 'name', 'server/core/utils.ts', 'export {};\n'],
    ['a check switched off', 'mark', 'server/planted.ts', `// @ts-${'ignore'}\nexport {};\n`],
    ['any', 'any', 'server/planted.ts', 'export const x = (y: any) => String(y);\n'],
    ['a folder outside the house', 'area', 'lib/planted.ts', `import 'zod';\n`],
  ];
  const isTextRun = ([, rule]: readonly string[]): boolean => ['process', 'shell', 'eval', 'sql'].includes(rule ?? '');
  it.each(cases.filter(isTextRun))('S-3 %s', (_what, rule, path, text) => {
    expect(planted(path, text)).toContain(rule);
  });
  it.each(cases.filter((each) => !isTextRun(each)))('%s', (_what, rule, path, text) => {
    expect(planted(path, text)).toContain(rule);
  });

  it('in the real tree', () => {
    expect(foundInTree.filter(isPlanted)).toEqual(['agent/planted.ts:1 [area] agent may not import server']);
  });

  it('P0-7 a circle of imports', () => {
    const files = [
      { path: 'server/a.ts', text: `export { b } from './b.ts';\n` },
      { path: 'server/b.ts', text: `import { c } from '#server/c.ts';\nexport const b = c;\n` },
      { path: 'server/c.ts', text: `import { b } from './a.ts';\nexport const c = b;\n` },
    ];
    expect(list(checkArchitecture(files))).toEqual([
      'server/a.ts:1 [cycle] server/a.ts → server/b.ts → server/c.ts → server/a.ts',
    ]);
  });

  it('and words in comments and texts are not', () => {
    const text = `// process.env, eval(), innerHTML, @type any\nexport const x = 'process.env eval( innerHTML';\n`;
    expect(planted('server/planted.ts', text)).toEqual([]);
  });

  it('P0-10 ALL-4 a route that declares no access stops the start', async () => {
    const test = await makeTestApp();
    const open: Feature = ({ server }) => void server.get('/api/v1/planted', () => 'open');
    expect(() => createApp(test.ctx, [...features, open])).toThrow('GET /api/v1/planted declares no access');
    await test.close();
  });
});
