import { isUtf8 } from 'node:buffer';
import type { ContentStore } from './content.ts';
import { fileDiff, type FileDiff } from './diff.ts';
import {
  dropBeside,
  errnoOf,
  keepBeside,
  look,
  makeFolder,
  movePath,
  putFile,
  putLink,
  readBytes,
  removeEmptyFolder,
  removeFile,
  sha256,
  takeBack,
  type Found,
  type Owner,
  type Unsynced,
} from './files.ts';

/** What a change wants of the file system. `shownAs`: name in diffs; without it the file is the agent's own affair. */
export type Want =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly bytes: Buffer;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly shownAs?: string;
    }
  | {
      readonly kind: 'link';
      readonly path: string;
      readonly target: string;
      /** nginx follows a link only when it belongs to whom the file belongs to. */
      readonly owner?: Owner;
      readonly shownAs?: string;
    }
  | { readonly kind: 'remove'; readonly path: string; readonly shownAs?: string }
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'move'; readonly from: string; readonly to: string };

type Missing = { readonly type: 'missing' };
type FileState = {
  readonly type: 'file';
  readonly sum: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};
/** Links of older journals say nothing of their owner. */
type LinkState = { readonly type: 'link'; readonly target: string } & Partial<Owner>;
export type State = Missing | FileState | LinkState;

/** What the journal knows of one step: enough to take it back without anything else. */
export type Step =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly before: State;
      readonly after: State;
      readonly shownAs?: string;
    }
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: 'move'; readonly from: string; readonly to: string };

const maxFileBytes = 4 * 1024 * 1024;

/** Looks at what is there and leaves out what is already as wanted. Contents of both sides go to the store. */
export function planSteps(wants: readonly Want[], contents: ContentStore, unsynced: Unsynced): Step[] {
  return wants.flatMap((want): Step[] => {
    if (want.kind === 'move') return [want];
    if (want.kind === 'folder') return look(want.path).type === 'missing' ? [want] : [];
    const before = stateOf(want.path, contents, unsynced);
    const after = wantedState(want, contents, unsynced);
    if (isSame(before, after)) return [];
    const shown = want.shownAs === undefined ? {} : { shownAs: want.shownAs };
    return [{ kind: 'put', path: want.path, before, after, ...shown }];
  });
}

function stateOf(path: string, contents: ContentStore, unsynced: Unsynced): State {
  const found: Found = look(path);
  if (found.type === 'missing' || found.type === 'link') return found;
  if (found.type !== 'file') throw new Error(`neither file nor link: ${path}`);
  const bytes = readBytes(path, maxFileBytes) ?? Buffer.alloc(0);
  return { type: 'file', sum: contents.put(bytes, unsynced), mode: found.mode, uid: found.uid, gid: found.gid };
}

function wantedState(
  want: Exclude<Want, { kind: 'move' | 'folder' }>,
  contents: ContentStore,
  unsynced: Unsynced,
): State {
  if (want.kind === 'remove') return { type: 'missing' };
  if (want.kind === 'link') return { type: 'link', target: want.target, ...want.owner };
  const { mode, uid, gid } = want;
  return { type: 'file', sum: contents.put(want.bytes, unsynced), mode, uid, gid };
}

function isSame(a: State, b: State): boolean {
  if (a.type === 'file' && b.type === 'file')
    return a.sum === b.sum && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  if (a.type === 'link' && b.type === 'link')
    return a.target === b.target && (b.uid === undefined || (a.uid === b.uid && a.gid === b.gid));
  return a.type === b.type;
}

export function applyStep(step: Step, tag: string, contents: ContentStore, unsynced: Unsynced): void {
  if (step.kind === 'folder') return makeFolder(step.path, step, unsynced);
  if (step.kind === 'move') return movePath(step.from, step.to, unsynced);
  if (step.before.type === 'file') keepOld(step.path, tag);
  putState(step.path, step.after, tag, contents, unsynced);
}

/** A second name makes going back possible on a full disk; where the file system has none, the store must do. */
function keepOld(path: string, tag: string): void {
  try {
    keepBeside(path, tag);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EMLINK'].includes(errnoOf(error))) throw error;
  }
}

function putState(path: string, state: State, tag: string, contents: ContentStore, unsynced: Unsynced): void {
  if (state.type === 'missing') return removeFile(path, unsynced);
  if (state.type === 'link') return putLink(path, state.target, tag, unsynced, ownerOf(state));
  const bytes = contents.get(state.sum);
  if (bytes === undefined) throw new Error(`the kept content of ${path} is missing or damaged`);
  putFile(path, bytes, state, tag, unsynced);
}

/**
 * Puts the old state back. May be called for steps that were never, half or already taken back. A text that is neither
 * the old nor the new one was written by somebody meanwhile and stays; after a power cut (`mayBeTorn`) it may as well be
 * what is left of ours.
 */
export function takeStepBack(
  step: Step,
  tag: string,
  contents: ContentStore,
  unsynced: Unsynced,
  mayBeTorn: boolean,
): void {
  if (step.kind === 'folder') {
    // Somebody's files in it are never ours to delete.
    removeEmptyFolder(step.path, unsynced);
    return;
  }
  if (step.kind === 'move') {
    if (look(step.from).type === 'missing' && look(step.to).type !== 'missing') movePath(step.to, step.from, unsynced);
    return;
  }
  if (!mayBeTorn && !hasText(step.path, step.before) && !hasText(step.path, step.after))
    return dropBeside(step.path, tag);
  if (step.before.type === 'file' && takeBack(step.path, tag, unsynced)) return dropBeside(step.path, tag);
  if (!isAsBefore(step)) putState(step.path, step.before, tag, contents, unsynced);
  dropBeside(step.path, tag);
}

function ownerOf({ uid, gid }: LinkState): Owner | undefined {
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function hasText(path: string, state: State): boolean {
  const found = look(path);
  if (found.type !== state.type) return false;
  if (found.type === 'link') return state.type === 'link' && found.target === state.target;
  if (found.type !== 'file' || state.type !== 'file') return true;
  return found.size <= maxFileBytes && sha256(readBytes(path, maxFileBytes) ?? '') === state.sum;
}

function isAsBefore({ path, before }: Extract<Step, { kind: 'put' }>): boolean {
  const found = look(path);
  if (found.type !== before.type) return false;
  if (found.type === 'link') return before.type === 'link' && found.target === before.target;
  if (found.type !== 'file' || before.type !== 'file') return found.type === 'missing';
  if (found.mode !== before.mode || found.uid !== before.uid || found.gid !== before.gid) return false;
  return sha256(readBytes(path, maxFileBytes) ?? '') === before.sum;
}

/** What is left beside the files when the change is over. */
export function cleanStep(step: Step, tag: string): void {
  if (step.kind === 'put') dropBeside(step.path, tag);
}

export function diffsOf(steps: readonly Step[], contents: ContentStore): FileDiff[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'put' || step.shownAs === undefined) return [];
    return [fileDiff(step.shownAs, textOf(step.before, contents), textOf(step.after, contents))];
  });
}

function textOf(state: State, contents: ContentStore): string | null {
  if (state.type === 'missing') return null;
  if (state.type === 'link') return `-> ${state.target}\n`;
  const bytes = contents.get(state.sum);
  if (bytes === undefined) return null;
  return isUtf8(bytes) ? bytes.toString('utf8') : `(${bytes.length} bytes, not text, SHA-256 ${state.sum})\n`;
}

/** Sums that a step needs to go back. */
export function neededSums(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => (step.kind === 'put' && step.before.type === 'file' ? [step.before.sum] : []));
}
