import type { ArchiveClass } from '../archive-error.ts';
import type { ChangeKind } from '../extract.ts';
import type { ExtractLimits } from '../limits.ts';
import type { Listed } from '../protocol.ts';
import { listOf, tar, type TarPart } from './make-tar.ts';

/*
 * The cases of operations.md §8 (hostile archives): per class the examples of its table and more of the same kind, with the
 * outcome that its rule asks for, and archives of similar shape that are in order.
 */

/** The rows of the table. */
export const hostileClasses = [
  'path-escape',
  'symlink-traversal',
  'hardlink-escape',
  'entry-type',
  'permission-bits',
  'name-collision',
  'header-override',
  'name-bytes',
  'name-form',
  'foreign-name',
  'size-lie',
  'damaged-container',
  'resource-exhaustion',
  'extended-attributes',
  'ownership',
  'zip-structure',
  'compression-layer',
] as const;
export type HostileClass = (typeof hostileClasses)[number];

export type Outcome =
  /** Refused with one of these classes. */
  | { readonly kind: 'rejected'; readonly as: readonly ArchiveClass[] }
  /** Restored, with these changes told. */
  | { readonly kind: 'normalised'; readonly changes: readonly ChangeKind[]; readonly tree: Tree }
  /** Restored exactly. */
  | { readonly kind: 'literal'; readonly tree: Tree };

/** What must stand in the folder afterwards: content of files, `/` for folders, `-> target` for links. */
export type Tree = Readonly<Record<string, string>>;

export type HostileCase = {
  readonly class: HostileClass;
  readonly name: string;
  readonly bytes: Buffer;
  readonly outcome: Outcome;
  /** Inside a correctly signed backup; undefined: not a case there. */
  readonly own?: { readonly expected: readonly Listed[]; readonly outcome: Outcome };
  readonly limits?: Partial<ExtractLimits>;
};

export const rejected = (...as: ArchiveClass[]): Outcome => ({ kind: 'rejected', as });
export const literal = (tree: Tree): Outcome => ({ kind: 'literal', tree });
export const normalised = (changes: readonly ChangeKind[], tree: Tree): Outcome => ({
  kind: 'normalised',
  changes,
  tree,
});

/** A case made of tar entries, that is also tried as a backup whose signed list names them. */
export function tarCase(
  hostileClass: HostileClass,
  name: string,
  parts: readonly TarPart[],
  outcome: Outcome,
  ownOutcome: Outcome = outcome,
): HostileCase {
  const own = { expected: listOf(parts), outcome: ownOutcome };
  return { class: hostileClass, name, bytes: tar(parts), outcome, own };
}

/** A case made of bytes; signed or not, it is the same. */
export function streamCase(
  hostileClass: HostileClass,
  name: string,
  bytes: Buffer,
  outcome: Outcome,
  expected?: readonly Listed[],
): HostileCase {
  return { class: hostileClass, name, bytes, outcome, ...(expected && { own: { expected, outcome } }) };
}
