import { randomBytes } from 'node:crypto';
import type { AuditAddition, AuditLine } from '#shared/agent/audit.ts';
import { canonicalJson } from '#shared/agent/people.ts';
import {
  append,
  closeFile,
  cutFile,
  makeFolders,
  openFile,
  openForAppend,
  openFolder,
  openLog,
  putFile,
  readText,
  sync,
  syncNow,
  Unsynced,
  writeAt,
} from '../core/files.ts';
import { ownKey } from '../core/keys.ts';
import { logLine, type OwnState } from '../core/machine.ts';
import { firstMac, readHead, readLine, renderHead, seal, type Head } from './chain.ts';
import { auditFolder, headPath, listSegments, readSegment, segmentBytes, segmentName } from './segments.ts';
import { verifyChain, type Verified } from './verify.ts';

export type AuditLog = {
  /** On the disk when it answers. */
  add(additions: readonly AuditAddition[]): Promise<Pick<AuditLine, 'sequence' | 'mac'>[]>;
  read(from: number, limit: number): { lines: AuditLine[]; last: number };
  verify(): Promise<Verified>;
};

type Place = Pick<AuditLine, 'sequence' | 'mac'>;
/** The open segment. `size` and `ino`: as we left it; when they differ somebody was here, and it is read anew. */
type Tail = { readonly path: string; readonly fd: number; readonly ino: number; size: number };

/** How far back a repeated entry is recognised. */
const mostRecent = 2_000;
/** Of one answer; the next request goes on from there. */
const mostReadBytes = 15 * 1024 * 1024;

const open = new WeakMap<OwnState, Promise<AuditLog>>();

/** The log of this state folder; opened with the first use, so that the agent starts without it. */
export async function auditLogOf(state: OwnState): Promise<AuditLog> {
  const known = open.get(state) ?? openAuditLog(state);
  open.set(state, known);
  known.catch(() => open.delete(state));
  return await known;
}

