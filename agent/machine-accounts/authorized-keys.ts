import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { AccountFacts } from '#shared/machine-accounts.ts';
import { at, makeFolderAt, renameAt, setModeOf, unlinkAt } from '../core/below.ts';
import { errnoOf, readAt, writeAt } from '../core/files.ts';

/*
 * `~/.ssh/authorized_keys` below a home that is held open, with the rights of its user: no link is followed, and whoever
 * swaps one in meanwhile is met by a refusal. Lines that are not plain keys stay to the letter.
 */

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const folderName = '.ssh';
const fileName = 'authorized_keys';
const besideName = '.authorized_keys.aapanel';
const maxBytes = 256 * 1_024;
const mostShown = 200;

type Keys = AccountFacts['keys'];

/** A line without options: kind, key and name. Weak keys of old too: they can be seen, and taken away. */
const plainLine = /^((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/;

function keyOf(line: string): Keys[number] | undefined {
  const [, kind, data, name] = plainLine.exec(line.trim()) ?? [];
  return kind === undefined || data === undefined ? undefined : { key: `${kind} ${data}`, name: name ?? '' };
}

/** Plain keys of such a file, and how many other lines it has besides comments. */
export function keysIn(text: string): { keys: Keys; otherKeyLines: number } {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  const keys = lines.flatMap((line) => keyOf(line) ?? []);
  return { keys: keys.slice(0, mostShown), otherKeyLines: lines.length - keys.length };
}

/** Each key once; a line that is added comes last. */
export function withKeys(text: string, add: Keys, remove: readonly string[]): string {
  const gone = new Set(remove);
  const lines = text.split('\n').filter((line) => !gone.has(keyOf(line)?.key ?? ''));
  while (lines.at(-1)?.trim() === '') lines.pop();
  const present = new Set(lines.map((line) => keyOf(line)?.key));
  const added = add.filter(({ key }) => !present.has(key)).map(({ key, name }) => `${key} ${name}`);
  return [...lines, ...added].map((line) => `${line}\n`).join('');
}

/** '' when there is none. `home`: its open folder. */
export function readKeys(home: number, uid: number): string {
  try {
    const folder = openKeysFolder(home, uid);
    try {
      return readFileIn(folder, uid);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw told(error);
  }
}

/** Puts the changed file in place by rename, 0600. Answers the keys before and after. */
export function changeKeys(
  home: number,
  uid: number,
  add: Keys,
  remove: readonly string[],
): { before: Keys; keys: Keys } {
  const before = readKeys(home, uid);
  const text = withKeys(before, add, remove);
  if (text !== before) {
    if (Buffer.byteLength(text) > maxBytes) throw tooLarge();
    try {
      writeKeys(home, uid, text);
    } catch (error) {
      throw told(error);
    }
  }
  return { before: keysIn(before).keys, keys: keysIn(text).keys };
}

function writeKeys(home: number, uid: number, text: string): void {
  const folder = openOrMakeFolder(home, uid);
  try {
    // Of an earlier try that was cut off.
    unlinkIfThere(folder, besideName);
    const file = openSync(at(folder, besideName), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeAt(file, Buffer.from(text), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameAt(folder, besideName, folder, fileName);
    fsyncSync(folder);
  } catch (error) {
    unlinkIfThere(folder, besideName);
    throw error;
  } finally {
    closeSync(folder);
  }
}

function openOrMakeFolder(home: number, uid: number): number {
  try {
    makeFolderAt(home, folderName, 0o700);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
  const folder = openKeysFolder(home, uid);
  // sshd takes no keys from a folder that others may write to.
  if ((fstatSync(folder).mode & 0o022) !== 0) setModeOf(folder, 0o700);
  return folder;
}

function openKeysFolder(home: number, uid: number): number {
  const folder = openSync(at(home, folderName), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fstatSync(folder).uid === uid) return folder;
  closeSync(folder);
  throw unsafe();
}

function readFileIn(folder: number, uid: number): string {
  const file = openSync(at(folder, fileName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    // A second name of somebody else's file is none of the user's.
    if (!stats.isFile() || stats.uid !== uid || stats.nlink !== 1) throw unsafe();
    if (stats.size > maxBytes) throw tooLarge();
    return readAt(file, 0, stats.size).toString('utf8');
  } finally {
    closeSync(file);
  }
}

function unlinkIfThere(folder: number, name: string): void {
  try {
    unlinkAt(folder, name);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

const unsafe = (): AppError =>
  new AppError('not_allowed', 'The folder of the keys is not the user’s own.', { reason: 'account_keys_unsafe' });

const tooLarge = (): AppError =>
  new AppError('too_large', 'The file of the keys is too large.', { reason: 'account_keys_large' });

function told(error: unknown): unknown {
  return ['ELOOP', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ENXIO'].includes(errnoOf(error)) ? unsafe() : error;
}
