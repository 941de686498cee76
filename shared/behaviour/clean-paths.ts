/*
 * Paths that nginx makes of parts of an address. It puts them behind the site's folder and opens the file, ways up included:
 * it cleans what a visitor asks for, and nothing that a rule makes of it. So a path may only be made of parts in which no way
 * up can be.
 */

/** Variables that nginx itself has cleaned. */
const cleanVariables = /\$(uri|document_uri)\b|\$\{(uri|document_uri)\}/g;
const captures = /\$[1-9]/g;
/** A group in which no dot can be. */
const dotlessGroup = /^\((?:\\d|\\w|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9_/])+-?\])\+?\)/;

export function hasWayUp(text: string): boolean {
  return /(^|[/\\])\.\.($|[/\\?])/.test(text);
}

/** A redirect is asked for anew by the browser and cleaned then; a path inside may hold parts of the old one. */
export function isCleanRewrite(args: readonly string[]): boolean {
  const [pattern = '', target = '', flag] = args;
  if (/^https?:\/\//.test(target) || flag === 'redirect' || flag === 'permanent') return !hasWayUp(target);
  const path = withoutQuery(target);
  if (path.search(captures) === -1) return isCleanPath(path);
  // A group that took no part is empty.
  return hasDotlessGroups(pattern) && ['', 'x'].every((part) => isCleanPath(path.replace(captures, part)));
}

export function withoutQuery(address: string): string {
  return address.replace(/\?.*$/s, '').replace(/\$is_args.*$/s, '');
}

export function isCleanPath(path: string): boolean {
  const isClean = !path.replace(cleanVariables, '').includes('$');
  // The variable may end with a slash, and it may stand between dots.
  return isClean && !['', '/'].some((part) => hasWayUp(path.replace(cleanVariables, part)));
}

function hasDotlessGroups(pattern: string): boolean {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '(' && !dotlessGroup.test(pattern.slice(at))) return false;
  }
  return true;
}
