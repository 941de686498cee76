import { z } from 'zod';
import { id, idPattern, instant, type Operation } from './http.ts';
import { siteRoot } from './sites.ts';

/** What lies in the recycle bin of a deletion. `archive`: files that gave way to an archive. */
export const recycledKinds = ['files', 'logs', 'php_data', 'archive'] as const;
export type RecycledKind = (typeof recycledKinds)[number];

const count = z.int().nonnegative();

export const recycledSite = z.object({
  /** Of the deletion: it is also the id of that change. */
  id,
  slug: z.string(),
  /** null: who deleted it was not kept then. */
  deletedBy: z.string().nullable(),
  deletedAt: instant,
  /** When it is emptied by itself; null: never. */
  emptiedAt: instant.nullable(),
  /** Where its files lay; null: nobody knows any more. */
  root: z.string().nullable(),
  isRootFree: z.boolean(),
  /** The site itself can come back, with what is here: the deletion can be taken back. */
  isWhole: z.boolean(),
  /** `isTruncated`: there is more than was counted. */
  parts: z.array(
    z.object({ kind: z.enum(recycledKinds), sizeBytes: count, fileCount: count, isTruncated: z.boolean() }),
  ),
});
export type RecycledSite = z.infer<typeof recycledSite>;

/** As the panel names the Linux users of sites. */
export const siteUserName = z.string().regex(/^site-[a-z2-7]{8}$/);

/** The Linux user of a deleted site that somebody kept. */
export const keptAccount = z.object({
  user: siteUserName,
  slug: z.string(),
  keptBy: z.string(),
  keptAt: instant,
  /** Where its files are; null: in the recycle bin, or nowhere. */
  folder: z.string().nullable(),
  /** Whether it can still sign in over SFTP. */
  hasSftp: z.boolean(),
});
export type KeptAccount = z.infer<typeof keptAccount>;

/** `days`: what was deleted so long ago is emptied; 0: only by hand. */
export const recycleSettings = z.strictObject({ days: z.int().min(0).max(3_650) });
export type RecycleSettings = z.infer<typeof recycleSettings>;
export const defaultRecycleSettings: RecycleSettings = { days: 30 };

export const recycleState = z.object({
  /** Newest first. */
  items: z.array(recycledSite).max(500),
  /** All of them; `items` has the newest. */
  total: count,
  accounts: z.array(keptAccount).max(500),
  settings: recycleSettings,
});
export type RecycleState = z.infer<typeof recycleState>;

/** Where the files go; not given: where they lay. */
export const recycledRestore = z.strictObject({ root: siteRoot.optional() });
export const recycledIds = z.array(z.string().regex(idPattern)).min(1).max(500);

const base = '/api/v1/recycled-sites';

/** For those who see every site: others answer 404. */
export const recycledSitesApi = {
  list: {
    id: 'listRecycledSites',
    method: 'GET',
    path: base,
    access: 'sites.delete',
    summary: 'List the recycle bin of sites and the Linux users that were kept',
    response: recycleState,
  },
  restore: {
    id: 'restoreRecycledFiles',
    method: 'POST',
    path: `${base}/{recycledId}/files`,
    access: 'sites.write',
    summary: 'Bring the files of a deleted site back into a folder that is free',
    params: z.object({ recycledId: id }),
    body: recycledRestore,
    response: z.object({ root: z.string() }),
  },
  discard: {
    id: 'discardRecycledSites',
    method: 'POST',
    path: `${base}/removal`,
    access: 'sites.delete',
    summary: 'Delete for good what deletions of sites left in the recycle bin',
    body: z.strictObject({ ids: recycledIds }),
    /** Names of the sites; ids that are gone already are left out. */
    response: z.object({ sites: z.array(z.string()) }),
  },
  removeAccount: {
    id: 'removeKeptSiteAccount',
    method: 'DELETE',
    path: `${base}/accounts/{user}`,
    access: 'sites.delete',
    summary: 'Remove the kept Linux user of a deleted site; its files become those of root',
    params: z.object({ user: siteUserName }),
    response: z.object({}),
  },
  setSettings: {
    id: 'setRecycleSettings',
    method: 'PUT',
    path: `${base}/settings`,
    access: 'settings.write',
    summary: 'Change after how many days the recycle bin of sites is emptied',
    body: recycleSettings,
    response: recycleSettings,
  },
} as const satisfies Record<string, Operation>;
