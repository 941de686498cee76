import type { ByteText } from './names.ts';

export type EntryType = 'file' | 'folder' | 'symlink' | 'hardlink';

/** One entry of an archive, after all its headers, before any rule on names. */
export type ArchiveEntry = {
  readonly type: EntryType;
  readonly name: ByteText;
  /** Target of a link; empty otherwise. */
  readonly link: ByteText;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Twelve bits. */
  readonly mode: number;
  /** NaN when the archive does not say, or says something impossible. */
  readonly mtimeSeconds: number;
  /** Attributes and other extras that are left out. */
  readonly droppedExtras: number;
  /** The content, once; fewer or more bytes than `size` throw. What is not read is skipped. */
  readonly content: () => AsyncIterable<Buffer>;
};
