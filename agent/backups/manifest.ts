import { z } from 'zod';
import { databaseEngines } from '#shared/backups.ts';
import { id, instant } from '#shared/http.ts';

/*
 * What is signed. A set is a number of restic snapshots in one target and one signed manifest that names them; without a
 * manifest that verifies there is no set. Its canonical JSON (shared/agent/people.ts) carries HMAC-SHA-256 under a key of
 * the agent's (keys.ts). `previous` chains the sets of a target, so that a missing, replayed or reordered one is seen.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** How a list of members is kept: NDJSON, one `treeMember` per line in the order of their raw path bytes. */
const memberList = z.strictObject({ count, bytes: count, sha256 });

export const treePart = z.strictObject({
  kind: z.literal('tree'),
  name: z.string().max(4200),
  /** What it was made from, for putting it back. */
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('folder'), path: z.string() }),
    /** `record`: the agent's own record of the site and its facts, as JSON. */
    z.strictObject({ kind: z.literal('site'), slug: z.string(), path: z.string(), record: z.string() }),
    /** The panel's settings and the agent's records, staged in one folder with a fixed layout (sources/panel.ts). */
    z.strictObject({ kind: z.literal('panel'), layout: z.literal(1) }),
  ]),
  /** Full id of the restic snapshot and of its root tree; the part is the whole snapshot, names relative. */
  snapshot: sha256,
  tree: sha256,
  /** Looks of the root itself, which the list does not name; sets made before this was kept have none. */
  root: z
    .strictObject({
      mode: z.int().min(0).max(0o7777),
      uid: count,
      gid: count,
      user: z.string().max(64),
      group: z.string().max(64),
    })
    .optional(),
  /** Sum of the files' sizes. */
  bytes: count,
  members: memberList,
  leftOutCount: count,
});

const table = z.strictObject({ name: z.string(), rows: count, /** Of its data lines in the dump. */ sha256 });

export const dumpPart = z.strictObject({
  kind: z.literal('dump'),
  name: z.string().max(4200),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('database'), engine: z.enum(['mariadb', 'postgresql']), database: z.string() }),
    z.strictObject({ kind: z.literal('sqlite'), path: z.string() }),
    /** The panel's own database, whichever engine it is on. */
    z.strictObject({ kind: z.literal('panel'), engine: z.enum(databaseEngines), database: z.string() }),
  ]),
  snapshot: sha256,
  /** The one file in the snapshot: `dump.sql` or `dump.sqlite`. */
  fileName: z.string(),
  bytes: count,
  sha256,
  serverVersion: z.string().max(200),
  toolVersion: z.string().max(200),
  tables: z.array(table),
  counts: z.strictObject({ routines: count, triggers: count, views: count, events: count }),
});

export const manifest = z.strictObject({
  format: z.literal('aapanel-backup/1'),
  setId: id,
  targetId: id,
  planId: id.nullable(),
  planName: z.string().max(100),
  kind: z.enum(['planned', 'manual', 'safety', 'imported']),
  hostId: z.string().max(64),
  hostName: z.string().max(255),
  panelVersion: z.string().max(50),
  startedAt: instant,
  endedAt: instant,
  tools: z.record(z.string(), z.string().max(200)),
  /** Of the target's set before this one; null for its first. Order comes from here, never from a clock. */
  previous: z.strictObject({ setId: id, hmac: sha256 }).nullable(),
  /** 1 for the first set of a target, rising by one. */
  sequence: z.int().min(1),
  addedBytes: count,
  parts: z.array(z.discriminatedUnion('kind', [treePart, dumpPart])).min(1),
});
export type Manifest = z.infer<typeof manifest>;
export type TreePart = z.infer<typeof treePart>;
export type DumpPart = z.infer<typeof dumpPart>;

export const signedManifest = z.strictObject({
  /** The exact bytes that are signed: canonical JSON of a `manifest`. */
  manifest: z.string(),
  algorithm: z.literal('HMAC-SHA256'),
  keyId: z.string().regex(/^[a-z2-7]{16}$/),
  hmac: sha256,
});
export type SignedManifest = z.infer<typeof signedManifest>;

/** One thing in a tree. Owners and modes are put back from here, never from an archive's header. */
export const treeMember = z.strictObject({
  /** Raw bytes of the path relative to the part's root, base64; `/` between components. */
  path: z.base64(),
  type: z.enum(['file', 'folder', 'link']),
  mode: z.int().min(0).max(0o7777),
  uid: count,
  gid: count,
  /** Names at the time, for machines where the numbers differ; empty when unknown. */
  user: z.string().max(64),
  group: z.string().max(64),
  /** Milliseconds since 1970. */
  modifiedMs: z.number(),
  /** Files. */
  size: count.optional(),
  sha256: sha256.optional(),
  /** Links: raw target bytes, base64. */
  target: z.base64().optional(),
});
export type TreeMember = z.infer<typeof treeMember>;

/** What was not saved, and why: part of the run's report and, as a count, of the manifest. */
export type LeftOut = {
  readonly path: string;
  readonly reason: 'changing' | 'unreadable' | 'special' | 'too_deep' | 'too_long' | 'excluded_sparse' | 'link_refused';
};
