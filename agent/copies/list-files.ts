import { showName } from '../archives/archive-error.ts';
import { append, closeFile, look, openForAppend, removeFile } from '../core/files.ts';
import { walkTree, type TreeEntry } from '../core/trees.ts';

export type Counted = { readonly files: number; readonly bytes: number };

export type Listing = {
  /** Prefix included. */
  readonly from: string;
  /** Where the names go, each below `from` and ended by NUL. */
  readonly listPath: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Neither told of nor entered. */
  readonly isLeftOut: (path: string) => boolean;
  /** Why a file, folder or link cannot come along; undefined: it can. */
  readonly faultOf?: (entry: TreeEntry) => string | undefined;
};

const mostTold = 50;

const leftOutWords = {
  special: 'neither file nor folder nor link',
  other_file_system: 'another file system',
} as const;

/** A path of a walk as it may be shown. */
export const shownPath = (path: string): string => showName(Buffer.from(path, 'latin1'));

/** Names of everything that comes along, into a file; what does not is told. */
export async function listFiles({ from, listPath, signal, say, isLeftOut, faultOf }: Listing): Promise<Counted> {
  removeFile(listPath);
  const fd = openForAppend(listPath);
  if (look(from).type === 'missing') {
    closeFile(fd);
    return { files: 0, bytes: 0 };
  }
  let [files, bytes, seen, told] = [0, 0, 0, 0];
  let rest: Buffer[] = [];
  const flush = (): void => {
    append(fd, Buffer.concat(rest));
    rest = [];
  };
  try {
    for (const entry of walkTree(from, isLeftOut)) {
      if (++seen % 500 === 0) {
        flush();
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      const { type } = entry;
      const fault = type === 'special' || type === 'other_file_system' ? leftOutWords[type] : faultOf?.(entry);
      if (fault !== undefined) {
        if (++told <= mostTold) say(`Left out, ${fault}: ${shownPath(entry.path)}`);
        continue;
      }
      files++;
      bytes += entry.sizeBytes;
      rest.push(Buffer.from(`./${entry.path}\0`, 'latin1'));
    }
    flush();
  } finally {
    closeFile(fd);
  }
  if (told > mostTold) say(`Left out: ${told - mostTold} more.`);
  return { files, bytes };
}
