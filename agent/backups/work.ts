import type { Readable } from 'node:stream';
import type { ReportLine } from '#shared/backups.ts';
import type { Machine } from '../core/machine.ts';
import type { DumpPart, TreePart } from './manifest.ts';

/*
 * The seams between the parts of the backup engine, so that each can be read and tested alone.
 */

/** What the code of a run works with. A run is a process of its own; it takes no lock of the serving agent. */
export type BackupWork = Pick<Machine, 'hasSystemd' | 'isRoot' | 'prefix' | 'settings' | 'stateFolder' | 'now'> & {
  readonly runId: string;
  /** `<stateFolder>/backups`: keys, targets, plans, the catalogue of sets, runs. */
  readonly folder: string;
  /** For files that only live as long as the run; root only, removed at its end and at the next start after a crash. */
  readonly scratch: string;
  /** Aborted by cancel, by a signal, or when the target is lost. */
  readonly signal: AbortSignal;
  /** One line for the log that people follow; never a secret. */
  log(text: string): void;
  /** What it is doing now: key of `backups.phase.*`, and how far, 0 to 100. */
  phase(name: string, progress?: number): void;
  report(line: ReportLine): void;
};

/** One open restic repository; every program run of restic is in restic.ts. Throws AppError with `backup_*` reasons. */
export type Repository = {
  readonly targetId: string;
  /** A snapshot of a folder, names relative to it. */
  saveTree(given: {
    readonly root: string;
    readonly excludes: readonly string[];
    readonly tags: readonly string[];
  }): Promise<Saved>;
  /**
   * A snapshot with one file of these bytes. Rejects when `input` fails, and then nothing of it is listed. Its id is as
   * restic says it: older ones say the beginning only, and each look at the rest costs half a second (`inFull`).
   */
  saveStream(given: {
    readonly fileName: string;
    readonly input: Readable;
    readonly tags: readonly string[];
  }): Promise<SavedStream>;
  /** tar of a snapshot, or of one folder in it. The stream fails when restic does. */
  readTar(snapshot: string, folder?: string): Readable;
  /** Bytes of one file in a snapshot. The stream fails when restic does. */
  readFile(snapshot: string, path: string): Readable;
  snapshots(tag?: string): Promise<readonly SnapshotFacts[]>;
  /** Forgets snapshots; with `isPruned` their data goes too. */
  forget(snapshots: readonly string[], isPruned: boolean): Promise<void>;
};

export type Saved = {
  readonly snapshot: string;
  readonly tree: string;
  readonly bytes: number;
  readonly addedBytes: number;
};
export type SavedStream = Omit<Saved, 'tree'>;
export type SnapshotFacts = {
  readonly snapshot: string;
  readonly tree: string;
  readonly tags: readonly string[];
  readonly time: string;
};

/** A consistent dump as a stream, and what is known of it once all of it was read. */
export type Dump = {
  readonly fileName: 'dump.sql' | 'dump.sqlite';
  readonly stream: Readable;
  /** Rejects when the tool failed, whatever the stream gave. */
  readonly facts: Promise<Pick<DumpPart, 'bytes' | 'sha256' | 'serverVersion' | 'toolVersion' | 'tables' | 'counts'>>;
};

/** dumps/: one function per verb, the engine inside. */
export type Dumps = {
  open(work: BackupWork, source: DumpPart['source']): Promise<Dump>;
  /**
   * Puts a dump back. In place: a new database beside it is loaded and checked first, a safety dump must exist, and a
   * journal makes a crash end in the old or the new. Aside: into a new database of this name. Rejects without a change.
   */
  restore(work: BackupWork, part: DumpPart, input: Readable, into: DumpInto): Promise<void>;
  /** Loads it into a throw-away server, dumps that again and compares every table and count. */
  prove(work: BackupWork, part: DumpPart, input: Readable): Promise<void>;
  /** Finishes or takes back what a crash left in the middle of `restore`. */
  recover(work: BackupWork): Promise<void>;
};
export type DumpInto = { readonly kind: 'in_place' } | { readonly kind: 'aside'; readonly databaseName: string };

/** What a restore of a tree gets besides the archive. */
export type TreeInto = { readonly kind: 'in_place' } | { readonly kind: 'aside'; readonly path: string };
export type TreeRestore = {
  readonly part: TreePart;
  /** NDJSON of `treeMember`, verified against the manifest. */
  readonly membersPath: string;
  readonly into: TreeInto;
  /** One file or folder of the part; undefined: all. */
  readonly member: string | undefined;
  readonly isDryRun: boolean;
};
