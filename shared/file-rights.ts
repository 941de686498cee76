import { z } from 'zod';
import { filePath } from './file-names.ts';
import { id, instant, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Rights of a folder and of everything below it. What each path had before is kept, so that the whole change is taken back as
 * one step.
 */

export const mostRightsPaths = 500;
/** Things of one change at most; more is work for one folder after the other. */
export const mostRightsChanged = 300_000;
/** Changes of a site that can still be taken back. */
export const mostRightsKept = 10;
/** Lines of a report that are shown. */
export const mostRightsShown = 300;

const mode = z.int().min(0).max(0o777);

export const fileRights = z.strictObject({
  /** Each with everything in it; `''`: everything in the site's folder. */
  paths: z.array(filePath).min(1).max(mostRightsPaths),
  /** null: files keep theirs. */
  fileMode: mode.nullable(),
  /** null: folders keep theirs. A folder that its own owner cannot enter could not be worked through. */
  folderMode: mode.refine((bits) => (bits & 0o500) === 0o500, { error: 'file_folder_closed' }).nullable(),
  /** Whoever may read a file that its owner could run may run it afterwards too. */
  keepsRun: z.boolean(),
  /** What belongs to others is given to the site's own Linux user and to the group that the web server reads with. Root's work. */
  toSite: z.boolean(),
});
export type FileRights = z.output<typeof fileRights>;

/** Why something was left as it was. `hard_link`: it has other names, which may lie outside. `failed`: the system refused. */
export const rightsLeft = ['hard_link', 'foreign', 'other_disk', 'closed', 'changed', 'failed'] as const;
export type RightsLeft = (typeof rightsLeft)[number];

export const rightsRecord = fileRights.extend({
  id,
  /** `broken`: the work ended in its middle. It can be taken back, like a whole one. */
  state: z.enum(['running', 'done', 'broken']),
  startedAt: instant,
  by: z.string(),
  /** Files and folders that were changed. */
  changed: z.int(),
  left: z.partialRecord(z.enum(rightsLeft), z.int()),
});
export type RightsRecord = z.infer<typeof rightsRecord>;

export const rightsChange = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder']),
  before: z.object({ mode: z.int(), owner: z.string(), group: z.string() }),
  after: z.object({ mode: z.int(), owner: z.string(), group: z.string() }),
});
export type RightsChange = z.infer<typeof rightsChange>;

/** As the panel makes a site: its user writes, the web server's group reads, nobody else sees anything. */
export const siteRights = { fileMode: 0o640, folderMode: 0o750 } as const;

const params = z.object({ siteId: id });
const base = '/api/v1/sites/{siteId}/file-rights';

export const fileRightsApi = {
  rights: {
    id: 'listFileRights',
    method: 'GET',
    path: base,
    access: 'files.read',
    summary: 'Changes of rights with everything below that can be taken back, newest first',
    params,
    response: z.object({ items: z.array(rightsRecord) }),
  },
  setRights: {
    id: 'setFileRights',
    method: 'POST',
    path: base,
    access: 'files.write',
    summary:
      'Set rights of folders and everything below them, as a job; what was there before is kept for the way back',
    params,
    body: fileRights,
    response: job,
    status: 202,
  },
  rightsChanges: {
    id: 'listFileRightsChanges',
    method: 'GET',
    path: `${base}/{rightsId}`,
    access: 'files.read',
    summary: 'What a change of rights changed, path by path; the first of them',
    params: params.extend({ rightsId: id }),
    response: z.object({ items: z.array(rightsChange) }),
  },
  undoRights: {
    id: 'undoFileRights',
    method: 'POST',
    path: `${base}/{rightsId}/undo`,
    access: 'files.write',
    summary: 'Give everything that a change of rights touched its former owner and mode back, as a job',
    params: params.extend({ rightsId: id }),
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
