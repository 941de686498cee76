/** Path of a name in a folder; the folder is empty for the site's own. */
export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Each folder on the way with its own path. */
export function crumbsOf(path: string): readonly { readonly name: string; readonly path: string }[] {
  const names = path === '' ? [] : path.split('/');
  return names.map((name, index) => ({ name, path: names.slice(0, index + 1).join('/') }));
}

/** What somebody types as a path: without slashes at its ends. */
export function typedPath(text: string): string {
  return text.trim().replace(/^\/+|\/+$/g, '');
}

/** As `ls` writes it: `rwxr-x---`. */
export function modeText(mode: number): string {
  return Array.from({ length: 9 }, (_, index) => ((mode >> (8 - index)) & 1 ? ('rwx'[index % 3] ?? '') : '-')).join('');
}
