import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readLines } from '../core/lines.ts';

/*
 * What restic says it stored (`restic ls --json`), as a set of 64-bit sums: of each path, and of each path with type, size,
 * owner, mode and times. That is all it takes to know which files were stored as we saw them, and 16 bytes for each.
 */

export type StoredEntry = {
  /** As restic shows it: bytes that are not UTF-8 are U+FFFD. Relative, without the leading slash. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link' | 'special';
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
};

export type StoredList = {
  readonly snapshot: string;
  readonly tree: string;
  /** How many entries there are. */
  readonly count: number;
  hasPath(shown: string): boolean;
  /** Stored exactly as these stats say. */
  hasExact(shown: string, type: StoredEntry['type'], stats: BigIntStats): boolean;
  /** The entries themselves, those that `isWanted` asks for. */
  entries(isWanted: (path: string) => boolean): Generator<StoredEntry>;
};

/** Reads a list from an open file. */
export function readStoredList(fd: number): StoredList {
  const paths = createSums();
  const exact = createSums();
  let head: { id: string; tree: string } | undefined;
  for (const line of readLines(fd)) {
    const node = JSON.parse(line.toString('utf8')) as RawNode;
    if (kindOf(node) === 'snapshot') head = { id: node.id ?? '', tree: node.tree ?? '' };
    if (kindOf(node) !== 'node') continue;
    const entry = entryOf(node);
    paths.add(entry.path);
    exact.add(exactText(entry.path, entry.type, entry));
  }
  if (head === undefined) throw new Error('restic lists no snapshot');
  paths.seal();
  exact.seal();
  return {
    snapshot: head.id,
    tree: head.tree,
    count: paths.count(),
    hasPath: (shown) => paths.has(shown),
    hasExact: (shown, type, stats) => exact.has(exactText(shown, type, ofStats(stats))),
    *entries(isWanted) {
      for (const line of readLines(fd)) {
        const node = JSON.parse(line.toString('utf8')) as RawNode;
        if (kindOf(node) !== 'node') continue;
        const entry = entryOf(node);
        if (isWanted(entry.path)) yield entry;
      }
    },
  };
}

type RawNode = {
  readonly struct_type?: string;
  /** What newer versions call it. */
  readonly message_type?: string;
  readonly id?: string;
  readonly tree?: string;
  readonly path: string;
  readonly type: string;
  readonly size?: number;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly user?: string;
  readonly group?: string;
  readonly mtime: string;
  readonly ctime: string;
};

const kindOf = ({ message_type, struct_type }: RawNode): string | undefined => message_type ?? struct_type;

const types: Readonly<Record<string, StoredEntry['type']>> = { file: 'file', dir: 'folder', symlink: 'link' };

function entryOf(node: RawNode): StoredEntry {
  return {
    path: node.path.slice(1),
    type: types[node.type] ?? 'special',
    size: node.size ?? 0,
    mode: posixMode(node.mode ?? 0),
    uid: node.uid ?? 0,
    gid: node.gid ?? 0,
    user: node.user ?? '',
    group: node.group ?? '',
    mtimeNs: nanoseconds(node.mtime),
    ctimeNs: nanoseconds(node.ctime),
  };
}

/** Go keeps the special bits elsewhere. */
function posixMode(mode: number): number {
  const bit = (at: number, value: number): number => (Math.floor(mode / 2 ** at) % 2 === 1 ? value : 0);
  return (mode & 0o777) | bit(23, 0o4000) | bit(22, 0o2000) | bit(20, 0o1000);
}

/** RFC 3339 with up to nine digits of a second. */
function nanoseconds(text: string): bigint {
  const [, before = '', digits = '', zone = 'Z'] = /^(.{19})(?:\.(\d{1,9}))?(.+)$/.exec(text) ?? [];
  const ms = Date.parse(`${before}${zone}`);
  return Number.isNaN(ms) ? -1n : BigInt(ms) * 1_000_000n + BigInt(digits.padEnd(9, '0'));
}

type Facts = Pick<StoredEntry, 'size' | 'mode' | 'uid' | 'gid' | 'mtimeNs' | 'ctimeNs'>;

const ofStats = ({ size, mode, uid, gid, mtimeNs, ctimeNs }: BigIntStats): Facts => ({
  size: Number(size),
  mode: Number(mode & 0o7777n),
  uid: Number(uid),
  gid: Number(gid),
  mtimeNs,
  ctimeNs,
});

function exactText(path: string, type: string, { size, mode, uid, gid, mtimeNs, ctimeNs }: Facts): string {
  return [type, type === 'file' ? size : 0, mode, uid, gid, mtimeNs, ctimeNs, path].join(':');
}

/** A set of 64-bit sums that grows, then is sorted and asked. */
export function createSums(): {
  add: (text: string) => void;
  seal: () => void;
  has: (text: string) => boolean;
  count: () => number;
} {
  let sums = new BigUint64Array(1024);
  let count = 0;
  return {
    count: () => count,
    add(text) {
      if (count === sums.length) {
        const larger = new BigUint64Array(sums.length * 2);
        larger.set(sums);
        sums = larger;
      }
      sums[count++] = sumOf(text);
    },
    seal() {
      sums = sums.subarray(0, count).sort();
    },
    has(text) {
      const wanted = sumOf(text);
      let low = 0;
      let high = sums.length - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const value = sums[middle] ?? 0n;
        if (value === wanted) return true;
        if (value < wanted) low = middle + 1;
        else high = middle - 1;
      }
      return false;
    },
  };
}

const sumOf = (text: string): bigint => hash('sha256', text, 'buffer').readBigUInt64LE(0);

/** Raw bytes as restic shows them in JSON: Go puts U+FFFD for each byte that is not part of a valid character. */
export function shownByRestic(path: Buffer): string {
  if (isUtf8(path)) return path.toString('utf8');
  let text = '';
  for (let at = 0; at < path.length; ) {
    const length = characterLength(path, at);
    text += length === 0 ? '\uFFFD' : path.subarray(at, at + length).toString('utf8');
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the valid character at this place; 0: none. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}
