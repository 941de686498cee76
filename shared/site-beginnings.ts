import { z } from 'zod';
import { contactEmail, keyKinds } from './certificates.ts';
import { siteDatabaseInput } from './databases.ts';
import { siteSftp } from './site-sftp.ts';

/** What a site may begin with besides itself. Database and account are made with it or not at all. */
export const siteBeginnings = {
  /** For `php` and `app`. Needs `databases.manage`. */
  database: siteDatabaseInput.optional(),
  /** Who may come to its files by SFTP. Elevated. */
  sftp: siteSftp.optional(),
  /** Ordered as soon as the site is served, as a job that outlives the panel; the site stays when the authority refuses. */
  certificate: z
    .strictObject({ keyKind: z.enum(keyKinds).default('ecdsa'), email: contactEmail.default('') })
    .optional(),
};
export type FirstCertificate = { readonly keyKind: (typeof keyKinds)[number]; readonly email: string };
