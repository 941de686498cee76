import { AppError } from '#shared/errors.ts';

/** Classes of hostile or broken archives that end in a refusal (the others are put right and reported). */
export const archiveReasons = {
  compression: 'archive_compression_layer',
  damaged: 'archive_damaged_container',
  'entry-type': 'archive_entry_type',
  'hardlink-escape': 'archive_hardlink_escape',
  'header-override': 'archive_header_override',
  manifest: 'archive_manifest_mismatch',
  'name-bytes': 'archive_name_bytes',
  'name-collision': 'archive_name_collision',
  'name-form': 'archive_name_form',
  'path-escape': 'archive_path_escape',
  resources: 'archive_resource_exhaustion',
  'size-lie': 'archive_size_lie',
  'symlink-traversal': 'archive_symlink_traversal',
  'zip-structure': 'archive_zip_structure',
} as const;

export type ArchiveClass = keyof typeof archiveReasons;

/** An archive that is refused. `params.name` is the entry at fault as it may be shown; empty when it is none. */
export class ArchiveError extends AppError {
  readonly archiveClass: ArchiveClass;

  /** `name` are the bytes of the entry's name, or text that is already fit to show. */
  constructor(archiveClass: ArchiveClass, message: string, name: Buffer | string = '', cause?: unknown) {
    super(archiveClass === 'resources' ? 'too_large' : 'invalid_request', message, {
      reason: archiveReasons[archiveClass],
      params: { name: typeof name === 'string' ? name : showName(name) },
      ...(cause !== undefined && { cause }),
    });
    this.name = 'ArchiveError';
    this.archiveClass = archiveClass;
  }
}

export function isArchiveClass(text: string): text is ArchiveClass {
  return Object.hasOwn(archiveReasons, text);
}

const longestShown = 200;

/** A name as it may stand in a sentence: what does not print is escaped, what is long is cut. */
export function showName(bytes: Buffer): string {
  const text = bytes.subarray(0, longestShown * 4).toString('utf8');
  const shown = text.replace(/[^\P{C}\u200c\u200d]|[\u2028\u2029\ufffd]/gu, escapeCharacter);
  // Not in the middle of a pair.
  return shown.length > longestShown ? `${shown.slice(0, longestShown).replace(/[\ud800-\udbff]$/, '')}…` : shown;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
