import { z } from 'zod';
import {
  archiveFileName,
  archivePreview,
  archiveUpload,
  maxArchiveBytes,
  unpackChoices,
  unpacking,
  uploadChunkBytes,
} from '../archives.ts';
import { id } from '../http.ts';
import { wordpressApp } from '../wordpress.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

const site = z.strictObject({ siteId: id, slug });
const uploadRef = z.strictObject({ site, uploadId: id });
const unpackingRef = z.strictObject({ site, unpackingId: id });

export const archivesState = {
  name: 'archives.state',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({ uploads: z.array(archiveUpload), unpackings: z.array(unpacking) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'Archives that were sent for a site, and those that were put into it',
} as const satisfies AgentAction;

export const archivesBegin = {
  name: 'archives.begin',
  permission: 'sites.write',
  ticket: 'never',
  params: uploadRef.extend({ fileName: archiveFileName, sizeBytes: z.int().min(1).max(maxArchiveBytes) }),
  result: archiveUpload,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Make room for an archive that will be sent in pieces',
} as const satisfies AgentAction;

/** A piece that was received before changes nothing; one that leaves a gap is refused. */
export const archivesWrite = {
  name: 'archives.write',
  permission: 'sites.write',
  ticket: 'never',
  params: uploadRef.extend({
    offset: z.int().min(0).max(maxArchiveBytes),
    data: z.base64().max(Math.ceil(uploadChunkBytes / 3) * 4),
  }),
  result: archiveUpload,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024,
  summary: 'Write the next piece of an archive',
} as const satisfies AgentAction;

export const archivesDiscard = {
  name: 'archives.discard',
  permission: 'sites.write',
  ticket: 'never',
  params: uploadRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Throw an archive away that was sent',
} as const satisfies AgentAction;

export const archivesPreview = {
  name: 'archives.preview',
  permission: 'sites.write',
  ticket: 'never',
  params: uploadRef.extend({ choices: unpackChoices }),
  result: archivePreview,
  isReadOnly: true,
  isIdempotent: true,
  // A compressed tar has no list: all of it is read.
  timeoutMs: 55_000,
  maxResultBytes: 512 * 1024,
  summary: 'Read an archive by the rules of unpacking and list what is in it',
} as const satisfies AgentAction;

/** Starts (or finds) an unpacking that outlives web process and agent; `archives.follow` watches it. */
export const archivesUnpack = {
  name: 'archives.unpack',
  permission: 'sites.write',
  ticket: 'never',
  params: unpackingRef.extend({
    uploadId: id,
    choices: unpackChoices,
    /** What it must be; it is given its database, and nothing may stand in its way. */
    app: wordpressApp.optional(),
  }),
  result: unpacking,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: "Unpack an archive without rights and move it into the site's folder, as a process of its own",
} as const satisfies AgentAction;

export const archivesFollow = {
  name: 'archives.follow',
  permission: 'panel',
  ticket: 'never',
  params: unpackingRef.extend({ offset: z.int().min(0) }),
  /** `unpacking` null: the agent knows none of this id at this site. */
  result: z.object({
    unpacking: unpacking.nullable(),
    /** Its process has gone without a word: asking to start it again takes it up. */
    isInterrupted: z.boolean(),
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'State of an unpacking, and its log from an offset',
} as const satisfies AgentAction;

export const archivesCancel = {
  name: 'archives.cancel',
  permission: 'sites.write',
  ticket: 'never',
  params: unpackingRef,
  result: z.object({ unpacking: unpacking.nullable() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 16 * 1024,
  summary: 'Stop an unpacking; what it has put into the site already is taken out again',
} as const satisfies AgentAction;

/** For the process of an unpacking: what was unpacked is moved into the site in one transaction, or nothing is. */
export const archivesSettle = {
  name: 'archives.settle',
  permission: 'panel',
  ticket: 'never',
  params: unpackingRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 100_000,
  maxResultBytes: 1024,
  summary: 'Move what an unpacking made ready into the site',
} as const satisfies AgentAction;

export const archivesUndo = {
  name: 'archives.undo',
  permission: 'sites.write',
  ticket: 'never',
  params: unpackingRef.extend({ changeId: id }),
  result: unpacking,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 100_000,
  maxResultBytes: 16 * 1024,
  summary: 'Take an archive out of a site again and put back what gave way to it',
} as const satisfies AgentAction;
