import { z } from 'zod';
import { fileName, filePath } from './file-names.ts';
import { maxUploadBytes, uploadConflicts } from './file-transfers.ts';
import { id, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * Files that a site gets from an address of the public internet, as a job. The site's own Linux user fetches them.
 */

/** Unless another limit is chosen; where less is free on the disk, that counts. */
export const usualFetchBytes = 5 * 1024 ** 3;
export const mostRedirects = 5;

/** Why nobody asks there, as the code of a field; undefined: it may be asked. What a name leads to is looked at later. */
export function problemOfAddress({ protocol, username, password, hostname }: URL): string | undefined {
  if (protocol !== 'http:' && protocol !== 'https:') return 'fetch_address_invalid';
  if (username !== '' || password !== '') return 'upstream_credentials';
  return hostname === '' ? 'fetch_address_invalid' : undefined;
}

const address = z
  .string()
  .min(1)
  .max(2_048)
  .superRefine((text, check) => {
    const isAddress = !/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/.test(text) && URL.canParse(text);
    const code = isAddress ? problemOfAddress(new URL(text)) : 'fetch_address_invalid';
    if (code !== undefined) check.addIssue({ code: 'custom', message: code });
  });

const fetchFields = {
  /** `http(s)://…` without a name and a password in it. */
  address,
  into: filePath,
  /** null: as its server calls it, made harmless. */
  name: fileName.nullable(),
  /** Of all its bytes; null: it is not compared. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, { error: 'file_hash_invalid' })
    .nullable(),
  mostBytes: z.int().min(1).max(maxUploadBytes).default(usualFetchBytes),
  /** `replace` only with a name: what is replaced, no stranger decides. */
  onConflict: z.enum(uploadConflicts),
};

const namesWhatIsReplaced = ({ name, onConflict }: { name: string | null; onConflict: string }): boolean =>
  name !== null || onConflict !== 'replace';
const unnamed = { error: 'fetch_name_missing', path: ['name'] };

export const fileFetch = z.strictObject(fetchFields).refine(namesWhatIsReplaced, unnamed);
export type FileFetch = z.output<typeof fileFetch>;
/** Among other kinds of work. */
export const fetchWish = z
  .strictObject({ kind: z.literal('fetch'), ...fetchFields })
  .refine(namesWhatIsReplaced, unnamed);

export const fileFetchApi = {
  fetch: {
    id: 'fetchFile',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/file-fetches',
    access: 'files.write',
    summary: 'Fetch a file from an address of the public internet into a folder of the site',
    params: z.object({ siteId: id }),
    body: fileFetch,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
