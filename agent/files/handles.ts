import { closeSync, constants, lstatSync, openSync, type Stats } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { at } from '../core/below.ts';
import { errnoOf } from '../core/files.ts';
import { nameToText, partsToText } from './file-names.ts';

/*
 * Folders below a handle that is held: opened one by one, no link followed, so that whoever swaps a folder for a link
 * meanwhile is met by a refusal. `/proc/self/fd/<n>/<name>` is Node's openat.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
/** Each folder in another keeps a descriptor open while a tree is worked through. */
export const maxDepth = 200;

export function openBelow(folder: number, name: string): number {
  return openSync(at(folder, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/** Runs `use` with the folder that the names lead to. A link on the way answers like something that is not there. */
export async function inFolder<T>(
  root: number,
  parts: readonly string[],
  use: (folder: number) => T | Promise<T>,
): Promise<T> {
  let folder = root;
  for (const part of parts) {
    const parent = folder;
    try {
      folder = openBelow(parent, part);
    } catch (error) {
      throw told(error, partsToText(parts));
    } finally {
      if (parent !== root) closeSync(parent);
    }
  }
  try {
    return await use(folder);
  } finally {
    if (folder !== root) closeSync(folder);
  }
}

export function lookAt(folder: number, name: string): Stats | undefined {
  return lstatSync(at(folder, name), { throwIfNoEntry: false });
}

export function gone(name: string): AppError {
  return new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name } });
}

export function taken(name: string): AppError {
  return new AppError('already_exists', 'Something of this name is there.', {
    reason: 'file_exists',
    params: { name: nameToText(name) },
  });
}

/** What the kernel answered, as it is told to a person. */
export function told(error: unknown, name: string): unknown {
  if (error instanceof AppError) return error;
  const code = errnoOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return gone(name);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return forbidden(name);
  if (code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'EISDIR')
    return new AppError('already_exists', 'Something of this name is there.', {
      reason: 'file_exists',
      params: { name },
    });
  if (code === 'EINVAL') return intoItself(name);
  if (code === 'EXDEV')
    return new AppError('in_use', 'This lies on another file system.', {
      reason: 'file_other_disk',
      params: { name },
    });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full' });
  if (code === 'ENAMETOOLONG')
    return new AppError('invalid_request', 'The name is too long.', {
      reason: 'file_name_long',
      params: { name: name.slice(0, 60), most: 255 },
    });
  return error;
}

export function forbidden(name: string): AppError {
  return new AppError('not_allowed', "The site's Linux user may not do this.", {
    reason: 'file_forbidden',
    params: { name },
  });
}

export function intoItself(name: string): AppError {
  return new AppError('in_use', 'A folder cannot go into itself.', { reason: 'file_into_itself', params: { name } });
}
