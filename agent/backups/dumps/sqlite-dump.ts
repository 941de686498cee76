import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { Transform } from 'node:stream';
import { look, removeFile } from '../../core/files.ts';
import type { BackupWork, Dump } from '../work.ts';
import { databaseMissing, dumpFailed } from './dump-errors.ts';
import { readSqliteContent } from './sqlite-content.ts';

/**
 * A copy by SQLite's own backup, so that what is still in the write-ahead log is in it and a writer meanwhile does not
 * matter; checked as a whole before the first byte of it leaves.
 */
export async function openSqliteDump(work: BackupWork, path: string): Promise<Dump> {
  if (look(path).type !== 'file') throw databaseMissing(path);
  const copy = `${work.scratch}/sqlite-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.db`;
  removeDatabaseFiles(copy);
  try {
    await copyDatabase(path, copy, work.signal);
    const content = readSqliteContent(copy);
    return streamCopy(copy, path, content);
  } catch (error) {
    removeDatabaseFiles(copy);
    throw dumpFailed(path, error);
  }
}

async function copyDatabase(path: string, copy: string, signal: AbortSignal): Promise<void> {
  const source = openSource(path);
  try {
    // Each step holds a read lock for its pages only; a writer in between makes SQLite start over by itself.
    await backup(source, copy, { rate: 2_000, progress: () => signal.throwIfAborted() });
  } finally {
    source.close();
  }
  signal.throwIfAborted();
}

/** For writing, though nothing is written: what a killed writer left is only put right then, and no log stays behind. */
function openSource(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 10_000 });
  } catch {
    return new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
  }
}

function streamCopy(copy: string, path: string, content: ReturnType<typeof readSqliteContent>): Dump {
  const facts = Promise.withResolvers<Awaited<Dump['facts']>>();
  facts.promise.catch(() => undefined);
  const hash = createHash('sha256');
  let bytes = 0;
  const file = createReadStream(copy, { highWaterMark: 256 * 1024 });
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const version = process.versions['sqlite'] ?? '';
      facts.resolve({
        bytes,
        sha256: hash.digest('hex'),
        serverVersion: version,
        toolVersion: `SQLite ${version}`,
        ...content,
      });
      done();
    },
  });
  file.once('error', (error) => stream.destroy(error));
  stream.once('close', () => {
    file.destroy();
    removeDatabaseFiles(copy);
    facts.reject(dumpFailed(path, new Error('the dump was not read to its end')));
  });
  file.pipe(stream);
  return { fileName: 'dump.sqlite', stream, facts: facts.promise };
}

/** With what SQLite puts beside it. */
export function removeDatabaseFiles(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) removeFile(`${path}${end}`);
}
