import { z } from 'zod';
import { id } from '../http.ts';
import { recycledIds, recycledRestore, recycleSettings, recycleState, siteUserName } from '../recycled-sites.ts';
import type { AgentAction } from './action.ts';

export const recycledSitesDiscard = {
  name: 'recycled_sites.discard',
  permission: 'sites.delete',
  ticket: 'always',
  params: z.strictObject({ ids: recycledIds }),
  /** Names of the sites. */
  result: z.object({ sites: z.array(z.string()) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 256 * 1024,
  summary: 'Delete for good what deletions of sites left in the recycle bin',
} as const satisfies AgentAction;

/** For the timer: does nothing to what is not due. */
export const recycledSitesEmptyDue = {
  name: 'recycled_sites.empty_due',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ discarded: z.int().nonnegative() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 1024,
  summary: 'Delete from the recycle bin of sites what has lain there for as long as the settings say',
} as const satisfies AgentAction;

export const recycledSitesList = {
  name: 'recycled_sites.list',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: recycleState,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 1024 * 1024,
  summary: 'List the recycle bin of sites with sizes, and the Linux users that were kept',
} as const satisfies AgentAction;

/** A bin that is emptied sooner than it was loses things: that needs a ticket. */
export const recycledSitesPutSettings = {
  name: 'recycled_sites.put_settings',
  permission: 'settings.write',
  ticket: 'depends',
  params: recycleSettings,
  result: recycleSettings,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Say after how many days the recycle bin of sites is emptied',
} as const satisfies AgentAction;

export const recycledSitesRemoveAccount = {
  name: 'recycled_sites.remove_account',
  permission: 'sites.delete',
  ticket: 'always',
  params: z.strictObject({ user: siteUserName, changeId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 1024,
  summary: 'Remove the kept Linux user of a deleted site with its SFTP access; its files become those of root',
} as const satisfies AgentAction;

export const recycledSitesRestore = {
  name: 'recycled_sites.restore',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ recycledId: id, changeId: id, ...recycledRestore.shape }),
  result: z.object({ root: z.string() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 4096,
  summary: 'Move the files of a deleted site from the recycle bin into a folder that is free',
} as const satisfies AgentAction;
