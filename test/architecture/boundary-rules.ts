import { posix } from 'node:path';
import type { Violation } from './code-rules.ts';
import type { Import, Parsed } from './parse.ts';
import { areaOf, areaRules, isTestFile, sharedWithNode, testOnly } from './policy.ts';

type Edge = { readonly from: string; readonly to: string; readonly line: number };

/** Who imports whom: areas, packages, features, layers, cycles. */
export function checkBoundaries(files: readonly Parsed[]): Violation[] {
  const edges: Edge[] = [];
  const violations: Violation[] = [];
  for (const file of files) {
    for (const item of file.imports) {
      const target = resolveImport(file.path, item.specifier);
      violations.push(...checkImport(file.path, item, target));
      if (target !== undefined && !item.isType) edges.push({ from: file.path, to: target, line: item.line });
    }
  }
  return [...violations, ...findCycles(edges)];
}

/** Path in the repository, or undefined for a package or a module of Node. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1).split('?')[0];
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(from), specifier)).split('?')[0];
}

/** `@scope/name/deep` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function checkImport(path: string, { specifier, line }: Import, target: string | undefined): Violation[] {
  const area = areaOf(path);
  if (area === undefined)
    return isTestFile(path) ? [] : [{ path, line, rule: 'area', detail: 'code outside the tree of the house' }];
  const rule = areaRules[area];
  const isTest = isTestFile(path);
  const refuse = (name: string, detail: string): Violation[] => [{ path, line, rule: name, detail }];

  if (target === undefined) {
    if (specifier.startsWith('node:'))
      return rule.node || isTest || sharedWithNode.includes(path)
        ? []
        : refuse('package', `${area} may not import ${specifier}`);
    const name = packageOf(specifier);
    const isAllowed =
      rule.packages.includes(name) || (isTest && [...testOnly.packages, ...areaRules.test.packages].includes(name));
    return isAllowed ? [] : refuse('package', `${area} may not import ${name}`);
  }
  const other = areaOf(target);
  if (other === undefined) {
    return target === 'package.json' || isTest ? [] : refuse('area', `${target} is no area of the tree`);
  }
  if (isTest) return [];
  if (area === 'web' && sharedWithNode.includes(target)) return refuse('package', `web may not import ${target}`);
  if (isTestFile(target) && area !== 'scripts') return refuse('test-code', `${target} is for tests only`);
  if (other !== area && !rule.areas.includes(other)) return refuse('area', `${area} may not import ${other}`);
  return checkLayers(path, target, refuse);
}

/** Inside the server: features meet only in their logic; stores know nothing above them. */
function checkLayers(path: string, target: string, refuse: (rule: string, detail: string) => Violation[]): Violation[] {
  const from = featureOf(path);
  const to = featureOf(target);
  if (to !== undefined && from !== undefined && from !== to && !target.endsWith('.logic.ts'))
    return refuse('feature', `${from} may use only ${to}.logic.ts of ${to}`);
  if (path.endsWith('.store.ts') && /\.(logic|routes)\.ts$/.test(target))
    return refuse('layer', 'a store knows nothing above it');
  if (path.endsWith('.logic.ts') && target.endsWith('.routes.ts'))
    return refuse('layer', 'logic knows nothing of HTTP routes');
  if (
    path.startsWith('server/core/') &&
    to !== undefined &&
    !target.endsWith('.store.ts') &&
    !target.endsWith('.logic.ts')
  )
    return refuse('layer', 'core knows no routes');
  return [];
}

function featureOf(path: string): string | undefined {
  return /^server\/features\/([^/]+)\//.exec(path)?.[1];
}

/** Circles of imports that exist at run time (types are erased), each named once by its first file. */
function findCycles(edges: readonly Edge[]): Violation[] {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const violations: Violation[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) {
      violations.push({ path, line: 1, rule: 'cycle', detail: [...trail.slice(at), path].join(' → ') });
      return;
    }
    if (done.has(path)) return;
    for (const { to } of targets.get(path) ?? []) walk(to, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) walk(path, []);
  return violations;
}
