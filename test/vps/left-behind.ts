// What stays on a server after uninstall: compared with a committed list, so that every new file is a decision.
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import { script, type Machine } from './machine.ts';

/** Everything written since the machine was made that neither a package owns nor the list expects fails the test. */
export async function checkLeftBehind(machine: Machine): Promise<void> {
  const wanted = await expected();
  const owned = await packageFiles(machine);
  const found = new Set<string>();
  const surprises: string[] = [];
  for (const path of await written(machine.upper)) {
    if (owned.has(path)) continue;
    const line = wanted.find(({ pattern }) => pattern.test(path));
    if (line !== undefined) found.add(line.text);
    else if (!(await isAsBefore(machine, path))) surprises.push(path);
  }
  expect(surprises, 'files left behind that test/vps/left-behind.txt does not list').toEqual([]);
  const missing = wanted.filter(({ text, isOptional }) => !isOptional && !found.has(text)).map(({ text }) => text);
  expect(missing, 'listed, but not on the machine').toEqual([]);
  for (const path of ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/subuid', '/etc/subgid'])
    expect(await addedLines(machine, path), `lines added to ${path}`).toEqual([]);
  const owners = await script(
    machine,
    'find /www/wwwroot -mindepth 1 -maxdepth 1 -printf "%u\\n" | grep ^site- | sort',
  );
  const users = await script(machine, 'getent passwd | cut -d: -f1 | grep "^site-" | sort');
  expect(users, 'Linux users of sites that own nothing').toBe(owners);
}

/** Written, and put back to the letter: it is what the image has. */
async function isAsBefore(machine: Machine, path: string): Promise<boolean> {
  const files = [join(machine.upper, path), join(machine.lower, path)];
  // What was removed shows as a device, and is no file of the image any more.
  const [now, before] = await Promise.all(
    files.map(async (file) => ((await lstat(file)).isFile() ? await readFile(file) : null)),
  ).catch(() => [null, null]);
  return now != null && before != null && now.equals(before);
}

/** Lines that the image does not have, but for those of Linux users of sites. */
async function addedLines(machine: Machine, path: string): Promise<string[]> {
  const before = await readFile(join(machine.lower, path), 'utf8').catch(() => '');
  const now = await script(machine, `cat ${path} 2>/dev/null || true`);
  return now.split('\n').filter((line) => !before.split('\n').includes(line) && !/^site-[a-z2-7]{8}:/.test(line));
}

type Line = { text: string; pattern: RegExp; isOptional: boolean };

/** `#` comment; `?` before a path: may be there; `*` any part of a name; `**` any depth. */
async function expected(): Promise<Line[]> {
  const text = await readFile(join(import.meta.dirname, 'left-behind.txt'), 'utf8');
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const isOptional = line.startsWith('?');
      const path = isOptional ? line.slice(1).trim() : line;
      const source = path
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('**', '\u0000')
        .replaceAll('*', '[^/]*')
        .replaceAll('\u0000', '.*');
      return { text: path, pattern: new RegExp(`^${source}$`), isOptional };
    });
}

/** Paths of the upper layer that are not folders; a removed file of the image shows as a device and counts too. */
async function written(upper: string): Promise<string[]> {
  const entries = await readdir(upper, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `/${relative(upper, join(entry.parentPath, entry.name))}`)
    .toSorted();
}

/** Files of installed packages, under both spellings where /lib, /bin and /sbin are links into /usr. */
async function packageFiles(machine: Machine): Promise<Set<string>> {
  const text = await script(machine, 'cat /var/lib/dpkg/info/*.list');
  const files = new Set<string>();
  for (const path of text.split('\n')) {
    files.add(path);
    if (/^\/(bin|sbin|lib|lib64)\//.test(path)) files.add(`/usr${path}`);
  }
  return files;
}
