import { lstatSync, opendirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { foldName, staysInside } from '../archives/names.ts';
import { errnoOf } from '../core/files.ts';
import type { LeftOut } from './manifest.ts';

/*
 * What is there to save in a tree, in the order of raw path bytes. Only looks, opens no file. What a restore would refuse
 * is not saved, but said (the limits are those of agent/archives).
 */

const limits = { depth: 64, pathBytes: 4096, componentBytes: 255 } as const;

/**
 * Files that are nearly all hole (`lastlog`, some disk images): larger than this with less than a tenth of it on the disk.
 * Saving them takes hours for nothing, and a restore would fill the disk; they are left out and reported. Smaller ones are
 * saved like any file: restic stores their zeros once.
 */
const sparseBytes = 4n * 1024n ** 3n;

export type Seen = {
  /** Relative to the root, raw. */
  readonly path: Buffer;
  readonly type: 'file' | 'folder' | 'link';
  readonly stats: BigIntStats;
  /** Of links. */
  readonly target?: Buffer;
};

export type Walk = {
  /** Left out here, so that the reader of the tree must leave it out as well. */
  leftOut(path: Buffer, reason: LeftOut['reason']): void;
  /** Whether this path was found to be impossible to save before. */
  isBarred(path: Buffer): boolean;
};

const slash = Buffer.from('/');

export const join = (folder: Buffer, name: Buffer): Buffer =>
  folder.length === 0 ? name : Buffer.concat([folder, slash, name]);

/** Everything below `root`, the root itself not. Throws `backup_source_unreadable` when the root is no readable folder. */
export function* walk(root: string, rules: Walk): Generator<Seen> {
  const base = Buffer.from(root);
  let names: Buffer[];
  try {
    names = listBytes(base);
  } catch (cause) {
    throw unreadableSource(root, cause);
  }
  yield* walkFolder(base, Buffer.alloc(0), names, 1, rules);
}

export function unreadableSource(path: string, cause?: unknown): AppError {
  return new AppError('internal', 'A folder that is saved cannot be read.', {
    reason: 'backup_source_unreadable',
    params: { path },
    cause,
  });
}

type Step = { readonly key: Buffer; readonly seen: Seen; readonly isDescent: boolean };

function* walkFolder(
  base: Buffer,
  folder: Buffer,
  names: readonly Buffer[],
  depth: number,
  rules: Walk,
): Generator<Seen> {
  const steps: Step[] = [];
  const isRefusedLink = createLinkRule(names);
  for (const name of names) {
    const seen = lookAt(base, join(folder, name), name, depth, rules);
    if (seen === undefined) continue;
    if (seen.type === 'link' && isRefusedLink(seen)) {
      rules.leftOut(seen.path, 'link_refused');
      continue;
    }
    steps.push({ key: name, seen, isDescent: false });
    // `a`, `a-b`, `a/c`: what lies in a folder sorts by its name with the slash.
    if (seen.type === 'folder') steps.push({ key: Buffer.concat([name, slash]), seen, isDescent: true });
  }
  steps.sort((a, b) => Buffer.compare(a.key, b.key));
  for (const { seen, isDescent } of steps) {
    if (!isDescent) {
      yield seen;
      continue;
    }
    let inside: Buffer[];
    try {
      inside = listBytes(join(base, seen.path));
    } catch {
      rules.leftOut(seen.path, 'unreadable');
      continue;
    }
    yield* walkFolder(base, seen.path, inside, depth + 1, rules);
  }
}

/** A restore takes no link that leads out of the tree, and none whose name could be taken for that of a neighbour. */
function createLinkRule(names: readonly Buffer[]): (link: Seen) => boolean {
  let seen: Map<string, number> | undefined;
  const count = (): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const name of names) {
      const folded = foldName(name.toString('latin1'));
      counts.set(folded, (counts.get(folded) ?? 0) + 1);
    }
    return counts;
  };
  return ({ path, target }) => {
    if (target === undefined || leadsOut(path, target)) return true;
    seen ??= count();
    return (seen.get(foldName(path.toString('latin1').split('/').at(-1) ?? '')) ?? 0) > 1;
  };
}

/** Whether a link at this path of the tree leads out of it, or may do so. */
export function leadsOut(path: Buffer, target: Buffer): boolean {
  return !staysInside(target.toString('latin1'), path.toString('latin1').split('/').slice(0, -1));
}

function lookAt(base: Buffer, path: Buffer, name: Buffer, depth: number, rules: Walk): Seen | undefined {
  if (rules.isBarred(path)) return undefined;
  const refuse = (reason: LeftOut['reason']): undefined => rules.leftOut(path, reason) as undefined;
  if (depth > limits.depth) return refuse('too_deep');
  if (path.length > limits.pathBytes || name.length > limits.componentBytes) return refuse('too_long');
  let stats: BigIntStats | undefined;
  try {
    stats = lstatSync(join(base, path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return refuse(errnoOf(error) === 'ENAMETOOLONG' ? 'too_long' : 'unreadable');
  }
  // Gone since its folder was read.
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return { path, type: 'folder', stats };
  if (stats.isSymbolicLink()) {
    try {
      return { path, type: 'link', stats, target: readlinkSync(join(base, path), 'buffer') };
    } catch {
      return undefined;
    }
  }
  if (!stats.isFile()) return refuse('special');
  if (stats.size > sparseBytes && stats.blocks * 512n * 10n < stats.size) return refuse('excluded_sparse');
  return { path, type: 'file', stats };
}

function listBytes(path: Buffer): Buffer[] {
  // Node's types leave bytes out here; the functions take them.
  const folder = opendirSync(path as unknown as string, { encoding: 'buffer' as BufferEncoding, bufferSize: 512 });
  const names: Buffer[] = [];
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync())
      names.push(entry.name as unknown as Buffer);
  } finally {
    folder.closeSync();
  }
  return names;
}
