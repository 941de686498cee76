import { closeSync, constants, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { fileRights, mostRightsKept, mostRightsShown, rightsLeft, type FileRights } from '#shared/file-rights.ts';
import { filePath } from '#shared/file-names.ts';
import { idPattern } from '#shared/http.ts';
import { at, makeFolderAt, renameAt } from '../core/below.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { readSmall } from './bin.ts';
import { openBelow } from './handles.ts';
import { removeTree } from './tree-work.ts';

/*
 * What a change of rights is about to do, line by line, written before anything is touched: the way back, and the way on for
 * work that was killed. In the site's own folder it can be anything, and is checked when it is read; what root undoes by lies
 * where root alone writes.
 */

const { O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const factsName = 'facts.json';
const logName = 'log';
const timesName = 'times';
const pieceBytes = 256 * 1024;
const mostLineBytes = 16 * 1024;
/** Of the paths that were chosen; the change itself knows all of them. */
const mostToldBytes = 6_000;
/** Work that was cut off longer ago is not gone on with. */
const dayMs = 24 * 60 * 60 * 1_000;

export type RightsWish = Omit<FileRights, 'toSite'>;
export type Rights = { readonly mode: number; readonly uid: number; readonly gid: number };
export type RightsLine = {
  readonly path: string;
  readonly type: 'file' | 'folder';
  readonly ino: number;
  readonly before: Rights;
  readonly after: Rights;
};

const facts = fileRights.omit({ toSite: true }).extend({
  state: z.enum(['planned', 'done']),
  by: z.string().max(128),
  startedAt: z.int(),
  /** The work that takes it back; it goes on after the agent was restarted. */
  undoneBy: z.string().nullable(),
  changed: z.int(),
  left: z.partialRecord(z.enum(rightsLeft), z.int()),
});
export type RightsFacts = z.infer<typeof facts>;
export type KeptRights = RightsFacts & { readonly id: string; readonly isRunning: boolean };

const rights = z.tuple([z.int().min(0).max(0o7777), z.int().min(0), z.int().min(0)]);
const line = z.tuple([filePath.min(1), z.enum(['f', 'd']), z.number(), rights, rights]);

/** `use` with the folder of one record. */
export async function inRecord<T>(store: number, id: string, use: (record: number) => T | Promise<T>): Promise<T> {
  const record = openBelow(store, id);
  try {
    return await use(record);
  } finally {
    closeSync(record);
  }
}

export async function makeRecord(store: number, id: string): Promise<void> {
  await removeTree(store, id);
  makeFolderAt(store, id, 0o700);
}

/** undefined: there is none, or half of one. */
export function readFacts(store: number, id: string): RightsFacts | undefined {
  try {
    const record = openBelow(store, id);
    try {
      return facts.safeParse(JSON.parse(readSmall(record, factsName))).data;
    } finally {
      closeSync(record);
    }
  } catch {
    return undefined;
  }
}

/** In one step. What is planned is on the disk when it ends; that it is done may be forgotten, and can be taken back all the same. */
export function writeFacts(record: number, given: RightsFacts): void {
  const name = `new-${newChangeId()}`;
  const flags = given.state === 'planned' ? O_DSYNC : 0;
  writeNew(record, name, Buffer.from(JSON.stringify({ ...given, paths: told(given.paths) })), flags);
  renameAt(record, name, record, factsName);
}

function writeNew(record: number, name: string, bytes: Buffer, flags = 0): void {
  const fd = openSync(at(record, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | flags, 0o600);
  try {
    writeAll(fd, bytes);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function told(paths: readonly string[]): string[] {
  let bytes = 0;
  return paths.filter((path, index) => (bytes += Buffer.byteLength(path)) <= mostToldBytes || index === 0);
}

/** Lines for a new record. They are on the disk when it is closed. */
export function createLog(record: number): { write(each: RightsLine): void; close(): void } {
  const fd = openSync(at(record, logName), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_DSYNC, 0o600);
  let waiting: string[] = [];
  let length = 0;
  const flush = (): void => {
    writeAll(fd, Buffer.from(waiting.join('')));
    waiting = [];
    length = 0;
  };
  const tupleOf = ({ mode, uid, gid }: Rights): number[] => [mode, uid, gid];
  return {
    write({ path, type, ino, before, after }) {
      const text = `${JSON.stringify([path, type === 'file' ? 'f' : 'd', ino, tupleOf(before), tupleOf(after)])}\n`;
      waiting.push(text);
      length += text.length;
      if (length >= pieceBytes) flush();
    },
    close() {
      try {
        flush();
      } finally {
        closeSync(fd);
      }
    },
  };
}

/** The lines of a record, one after the other. What is none of ours ends them. */
export function* readLog(record: number): Generator<RightsLine> {
  const fd = openSync(at(record, logName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const piece = Buffer.alloc(pieceBytes);
    let rest = Buffer.alloc(0);
    for (;;) {
      const size = readSync(fd, piece, 0, piece.length, null);
      if (size === 0) return;
      const bytes = Buffer.concat([rest, piece.subarray(0, size)]);
      let from = 0;
      for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, from)) {
        const known = lineOf(bytes.toString('utf8', from, end));
        if (known === undefined) return;
        yield known;
        from = end + 1;
      }
      rest = bytes.subarray(from);
      if (rest.length > mostLineBytes) return;
    }
  } finally {
    closeSync(fd);
  }
}

function lineOf(text: string): RightsLine | undefined {
  try {
    const known = line.safeParse(JSON.parse(text));
    if (!known.success) return undefined;
    const [path, type, ino, before, after] = known.data;
    const of = ([mode, uid, gid]: typeof before): Rights => ({ mode, uid, gid });
    return { path, type: type === 'f' ? 'file' : 'folder', ino, before: of(before), after: of(after) };
  } catch {
    return undefined;
  }
}

/** When each thing was changed last, right after it was changed here: one number per line of the log. */
export function writeTimes(record: number, times: readonly number[]): void {
  writeNew(record, timesName, Buffer.from(Float64Array.from(times).buffer));
}

/** Empty for a record whose work was cut off. */
export function readTimes(record: number): Float64Array {
  try {
    const fd = openSync(at(record, timesName), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const pieces: Buffer[] = [];
      for (;;) {
        const piece = Buffer.alloc(pieceBytes);
        const size = readSync(fd, piece, 0, piece.length, null);
        if (size === 0) break;
        pieces.push(piece.subarray(0, size));
      }
      const bytes = Uint8Array.from(Buffer.concat(pieces));
      return new Float64Array(bytes.buffer, 0, Math.floor(bytes.length / 8));
    } finally {
      closeSync(fd);
    }
  } catch {
    return new Float64Array();
  }
}

/** Newest first. */
export function listRights(store: number, isRunning: (id: string) => boolean): KeptRights[] {
  return readdirSync(`/proc/self/fd/${store}`, 'latin1')
    .filter((name) => idPattern.test(name))
    .slice(0, 10 * mostRightsKept)
    .flatMap((id) => {
      const known = readFacts(store, id);
      return known === undefined ? [] : [{ ...known, id, isRunning: isRunning(id) }];
    })
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** The first lines, to be looked at. */
export function rightsLines(store: number, id: string): RightsLine[] {
  if (readFacts(store, id) === undefined) return [];
  const record = openBelow(store, id);
  try {
    const lines: RightsLine[] = [];
    for (const each of readLog(record)) if (lines.push(each) >= mostRightsShown) break;
    return lines;
  } finally {
    closeSync(record);
  }
}

/** Only the last few can be taken back. */
export async function tidyRights(store: number): Promise<void> {
  const old = listRights(store, () => false).filter(
    ({ state, startedAt }) => state === 'done' || Date.now() - startedAt > dayMs,
  );
  for (const { id } of old.slice(mostRightsKept)) await removeTree(store, id);
}
