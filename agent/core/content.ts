import { listNames, look, makeFolders, putFile, readBytes, removeFile, sha256, Unsynced } from './files.ts';

/** Texts by their SHA-256: what stood in a file before a change, and what the change put there. */
export type ContentStore = {
  /** Durable after `unsynced.flush()`. */
  put(bytes: Buffer, unsynced: Unsynced): string;
  get(sum: string): Buffer | undefined;
  /** Removes contents until at most `maxBytes` and `maxFiles` are left; `keep` are never removed. */
  prune(bounds: { maxBytes: number; maxFiles: number }, keep: ReadonlySet<string>): void;
};

export function openContentStore(folder: string): ContentStore {
  makeFolders(folder);
  const pathOf = (sum: string): string => `${folder}/${sum}`;
  return {
    put(bytes, unsynced) {
      const sum = sha256(bytes);
      if (look(pathOf(sum)).type !== 'file') putFile(pathOf(sum), bytes, { mode: 0o600 }, 'put', unsynced);
      return sum;
    },
    get(sum) {
      if (!/^[0-9a-f]{64}$/.test(sum)) return undefined;
      const bytes = readBytes(pathOf(sum), 16 * 1024 * 1024);
      return bytes !== undefined && sha256(bytes) === sum ? bytes : undefined;
    },
    prune({ maxBytes, maxFiles }, keep) {
      let bytes = 0;
      let count = 0;
      const names = listNames(folder);
      // Most texts of this store are small: while there are few, nobody has to look at each.
      if (names.length <= maxFiles / 10) return;
      for (const name of names) {
        const found = look(`${folder}/${name}`);
        if (found.type !== 'file') continue;
        bytes += found.size;
        count++;
        if ((bytes <= maxBytes && count <= maxFiles) || keep.has(name)) continue;
        removeFile(`${folder}/${name}`);
        bytes -= found.size;
        count--;
      }
    },
  };
}
