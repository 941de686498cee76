import { z } from 'zod';

/** File name part of a site: from its first domain. No slash, no leading dot. */
export const slug = z.string().regex(/^[a-z0-9_][a-z0-9._-]{0,119}$/);
