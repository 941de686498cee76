import { closeFile, cutFile, openLog, putFile, readAt, sha256, sync, Unsynced, writeAt } from './files.ts';

/*
 * Append-only file of lines `<16 hex of SHA-256> <JSON>`. A line that was cut by a crash fails its sum and is cut off at
 * the next start. Nothing is ever changed in place.
 */

export type JournalRecord = { readonly type: string; readonly changeId: string } & Readonly<Record<string, unknown>>;

export type Journal = {
  /** Writes one line; on the disk when the promise ends, unless `isLazy`: then with the next line that is not. */
  append(record: JournalRecord, options?: { isLazy?: boolean }): Promise<void>;
  /** The newest record of a change. */
  last(changeId: string): JournalRecord | undefined;
  /** Changes whose newest record has this type, oldest first. */
  withLast(type: string): JournalRecord[];
  /** Change whose record was written last. */
  newest(): JournalRecord | undefined;
  readonly sizeBytes: number;
  /** Keeps the newest ended changes within the bounds, and every open one. */
  compact(bounds: { maxChanges: number; maxBytes: number }, isOpen: (record: JournalRecord) => boolean): Promise<void>;
  close(): void;
};

type Place = { readonly offset: number; readonly length: number; readonly type: string };

const sumLength = 16;

function encode(record: JournalRecord): Buffer {
  const text = JSON.stringify(record);
  return Buffer.from(`${sha256(text).slice(0, sumLength)} ${text}\n`);
}

function decode(line: Buffer): JournalRecord | undefined {
  const text = line.subarray(sumLength + 1).toString('utf8');
  if (
    line.length < sumLength + 3 ||
    sha256(text).slice(0, sumLength) !== line.subarray(0, sumLength).toString('latin1')
  )
    return undefined;
  return JSON.parse(text) as JournalRecord;
}

export function openJournal(path: string): Journal {
  let fd = openLog(path);
  let size = 0;
  let places = new Map<string, Place>();
  load();

  function load(): void {
    const bytes = readAll(fd);
    places = new Map();
    let offset = 0;
    size = 0;
    for (;;) {
      const end = bytes.indexOf(10, offset);
      if (end === -1) break;
      const record = decode(bytes.subarray(offset, end));
      if (record !== undefined) {
        note(record, offset, end - offset);
        size = end + 1;
      }
      offset = end + 1;
    }
    // A torn tail; a bad line in the middle (a worn disk) is passed over and kept as it is.
    if (size < bytes.length) cutFile(fd, size);
  }

  function note(record: JournalRecord, offset: number, length: number): void {
    // Deleting first keeps the map in the order of the newest records.
    places.delete(record.changeId);
    places.set(record.changeId, { offset, length, type: record.type });
  }

  function read(place: Place | undefined): JournalRecord | undefined {
    return place === undefined ? undefined : decode(readAt(fd, place.offset, place.length));
  }

  /** One writer at a time: each knows where the file ends. */
  let queue: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = queue.then(work);
    queue = mine.catch(() => undefined);
    return mine;
  }

  return {
    append: async (record, { isLazy = false } = {}) =>
      await inTurn(async () => {
        const line = encode(record);
        try {
          writeAt(fd, line, size);
          if (!isLazy) await sync(fd);
        } catch (error) {
          cutFile(fd, size);
          throw error;
        }
        note(record, size, line.length - 1);
        size += line.length;
      }),
    last: (changeId) => read(places.get(changeId)),
    withLast(type) {
      return [...places.values()].filter((place) => place.type === type).flatMap((place) => read(place) ?? []);
    },
    newest: () => read([...places.values()].at(-1)),
    get sizeBytes() {
      return size;
    },
    compact: async ({ maxChanges, maxBytes }, isOpen) =>
      await inTurn(async () => {
        if (places.size <= maxChanges && size <= maxBytes) return;
        const kept: Buffer[] = [];
        let bytes = 0;
        let count = 0;
        for (const place of [...places.values()].reverse()) {
          const record = read(place);
          if (record === undefined) continue;
          const line = encode(record);
          // Half the bounds, so that this is rare.
          const hasRoom = count < maxChanges / 2 && bytes + line.length <= maxBytes / 2;
          if (!hasRoom && !isOpen(record)) continue;
          kept.push(line);
          bytes += line.length;
          count++;
        }
        const unsynced = new Unsynced();
        putFile(path, Buffer.concat(kept.reverse()), { mode: 0o600 }, 'compact', unsynced);
        await unsynced.flush();
        closeFile(fd);
        fd = openLog(path);
        load();
      }),
    close: () => closeFile(fd),
  };
}

function readAll(fd: number): Buffer {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const chunk = readAt(fd, offset, 1024 * 1024);
    if (chunk.length === 0) return Buffer.concat(chunks);
    chunks.push(chunk);
    offset += chunk.length;
  }
}