async function openAuditLog({ stateFolder, now }: OwnState): Promise<AuditLog> {
  const key = await ownKey(stateFolder, 'audit');
  makeFolders(auditFolder(stateFolder));
  const recent = new Map<string, Place>();
  let head: Head = { sequence: 0, mac: firstMac, lostAt: null };
  let tail: Tail | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  await load();

  /** Finds the end of the chain, cuts off what a crash left of a line, and says so in a line of its own. */
  async function load(): Promise<void> {
    if (tail !== undefined) closeFile(tail.fd);
    tail = undefined;
    recent.clear();
    const segments = listSegments(stateFolder);
    for (const segment of segments.slice(-2, -1)) noteRecent(readSegment(segment).lines);
    const last = segments.at(-1);
    const content = last === undefined ? undefined : readSegment(last);
    noteRecent(content?.lines ?? []);
    const kept = readHead(key, readText(headPath(stateFolder)));
    head = endOf(kept, [...recent.values()].at(-1), segments.length > 0);
    if (kept === undefined) await makeHead();
    if (last === undefined || content === undefined) return;
    tail = openTail(last.path, content.size);
    if (content.torn.length === 0) return;
    // Its last line was never answered for: nobody counts on it.
    cutFile(tail.fd, content.size - content.torn.length);
    tail.size = content.size - content.torn.length;
    logLine('error', 'a torn line of the audit log was cut off', { bytes: content.torn.length });
    await write([ownEntry('audit.repair', { tornBytes: content.torn.length }, now())]);
  }

  function noteRecent(lines: readonly string[]): void {
    for (const text of lines.slice(-mostRecent)) {
      const line = readLine(text);
      if (line !== undefined) note(line);
    }
  }

  function note({ entryId, outcome, sequence, mac }: AuditLine): void {
    // Deleting first keeps the map in the order of the lines.
    recent.delete(`${entryId} ${outcome}`);
    recent.set(`${entryId} ${outcome}`, { sequence, mac });
    if (recent.size > mostRecent) recent.delete(recent.keys().next().value ?? '');
  }

  async function makeHead(): Promise<void> {
    const unsynced = new Unsynced();
    putFile(headPath(stateFolder), Buffer.from(renderHead(key, head)), { mode: 0o600 }, 'head', unsynced);
    await unsynced.flush();
  }

  /** After the lines are on the disk. Not synced itself: after a power cut it may be behind, never ahead. */
  function writeHead(): void {
    const fd = openLog(headPath(stateFolder));
    try {
      writeAt(fd, Buffer.from(renderHead(key, head)), 0);
    } finally {
      closeFile(fd);
    }
  }

  /** The segment that the next lines go to. */
  async function currentTail(): Promise<Tail> {
    if (tail !== undefined && !isAsLeft(tail)) await load();
    if (tail !== undefined && tail.size < segmentBytes) return tail;
    if (tail !== undefined) closeFile(tail.fd);
    tail = undefined;
    tail = openTail(`${auditFolder(stateFolder)}/${segmentName(head.sequence + 1)}`, 0);
    // The new name itself must outlive a power cut.
    const folder = openFolder(auditFolder(stateFolder));
    syncNow(folder);
    closeFile(folder);
    return tail;
  }

  async function write(additions: readonly AuditAddition[]): Promise<void> {
    const to = await currentTail();
    const writtenAt = new Date(now()).toISOString();
    const lines: AuditLine[] = [];
    let { sequence, mac } = head;
    for (const addition of additions) {
      const line = seal(key, { ...addition, sequence: sequence + 1, writtenAt }, mac);
      ({ sequence, mac } = line);
      lines.push(line);
    }
    const text = lines.map((line) => `${canonicalJson(line)}\n`).join('');
    try {
      append(to.fd, text);
      await sync(to.fd);
    } catch (error) {
      // Half a line on a full disk: gone again, so that the next one stands by itself.
      cutFile(to.fd, to.size);
      throw error;
    }
    to.size += Buffer.byteLength(text);
    head = { ...head, sequence, mac };
    for (const line of lines) note(line);
    writeHead();
  }

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = queue.then(work);
    queue = mine.catch(() => undefined);
    return await mine;
  };

  return {
    add: async (additions) =>
      await inTurn(async () => {
        const fresh = new Map<string, AuditAddition>();
        for (const addition of additions) {
          const name = `${addition.entryId} ${addition.outcome}`;
          if (!recent.has(name)) fresh.set(name, addition);
        }
        if (fresh.size > 0) await write([...fresh.values()]);
        return additions.map(({ entryId, outcome }) => recent.get(`${entryId} ${outcome}`) ?? head);
      }),
    read(from, limit) {
      const segments = listSegments(stateFolder);
      const lines: AuditLine[] = [];
      let bytes = 0;
      for (const [index, segment] of segments.entries()) {
        const next = segments[index + 1];
        if (next !== undefined && next.first <= from) continue;
        const { lines: texts } = readSegment(segment);
        // Where it stands when none is missing before it; else all are looked at.
        const start = Math.max(0, from - segment.first);
        const isThere = readLine(texts[start] ?? '')?.sequence === from;
        for (const text of isThere ? texts.slice(start) : texts) {
          const line = readLine(text);
          if (line === undefined || line.sequence < from) continue;
          bytes += Buffer.byteLength(text);
          if (lines.length >= limit || (bytes > mostReadBytes && lines.length > 0))
            return { lines, last: head.sequence };
          lines.push(line);
        }
      }
      return { lines, last: head.sequence };
    },
    // Not in turn: lines that are added meanwhile stand behind the head that it read first.
    verify: () => verifyChain(stateFolder, key),
  };
}

/**
 * Where the chain goes on. Behind what the head knows, also when the lines before it are gone: then the gap stays to be
 * found. Lines may be ahead of the head by what a crash cut off between the two.
 */
function endOf(head: Head | undefined, last: Place | undefined, hasSegments: boolean): Head {
  const { sequence, mac } = last ?? { sequence: 0, mac: firstMac };
  if (head === undefined) return { sequence, mac, lostAt: hasSegments ? sequence + 1 : null };
  return head.sequence >= sequence ? head : { sequence, mac, lostAt: head.lostAt };
}

function openTail(path: string, size: number): Tail {
  const fd = openForAppend(path);
  const file = openFile(path);
  if (file === undefined) throw new Error(`${path} is gone`);
  closeFile(file.fd);
  return { path, fd, ino: file.stats.ino, size };
}

function isAsLeft({ path, ino, size }: Tail): boolean {
  const file = openFile(path);
  if (file === undefined) return false;
  closeFile(file.fd);
  return file.stats.ino === ino && file.stats.size === size;
}

/** A line about the log itself. */
function ownEntry(action: string, detail: object, now: number): AuditAddition {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return {
    entryId: Array.from(randomBytes(16), (byte) => letters[byte & 31]).join(''),
    outcome: 'done',
    at: new Date(now).toISOString(),
    actorId: 'agent',
    actorName: 'agent',
    action,
    target: 'audit',
    address: '',
    requestId: '',
    detail: JSON.stringify(detail),
  };
}
