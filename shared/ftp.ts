import { z } from 'zod';
import type { Operation } from './http.ts';

/** Ports of passive transfers: each open transfer takes one. Fixed, so that a firewall can let them in. */
export const ftpPassivePorts = { least: 39_000, most: 39_099 } as const;
export const maxFtpUsers = 200;

/** Said by whoever lets FTP without TLS in: that passwords then travel readable. */
export const plainFtpWord = 'passwords_travel_readable';

const ftpUsers = z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, { error: 'account_name_invalid' }));

export const ftpSettings = z.object({
  /** Users of the machine who may sign in, sorted; each sees nothing but its own home. */
  users: z.array(z.string()),
  /** Users of the machine who could be let in: people with a shell and a password. */
  candidates: z.array(z.string()),
  /** False: also without TLS, where passwords and files travel readable. */
  requiresTls: z.boolean(),
});
export type FtpSettings = z.infer<typeof ftpSettings>;

export const ftpWish = z.strictObject({
  users: ftpUsers.max(maxFtpUsers),
  requiresTls: z.boolean(),
  /** Needed where TLS is not required. */
  confirmed: z.literal(plainFtpWord).optional(),
});
export type FtpWish = z.infer<typeof ftpWish>;

const base = '/api/v1/ftp/settings' as const;
export const ftpApi = {
  get: {
    id: 'getFtpSettings',
    method: 'GET',
    path: base,
    access: 'services.read',
    summary: 'Who may sign in over FTP, and whether TLS is required',
    response: ftpSettings,
  },
  put: {
    id: 'putFtpSettings',
    method: 'PUT',
    path: base,
    access: 'services.write',
    summary: 'Change who may sign in over FTP',
    body: ftpWish,
    response: ftpSettings,
  },
} as const satisfies Record<string, Operation>;
