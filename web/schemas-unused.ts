/*
 * Stands in for zod in the browser build. The browser takes types, methods and paths from the contracts of `shared/`; the
 * server checks every request by their schemas, and its answers come from the same program. Leaving zod out saves a
 * tenth of the first load. Whoever asks one of these to check something learns it at once.
 */

export const checking: ReadonlySet<string> = new Set([
  'parse',
  'safeParse',
  'parseAsync',
  'safeParseAsync',
  'check',
  'validate',
]);

const schema: unknown = new Proxy(() => undefined, {
  get(_target, name) {
    if (typeof name === 'string' && checking.has(name)) throw new Error('schemas are not part of the browser build');
    // Not a promise, nothing to print.
    return typeof name === 'symbol' || name === 'then' ? undefined : schema;
  },
  apply: () => schema,
});

export const z = schema;
