import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transform, type Selector } from 'lightningcss';
import type { Plugin } from 'vite';

const packages = resolve(import.meta.dirname, '../node_modules/@mantine');
const usedFrom = /import\s+\{([^}]+)\}\s+from\s+['"]@mantine\/core['"]/g;

/**
 * Mantine's style sheet with the rules of the used components only. Used is what our sources and Mantine's own other
 * packages import by name, and what those modules import in turn; a component's class names (`m_…`) stand in its module.
 */
export function mantineStyles(): Plugin {
  return {
    name: 'mantine-styles',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!id.split('?')[0]?.endsWith('@mantine/core/styles.css')) return null;
      return { code: withoutUnused(code, usedClasses()), map: null };
    },
  };
}

/** Drops every selector that names a Mantine class not in the list. */
export function withoutUnused(css: string, used: ReadonlySet<string>): string {
  const { code } = transform({
    filename: 'styles.css',
    code: Buffer.from(css),
    visitor: {
      Rule: {
        style(rule) {
          const { selectors } = rule.value;
          const kept = selectors.filter((selector) => !namesUnused(selector, used));
          if (kept.length === selectors.length) return undefined;
          return kept.length === 0 ? [] : { ...rule, value: { ...rule.value, selectors: kept } };
        },
      },
    },
  });
  return Buffer.from(code).toString('utf8');
}

function namesUnused(selector: Selector, used: ReadonlySet<string>): boolean {
  return selector.some((part) => part.type === 'class' && /^m_[0-9a-f]+$/.test(part.name) && !used.has(part.name));
}

function usedClasses(): Set<string> {
  const esm = join(packages, 'core/esm');
  const index = readFileSync(join(esm, 'index.mjs'), 'utf8');
  const places = new Map<string, string>();
  for (const [, names = '', path = ''] of index.matchAll(/import\s+\{([^}]+)\}\s+from\s+"([^"]+)"/g)) {
    if (path.startsWith('.')) for (const name of namesOf(names)) places.set(name, join(esm, path));
  }
  const seen = new Set<string>();
  const classes = new Set<string>();
  const open = [...importedNames()].flatMap((name) => places.get(name) ?? []);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = readFileSync(path, 'utf8');
    for (const [name] of text.matchAll(/\bm_[0-9a-f]+\b/g)) classes.add(name);
    for (const [, relative = ''] of text.matchAll(/from\s*"(\.[^"]+)"/g)) open.push(resolve(dirname(path), relative));
  }
  if (classes.size === 0) throw new Error('no class names found: the layout of @mantine/core has changed');
  return classes;
}

function importedNames(): Set<string> {
  const names = new Set<string>();
  const folders = [
    import.meta.dirname,
    ...['modals', 'notifications', 'spotlight'].map((name) => join(packages, name, 'esm')),
  ];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(tsx?|mjs)$/.test(entry.name)) continue;
      const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
      for (const [, list = ''] of text.matchAll(usedFrom)) for (const name of namesOf(list)) names.add(name);
    }
  }
  return names;
}

/** `type A, B as C` → A, B. */
function namesOf(list: string): string[] {
  return list.split(',').flatMap((each) => /^\s*(?:type\s+)?(\w+)/.exec(each)?.[1] ?? []);
}
