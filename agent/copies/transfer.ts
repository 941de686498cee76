import { once } from 'node:events';
import { AppError } from '#shared/errors.ts';
import { closeFile, openFile, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, startProgram, type Program, type ProgramEnd } from '../core/run.ts';

/*
 * One tar reads the listed files with the rights of the old site's user, another writes them with those of the new one's:
 * what one may not read is not read, and nothing is written outside the new folder, whatever the stream says. Links are
 * links on both sides. Neither owners nor special bits nor extended attributes come along; hard links become files.
 */

export type Transfer = {
  readonly where: Pick<Machine, 'isRoot'>;
  readonly reader: { readonly uid: number; readonly gid: number };
  /** The group is nginx's: what is written must be readable for it, and folders must hand it on. */
  readonly writer: { readonly uid: number; readonly gid: number };
  readonly from: string;
  readonly into: string;
  /** Names below `from`, each ended by NUL. */
  readonly listPath: string;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** A line of what the reader left out. */
  readonly onLeftOut: (line: string) => void;
};

/** What reads the listed files, names below its folder, ended by NUL, on its input. */
export const readerArgs = [
  '--create',
  '--file=-',
  '--format=gnu',
  '--null',
  '--verbatim-files-from',
  '--no-recursion',
  '--files-from=-',
  '--sparse',
  '--hard-dereference',
  '--ignore-failed-read',
  '--numeric-owner',
  '--no-xattrs',
  '--no-acls',
  '--no-selinux',
];

const writerArgs = [
  '--extract',
  '--file=-',
  '--keep-old-files',
  '--no-same-owner',
  '--no-same-permissions',
  '--delay-directory-restore',
  '--no-xattrs',
  '--no-acls',
  '--no-selinux',
];

const mostTold = 50;

/** Throws `disk_full` and `copy_failed`; an aborted one ends with both programs. The mask of this process must be 0. */
export async function transferFiles(transfer: Transfer): Promise<{ leftOut: number }> {
  const tar = findProgram('tar');
  if (tar === undefined)
    throw new AppError('internal', 'tar is missing.', { reason: 'copy_failed', params: { message: 'tar is missing' } });
  const list = openFile(transfer.listPath);
  if (list === undefined) throw new Error('the list of files has gone');
  // Held open: whoever owns a folder above could put a link in the place of what was looked at.
  const folders = { from: openFolder(transfer.from), into: openFolder(transfer.into) };
  let leftOut = 0;
  try {
    const base = { signal: transfer.signal, diesWithUs: true, isBackground: true } as const;
    const as = (who: { uid: number; gid: number }) => (transfer.where.isRoot ? { uid: who.uid, gid: who.gid } : {});
    const reader = startProgram(tar, readerArgs, {
      ...base,
      ...as(transfer.reader),
      cwd: `/proc/self/fd/${folders.from}`,
      stdin: list.fd,
      onStderr: tellLines((line) => {
        if (!isLeftOutLine(line)) return;
        leftOut++;
        if (leftOut <= mostTold) transfer.onLeftOut(line.replace(/^tar: /, ''));
      }),
    });
    const writer = startProgram(tar, writerArgs, {
      ...base,
      ...as(transfer.writer),
      cwd: `/proc/self/fd/${folders.into}`,
      stdin: 'pipe',
    });
    writer.stdout.resume();
    await join(reader, writer, transfer.onBytes);
    const [read, written] = await Promise.all([reader.ended, writer.ended]);
    transfer.signal.throwIfAborted();
    checkEnd(written, 0);
    // 1: some files changed while they were read, as on any live site.
    checkEnd(read, 1);
    return { leftOut };
  } finally {
    closeFile(folders.from);
    closeFile(folders.into);
    closeFile(list.fd);
  }
}

/**
 * A writer that has all it needs closes its end before the reader has filled its last block: then the rest is read and
 * dropped. One that failed needs no more of it.
 */
async function join(reader: Program, writer: Program, onBytes: (bytes: number) => void): Promise<void> {
  const { stdin } = writer;
  const hasFailed = writer.ended.then(
    ({ code }) => code !== 0 && reader.kill(),
    () => reader.kill(),
  );
  for await (const chunk of reader.stdout as AsyncIterable<Buffer>) {
    onBytes(chunk.length);
    if (stdin.writable && !stdin.write(chunk))
      await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => undefined);
  }
  stdin.end();
  await hasFailed;
}

/** Throws `disk_full` and `copy_failed`. */
export function checkEnd({ code, stderr }: ProgramEnd, mostCode: number): void {
  if (code !== null && code <= mostCode) return;
  const message = stderr.trim().split('\n').slice(-3).join(' ').slice(-300);
  if (/No space left on device|Disk quota exceeded/.test(stderr))
    throw new AppError('internal', 'The disk is full; nothing was kept.', { reason: 'disk_full' });
  throw new AppError('internal', 'The files could not be copied.', { reason: 'copy_failed', params: { message } });
}

export const isLeftOutLine = (line: string): boolean =>
  /: (Warning: )?(Cannot (open|stat|read|readlink)|File removed before we read it|file changed as we read it)/.test(
    line,
  );

/** Gives out whole lines. */
export function tellLines(tell: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-4096);
    for (const line of lines) tell(line);
  };
}
