import { closeFile, openFile, putFile, readAt, Unsynced } from './files.ts';

/** A file of the agent's own state (0600) whose parsed content is kept and read again when the file has changed. */
export type StateFile<T> = {
  /** Throws what `parse` throws: a file that cannot be read must not pass for an empty one. */
  read(): T;
  /** Whole and durable when it ends, or as it was before. */
  write(text: string): Promise<void>;
};

/** `parse` gets undefined while there is no file. */
export function openStateFile<T>(
  path: string,
  parse: (text: string | undefined) => T,
  maxBytes = 32 * 1024 * 1024,
): StateFile<T> {
  let known: { readonly stamp: string; readonly value: T } | undefined;
  return {
    read() {
      const file = openFile(path);
      if (file === undefined) return parse(undefined);
      try {
        const { ino, size, mtimeMs, ctimeMs } = file.stats;
        const stamp = `${ino}:${size}:${mtimeMs}:${ctimeMs}`;
        if (known?.stamp === stamp) return known.value;
        if (size > maxBytes) throw new Error(`${path} is too large`);
        const value = parse(readAt(file.fd, 0, size).toString('utf8'));
        known = { stamp, value };
        return value;
      } finally {
        closeFile(file.fd);
      }
    },
    async write(text) {
      const unsynced = new Unsynced();
      putFile(path, Buffer.from(text), { mode: 0o600 }, 'state', unsynced);
      await unsynced.flush();
    },
  };
}
