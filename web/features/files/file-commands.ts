import type { FileEntry } from '#shared/files.ts';
import type { Chosen } from './uploads.ts';

/** What was cut or copied and waits to be put somewhere. */
export type Held = { readonly verb: 'move' | 'copy'; readonly paths: readonly string[] };

export type Dialog =
  | { readonly kind: 'make'; readonly type: 'file' | 'folder' }
  | { readonly kind: 'rename'; readonly entry: FileEntry }
  | { readonly kind: 'remark'; readonly entry: FileEntry }
  | { readonly kind: 'mode'; readonly entries: readonly FileEntry[] }
  | { readonly kind: 'conflict'; readonly held: Held }
  | { readonly kind: 'pack'; readonly paths: readonly string[] }
  | { readonly kind: 'unpack'; readonly path: string }
  | null;

/** What tools, menu and keyboard can do, most of it with what is selected. */
export type FileCommands = {
  readonly canWrite: boolean;
  /** Of what is selected. */
  readonly count: number;
  readonly held: Held | null;
  readonly make: (type: 'file' | 'folder') => void;
  readonly rename: () => void;
  readonly remark: () => void;
  readonly mode: () => void;
  readonly hold: (verb: Held['verb']) => void;
  readonly paste: () => void;
  readonly letGo: () => void;
  readonly upload: (chosen: readonly Chosen[]) => void;
  /** One file is selected. */
  readonly isFile: boolean;
  /** One file as it is, else all that is selected as one archive. */
  readonly download: () => void;
  /** The file that is selected, by a link for people without an account. */
  readonly share: () => void;
  readonly edit: () => void;
  /** A file of this folder, in the editor. */
  readonly open: (name: string) => void;
  /** A folder, in a tab of its own behind this one. */
  readonly openTab: (path: string) => void;
  /** The folder that is selected, when it is one. */
  readonly folder: string | null;
  readonly pack: () => void;
  readonly isArchive: boolean;
  /** How many files are open in the editor. */
  readonly editing: number;
  readonly showEditor: () => void;
  readonly remove: () => void;
};
