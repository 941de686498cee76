import { fstatSync } from 'node:fs';
import type { z } from 'zod';
import type { backupMember } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import {
  closeFile,
  listNames,
  look,
  makeFolders,
  openFile,
  readAt,
  removeFile,
  replaceFile,
  Unsynced,
} from '../core/files.ts';
import { getKnown } from './catalogue.ts';
import type { TreeMember, TreePart } from './manifest.ts';
import type { OpenTarget } from './open-target.ts';
import { fetchMembers } from './sets.ts';
import type { BackupWork } from './work.ts';

/*
 * Looking into a set, folder by folder. The verified list is kept here under its SHA-256; it is sorted by raw bytes, so a
 * folder is found by halving, and what lies deeper in it is leapt over.
 */

type Member = z.infer<typeof backupMember>;

const maxKept = 8;
const lists = (folder: string): string => `${folder}/member-lists`;

/** Path of a kept list; undefined: it must be fetched. */
export function findList(folder: string, part: TreePart): string | undefined {
  const path = `${lists(folder)}/${part.members.sha256}`;
  return look(path).type === 'file' ? path : undefined;
}

/** Throws `backup_part_unknown` for parts that are no trees as well. */
export function getTreePart(folder: string, given: { targetId: string; setId: string; part: string }): TreePart {
  const { manifest } = getKnown(folder, given.targetId, given.setId);
  const part = manifest.parts.find(({ name }) => name === given.part);
  if (part?.kind === 'tree') return part;
  throw new AppError('not_found', 'There is no such part.', {
    reason: 'backup_part_unknown',
    params: { part: given.part },
  });
}

/** Brings a list from the target and keeps it. */
export async function fetchList(
  work: BackupWork,
  open: Pick<OpenTarget, 'vault' | 'target'>,
  setId: string,
  part: TreePart,
): Promise<string> {
  const { folder } = work;
  const { manifest, snapshot } = getKnown(folder, open.target.targetId, setId);
  const fetched = await fetchMembers(work, open, snapshot, manifest, part);
  makeFolders(lists(folder));
  const others = listNames(lists(folder));
  for (const name of others.slice(0, Math.max(0, others.length - maxKept + 1))) removeFile(`${lists(folder)}/${name}`);
  const path = `${lists(folder)}/${part.members.sha256}`;
  const unsynced = new Unsynced();
  replaceFile(fetched, path, unsynced);
  unsynced.drop();
  return path;
}

type Page = { readonly items: Member[]; readonly total: number };

/** Members of one folder of a list (`''`: the root), in the order of their bytes. */
export function browseList(path: string, folder: string, offset: number, limit: number): Page {
  const file = openFile(path);
  if (file === undefined) return { items: [], total: 0 };
  try {
    return browse(createList(file.fd), folder, offset, limit);
  } finally {
    closeFile(file.fd);
  }
}

function browse(list: List, folder: string, offset: number, limit: number): Page {
  const prefix = Buffer.from(folder === '' ? '' : `${folder}/`);
  const items: Member[] = [];
  let total = 0;
  let at = list.find(prefix);
  for (let line = list.lineAt(at); line !== undefined; line = list.lineAt(at)) {
    if (!line.path.subarray(0, prefix.length).equals(prefix)) break;
    const slash = line.path.indexOf(0x2f, prefix.length);
    if (slash !== -1) {
      // All of this folder, at once: `0` follows the slash.
      const beyond = Buffer.concat([line.path.subarray(0, slash), Buffer.from('0')]);
      at = list.find(beyond, at);
      continue;
    }
    if (total >= offset && items.length < limit) items.push(showMember(line.member, line.path, prefix.length));
    total++;
    at = line.next;
  }
  return { items, total };
}

function showMember(member: TreeMember, path: Buffer, start: number): Member {
  const text = path.toString('utf8');
  return {
    name: path.subarray(start).toString('utf8'),
    path: text.includes('\uFFFD') ? null : text,
    type: member.type,
    bytes: member.size ?? 0,
    mode: member.mode,
    modifiedAt: new Date(clamp(member.modifiedMs)).toISOString(),
  };
}

/** Dates that ISO 8601 with four digits can say. */
const clamp = (ms: number): number => Math.min(253_402_300_799_999, Math.max(-62_135_596_800_000, Math.round(ms)));

type Line = { readonly member: TreeMember; readonly path: Buffer; readonly next: number };
type List = {
  lineAt(offset: number): Line | undefined;
  /** Offset of the first line whose path is not below `wanted`. */
  find(wanted: Buffer, from?: number): number;
};

const pieceBytes = 64 * 1024;

function createList(fd: number): List {
  const size = fstatSync(fd).size;
  let piece = Buffer.alloc(0);
  let pieceAt = 0;
  /** Bytes from an offset up to a line end. */
  function textAt(offset: number): Buffer {
    for (let length = pieceBytes; ; length *= 4) {
      const inside = offset - pieceAt;
      const end = inside >= 0 && inside < piece.length ? piece.indexOf(10, inside) : -1;
      if (end !== -1) return piece.subarray(inside, end);
      if (inside === 0 && pieceAt + piece.length >= size) return piece;
      pieceAt = offset;
      piece = Buffer.from(readAt(fd, offset, Math.min(length, size - offset)));
    }
  }
  function lineAt(offset: number): Line | undefined {
    if (offset >= size) return undefined;
    const text = textAt(offset);
    const member = JSON.parse(text.toString('utf8')) as TreeMember;
    return { member, path: Buffer.from(member.path, 'base64'), next: offset + text.length + 1 };
  }
  /** Start of the first line at or after an offset. */
  function startFrom(offset: number, least: number): number {
    if (offset <= least) return least;
    return Math.min(size, offset - 1 + textAt(offset - 1).length + 1);
  }
  return {
    lineAt,
    find(wanted, from = 0) {
      let low = from;
      let high = size;
      while (low < high) {
        const start = startFrom(Math.floor((low + high) / 2), low);
        const line = start >= high ? lineAt(low) : lineAt(start);
        if (line === undefined) break;
        const lineStart = start >= high ? low : start;
        if (Buffer.compare(line.path, wanted) < 0) low = line.next;
        else if (lineStart === high) break;
        else high = lineStart;
      }
      return low;
    },
  };
}
