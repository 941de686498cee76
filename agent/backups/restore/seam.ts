import type { DumpPart, Manifest, SignedManifest, TreePart } from '../manifest.ts';
import type { Dump, Dumps, Repository } from '../work.ts';

/*
 * What restore, proof, export and recovery are given by the core of the engine (keys, restic, create, catalogue), and what
 * sources hand to `create`.
 */

/** A set whose manifest verified: signature, key, chain. */
export type OpenSet = {
  readonly repository: Repository;
  readonly manifest: Manifest;
  readonly signed: SignedManifest;
  /** A file of NDJSON `treeMember`s, checked against `part.members` (count, bytes, SHA-256); below `work.scratch`. */
  membersOf(part: TreePart): Promise<string>;
};

/** One thing to save. */
export type SourcePart =
  | {
      readonly kind: 'tree';
      readonly name: string;
      readonly source: TreePart['source'];
      /** The folder as it lies on this machine, prefix included. */
      readonly root: string;
      /** Looks of the root, where `root` is only a stand-in for it; else those that it has. */
      readonly looks?: TreePart['root'];
      /** On top of the plan's: what is never part of this source. */
      readonly excludes: readonly string[];
    }
  | {
      readonly kind: 'dump';
      readonly name: string;
      readonly source: DumpPart['source'];
      /** Where the dump comes from when not from a server: an import. */
      readonly open?: () => Promise<Dump>;
    };

export type NewSet = {
  readonly targetId: string;
  readonly kind: 'safety' | 'imported';
  readonly planName: string;
  readonly parts: readonly SourcePart[];
};

/** The functions of the core that this side calls. */
export type Core = {
  readonly dumps: Dumps;
  /** Throws `backup_*` reasons: unknown set, key missing or retired, signature or chain wrong. */
  openSet(targetId: string, setId: string): Promise<OpenSet>;
  /** Saves and signs a set; answers its id. A `safety` set is pinned until somebody lets it go. */
  createSet(given: NewSet): Promise<string>;
};
