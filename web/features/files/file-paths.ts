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

/** By which the list shows a name and little else: a filter may not be as long as a name. */
export function filterFor(name: string): string {
  return Array.from(name).slice(0, 100).join('').trim();
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

const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/g;

/** A name as a browser gives it, in the way that names are written here. */
export function nameOfFile(name: string): string {
  return name
    .toWellFormed()
    .replace(controls, (character) =>
      character === '\\'
        ? '\\\\'
        : Array.from(new TextEncoder().encode(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(
            '',
          ),
    );
}

/** A long name with its beginning and its end, which says what kind of file it is. */
export function inMiddle(name: string, most: number): string {
  const characters = Array.from(name);
  if (characters.length <= most) return name;
  const end = Math.floor(most / 3);
  return `${characters.slice(0, most - end - 1).join('')}…${characters.slice(-end).join('')}`;
}
