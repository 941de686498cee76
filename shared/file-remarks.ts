import { z } from 'zod';
import { filePath } from './file-names.ts';
import { empty, id, line, type Operation } from './http.ts';

/* A line about a file or folder of a site, for everybody who sees it. The panel keeps it; nothing of it is in the file. */

/** Characters of one. */
export const maxRemarkLength = 200;
/** Of one site. */
export const mostRemarks = 2_000;

export const fileRemarksApi = {
  setRemark: {
    id: 'setFileRemark',
    method: 'PUT',
    path: '/api/v1/sites/{siteId}/file-remarks',
    access: 'files.write',
    summary: 'Write a remark on a file or folder; an empty one takes it away',
    params: z.object({ siteId: id }),
    body: z.strictObject({ path: filePath.min(1), remark: line(maxRemarkLength) }),
    response: empty,
    status: 204,
  },
} as const satisfies Record<string, Operation>;
