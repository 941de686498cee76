import { z } from 'zod';
import { aapanelBase, aapanelName } from '../aapanel.ts';
import { id } from '../http.ts';
import { siteCopyState } from '../site-copies.ts';
import { siteFileDatabaseChoice, mostSiteFileDatabases } from '../site-files.ts';
import type { AgentAction } from './action.ts';
import { siteSpec, sitesApply } from './sites.ts';
import { slug } from './slug.ts';

/**
 * Starts (or finds, or takes up again) the copying of a site's files, as a process that outlives web process and agent.
 * Secrets, and directives of somebody's own, need a ticket.
 */
export const copiesStart = {
  name: 'copies.start',
  permission: 'sites.create',
  ticket: 'depends',
  params: z.strictObject({
    copyId: id,
    /**
     * A site of this panel, one of an aaPanel (that needs a ticket and the permission to change settings), or the file of
     * a site that this person sent; databases of it need `databases.manage`, its certificate `certificates.write`.
     */
    source: z.union([
      z.strictObject({ siteId: id, slug }),
      z.strictObject({ base: aapanelBase, name: aapanelName }),
      z.strictObject({
        uploadId: id,
        databases: z.array(siteFileDatabaseChoice).max(mostSiteFileDatabases).default([]),
        /** What its certificate is called on the shelf, as the spec says; null: it stays in the file. */
        certificateId: id.nullable().default(null),
      }),
    ]),
    /** The site that is made of it. */
    spec: siteSpec,
    withSecrets: z.boolean(),
  }),
  result: siteCopyState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 16 * 1024,
  summary: "Copy a site's files for a new site: read as the old site's user, written as the new one's",
} as const satisfies AgentAction;

export const copiesFollow = {
  name: 'copies.follow',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ copyId: id, offset: z.int().min(0) }),
  /** `copy` null: the agent knows none of this id. */
  result: z.object({
    copy: siteCopyState.nullable(),
    /** Its process has gone without a word: asking to start it again takes it up. */
    isInterrupted: z.boolean(),
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: "How far the copying of a site's files is, and its log from an offset",
} as const satisfies AgentAction;

/** Nothing of a copy that has become a site goes. */
export const copiesCancel = {
  name: 'copies.cancel',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ copyId: id }),
  result: z.object({ copy: siteCopyState.nullable() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 16 * 1024,
  summary: "Stop the copying of a site's files and remove what was copied",
} as const satisfies AgentAction;

/** The site as it was asked for at the start, with the files in their place, in one transaction. */
export const copiesSettle = {
  name: 'copies.settle',
  permission: 'sites.create',
  ticket: 'never',
  params: z.strictObject({ copyId: id, changeId: id }),
  result: sitesApply.result,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 100_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Make the new site of the files that were copied for it',
} as const satisfies AgentAction;
