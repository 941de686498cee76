import { StringDecoder } from 'node:string_decoder';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { closeFile, openFile, readAt } from '../core/files.ts';
import { withoutSecrets } from '../apps/apps.secrets.ts';
import type { Machine } from '../core/machine.ts';
import { logPath, type LogName } from '../logs/logs.paths.ts';
import { checkOwner, findRecord } from './site-records.ts';

const maxBytes = 64 * 1024;

/** Reads whole lines: the end of a log, or on from a cursor `inode:offset`, also across one rotation. */
export function readLog(
  machine: Machine,
  params: ActionParams<AgentActions['sites.read_log']>,
): ActionResult<AgentActions['sites.read_log']> {
  const { site, kind } = params;
  checkOwner(findRecord(machine, site.slug), site);
  const read = readChunk(machine, params);
  // Programs print what they were given.
  return kind === 'app'
    ? { ...read, lines: read.lines.map((line) => withoutSecrets(machine, site.siteId, line)) }
    : read;
}

function readChunk(
  machine: Machine,
  { site, kind, worker, instance = 1, cursor, search }: ActionParams<AgentActions['sites.read_log']>,
): ActionResult<AgentActions['sites.read_log']> {
  const name = kind === 'app' ? appLogName(worker, instance) : kind;
  const path = logPath(machine, site.slug, name);
  const [inode = '', offset = '0'] = (cursor ?? '').split(':');
  const rotated = inode === '' || inode === inodeOf(path) ? undefined : readFrom(`${path}.1`, inode, Number(offset));
  // The old file is read to its end first, and until it stays there: nginx writes into it until it is told.
  if (rotated !== undefined && (rotated.bytes.length > 0 || inodeOf(path) === undefined)) return chunk(rotated, search);
  const from = inode === inodeOf(path) ? Number(offset) : cursor === null ? null : 0;
  const current = readFrom(path, undefined, from);
  if (current === undefined) return { lines: [], cursor: cursor ?? '0:0', isTruncated: false };
  return chunk(current, search);
}

function appLogName(worker: string | undefined, instance: number): LogName {
  if (worker !== undefined) return `app-${worker}`;
  return instance === 1 ? 'app' : `app@${instance}`;
}

type Part = {
  readonly bytes: Buffer;
  readonly inode: string;
  readonly next: number;
  readonly isAtEnd: boolean;
  readonly isTruncated: boolean;
};

function inodeOf(path: string): string | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  closeFile(file.fd);
  return String(file.stats.ino);
}

/** `offset` null: the end of the file. A file that has become shorter is read from its beginning. */
function readFrom(path: string, inode: string | undefined, offset: number | null): Part | undefined {
  const file = openFile(path);
  if (file === undefined) return undefined;
  try {
    const { size, ino } = file.stats;
    if (inode !== undefined && String(ino) !== inode) return undefined;
    const start = offset === null ? Math.max(0, size - maxBytes) : offset > size ? 0 : offset;
    const bytes = readAt(file.fd, start, Math.min(maxBytes, size - start));
    const isCut = offset === null && start > 0;
    // The first line of a cut is the end of a longer one.
    const first = isCut ? bytes.indexOf(10) + 1 : 0;
    let end = bytes.lastIndexOf(10) + 1;
    // One line that is longer than everything we take in one go.
    if (end === 0 && bytes.length === maxBytes) end = bytes.length;
    const next = start + Math.max(end, 0);
    const whole = bytes.subarray(Math.min(first, end), end);
    return {
      bytes: whole,
      inode: String(ino),
      next,
      isAtEnd: start + bytes.length >= size,
      isTruncated: isCut || start + bytes.length < size,
    };
  } finally {
    closeFile(file.fd);
  }
}

function chunk(
  { bytes, inode, next, isTruncated }: Part,
  search: string,
): ActionResult<AgentActions['sites.read_log']> {
  // Control characters of strangers end here: a log is read in terminals too.
  const text = new StringDecoder('utf8').end(bytes).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
  const wanted = search.toLowerCase();
  const lines = text.split('\n').filter((line) => line !== '' && line.toLowerCase().includes(wanted));
  return { lines, cursor: `${inode}:${next}`, isTruncated };
}
