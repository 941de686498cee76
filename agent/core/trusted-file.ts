import { lstatSync, realpathSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { errnoOf, openFile, readText, closeFile } from './files.ts';

/*
 * Files of root's that lie anywhere on the machine. Links are followed, as tools that keep versions need it, but only where
 * nobody but root could have put the file or anything on the way to it: whoever can write there could have root read any file.
 */

/** Where it really lies. Throws `file_not_roots` (with the path that others may change), `file_missing`. */
export function resolveTrusted(prefix: string, path: string): string {
  let real: string;
  try {
    real = realpathSync(`${prefix}${path}`);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(errnoOf(error))) throw missing(path);
    throw error;
  }
  const below = prefix === '' ? '' : realpathSync(prefix);
  if (!real.startsWith(`${below}/`)) throw notRoots(path);
  // The links on the way too: another target could be put in their place.
  for (const each of [...stepsOf(`${prefix}${path}`, prefix), ...stepsOf(real, below)]) checkRoots(each, path);
  return real;
}

/** The text of such a file, of at most `maxBytes`. */
export function readTrusted(prefix: string, path: string, maxBytes: number): string {
  const text = readText(resolveTrusted(prefix, path), maxBytes);
  if (text === undefined) throw missing(path);
  return text;
}

/** Tells another content from the same one without reading it. Throws like `resolveTrusted`. */
export function markOfTrusted(prefix: string, path: string): string {
  const file = openFile(resolveTrusted(prefix, path));
  if (file === undefined) throw missing(path);
  closeFile(file.fd);
  const { dev, ino, size, mtimeMs, ctimeMs } = file.stats;
  return [dev, ino, size, mtimeMs, ctimeMs].join(':');
}

/** Every folder from below `from` to the path, and the path. */
function stepsOf(path: string, from: string): string[] {
  const parts = path.slice(from.length).split('/').slice(1);
  return ['', ...parts].map((_, index) => `${from}/${parts.slice(0, index).join('/')}`);
}

function checkRoots(step: string, path: string): void {
  const stats = lstatSync(step);
  // A link has no mode of its own: who may replace it is said by its folder.
  const isOpen = !stats.isSymbolicLink() && (stats.mode & 0o022) !== 0;
  if (stats.uid !== (process.getuid?.() ?? 0) || isOpen) throw notRoots(path);
}

function missing(path: string): AppError {
  return new AppError('not_found', 'There is no such file.', { reason: 'file_missing', params: { path } });
}

function notRoots(path: string): AppError {
  return new AppError('not_allowed', 'Others than root may change this file.', {
    reason: 'file_not_roots',
    params: { path },
  });
}
