import { isUtf8 } from 'node:buffer';
import { ArchiveError, type ArchiveClass } from './archive-error.ts';

/*
 * Rules on names and link targets. A name is kept as a text with one character per byte (`latin1`), so that names which
 * are not UTF-8 come through unchanged; `decode` makes the readable text of it.
 */

/** A name as bytes, one per character. */
export type ByteText = string;

export type NameLimits = {
  /** Folders in each other, the entry itself counted. */
  readonly depth: number;
  readonly pathBytes: number;
  readonly componentBytes: number;
};

export type CleanName = {
  /** Empty: the root of the archive itself. */
  readonly parts: readonly ByteText[];
  readonly path: ByteText;
  readonly hadLeadingDot: boolean;
};

// Format characters that belong to visible text: the two joiners, and the signs of Arabic, Syriac and others that stand
// under or over the digits that follow. Direction marks, byte order marks and the like are invisible: names with them lie.
const visibleFormat = /\u200c|\u200d|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/gu;
// Flags of regions: a black flag, letters as tags, an end.
const tagFlags = /\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{2,8}\u{e007f}/gu;
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
const printableAscii = /^[\x20-\x7e]*$/;

/** Well-formed UTF-8 of characters that a person can see. */
export function isCleanText(text: ByteText): boolean {
  if (printableAscii.test(text)) return true;
  const bytes = Buffer.from(text, 'latin1');
  if (!isUtf8(bytes)) return false;
  const rest = bytes.toString('utf8').replace(tagFlags, '').replace(visibleFormat, '');
  return !unprintable.test(rest);
}

export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, 'latin1');
}

/** Readable text as bytes, one per character. */
export function byteText(text: string): ByteText {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function refuse(archiveClass: ArchiveClass, message: string, name: ByteText): never {
  throw new ArchiveError(archiveClass, message, bytesOf(name));
}

/**
 * The name of an entry, taken apart. Throws when a rule forbids it. `allowsRawBytes` lets names through that do not print
 * (only for names that a signed manifest lists with exactly these bytes).
 */
export function cleanName(
  raw: ByteText,
  isFolder: boolean,
  limits: NameLimits,
  allowsRawBytes?: (path: ByteText) => boolean,
): CleanName {
  if (raw.startsWith('/')) refuse('path-escape', 'The name of an entry is absolute.', raw);
  if (raw === '..' || raw.startsWith('../') || raw.endsWith('/..') || raw.includes('/../'))
    refuse('path-escape', 'The name of an entry leads out of the archive.', raw);
  if (raw.includes('\0')) refuse('name-bytes', 'The name of an entry has a NUL byte.', raw);
  let name = raw;
  while (name.startsWith('./')) name = name.slice(2);
  const hadLeadingDot = name.length !== raw.length;
  if (isFolder && name.endsWith('/')) name = name.slice(0, -1);
  const isRoot = name === '.' || (name === '' && hadLeadingDot);
  if (isRoot) {
    if (isFolder) return { parts: [], path: '', hadLeadingDot };
    refuse('name-form', 'An entry that is no folder stands for the root.', raw);
  }
  if (name.length > limits.pathBytes) refuse('resources', `A path is longer than ${limits.pathBytes} bytes.`, raw);
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.'))
    refuse('name-form', 'The name of an entry is empty, or has empty parts.', raw);
  if (parts.length > limits.depth) refuse('resources', `Folders are nested deeper than ${limits.depth}.`, raw);
  if (parts.some((part) => part.length > limits.componentBytes))
    refuse('resources', `A name is longer than ${limits.componentBytes} bytes.`, raw);
  if (!isCleanText(name) && allowsRawBytes?.(name) !== true)
    refuse('name-bytes', 'The name of an entry is not printable UTF-8.', raw);
  return { parts, path: name, hadLeadingDot };
}

/**
 * Checks the target of a symbolic link that stands in the folder `parent`. Answers the folders that must be real folders
 * of the archive for the target to stay inside (those that it goes up from again); the caller checks them at the end.
 */
export function checkLinkTarget(
  target: ByteText,
  parent: readonly ByteText[],
  name: ByteText,
  allowsRawBytes = false,
): ByteText[] {
  if (target === '') refuse('symlink-traversal', 'A symbolic link has no target.', name);
  if (target.startsWith('/')) refuse('symlink-traversal', 'A symbolic link has an absolute target.', name);
  if (target.includes('\0')) refuse('name-bytes', 'The target of a symbolic link has a NUL byte.', name);
  if (target.length > 4095) refuse('resources', 'The target of a symbolic link is too long.', name);
  if (!allowsRawBytes && !isCleanText(target))
    refuse('name-bytes', 'The target of a symbolic link is not printable UTF-8.', name);
  const at = [...parent];
  const mustBeFolders: ByteText[] = [];
  let hasGoneDown = false;
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      at.push(part);
      hasGoneDown = true;
      continue;
    }
    if (hasGoneDown) mustBeFolders.push(at.join('/'));
    if (at.pop() === undefined) refuse('symlink-traversal', 'A symbolic link leads out of the archive.', name);
  }
  return mustBeFolders;
}

/**
 * For whoever writes an archive: whether the reader takes a link with this target in the folder `parent`. Going down and up
 * again counts as leaving: what stands there when the archive is read is not known yet.
 */
export function staysInside(target: ByteText, parent: readonly ByteText[]): boolean {
  try {
    return checkLinkTarget(target, parent, '', true).length === 0;
  } catch {
    return false;
  }
}

/**
 * What a file system that ignores case, composition, width or invisible characters may take for the same name. Rather
 * too much than too little is folded: it only matters where two names stand in one folder.
 */
export function foldName(part: ByteText): string {
  if (printableAscii.test(part)) return part.toLowerCase().replace(/[. ]+$/, '') || part;
  const bytes = bytesOf(part);
  if (!isUtf8(bytes)) return `\0${part.toLowerCase()}`;
  const folded = bytes
    .toString('utf8')
    .normalize('NFKD')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/ς/g, 'σ')
    .replace(/[. ]+$/, '');
  return folded || part;
}
