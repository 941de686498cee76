import type { SiteBehaviour } from '../site-behaviour.ts';
import type { SiteKind } from '../sites.ts';
import { lockedPath, type PasswordRule } from './passwords.ts';
import { escapePattern } from './patterns.ts';

/**
 * What the path of a password rule locks. Rather too much than too little: an application may take `/ADMIN`, `/admin.json`,
 * `/admin;x` and `/index.php/admin` for `/admin`, and a site that leaves `.html` away takes `/page` for `/page.html`.
 * Compared byte by byte, letters large or small.
 */
export function lockPattern(kind: SiteKind, { fallback }: SiteBehaviour, path: string): string {
  const locked = fallback === 'clean' ? path.replace(/\.html$/i, '') : path;
  const parts = lockedPath(locked).split('/').slice(1);
  if (parts.length === 0) return '^';
  const script = kind === 'php' ? '(?:/[\\s\\S]*\\.php)?' : '';
  return `^${script}${parts.map((part) => `/+${escapePattern(part)}`).join('')}(?:[^A-Za-z0-9_\\x80-\\xff-]|$)`;
}

/** The longest path that holds a request counts, as with nginx's own locations: the first here. */
export function orderedLocks(
  rules: readonly PasswordRule[],
): { readonly rule: PasswordRule; readonly index: number }[] {
  return rules
    .map((rule, index) => ({ rule, index }))
    .toSorted((one, other) => lockedPath(other.rule.path).length - lockedPath(one.rule.path).length);
}
