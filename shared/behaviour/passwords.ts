import { z } from 'zod';
import { idPattern } from '../http.ts';
import { networkRange, rulePath } from './words.ts';

/** What a visitor types. It goes to the agent once, which keeps a hash of it; nobody reads either back. */
export const sitePassword = z
  .string()
  .min(8, { error: 'password_too_short' })
  .max(128, { error: 'password_too_long' })
  // Browsers do not agree on how other letters travel.
  .regex(/^[ -~]*$/, { error: 'site_password_ascii' });

/** Name and password for a path and all below it. */
export const passwordRule = z.strictObject({
  path: rulePath.default('/'),
  /** What browsers show when they ask; empty: a word of the panel. */
  realm: z
    .string()
    .max(60)
    // nginx reads this one word as a switch, and puts no backslash before a quote.
    .regex(/^(?!off$)[ !#%-[\]-~]*$/, { error: 'rule_realm_invalid' })
    .default(''),
  users: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, { error: 'rule_user_invalid' }),
        /** From `keepSitePassword`: stands for a password that the agent knows. */
        passwordId: z.string().regex(idPattern, { error: 'required' }),
      }),
    )
    .min(1, { error: 'required' })
    .max(100)
    .superRefine((users, context) => {
      const names = users.map(({ name }) => name);
      for (const [index, name] of names.entries())
        if (names.indexOf(name) !== index)
          context.addIssue({ code: 'custom', message: 'rule_user_repeated', path: [index, 'name'], input: name });
    }),
  /** These are not asked. */
  addresses: z.array(networkRange).max(100).default([]),
  /** Below these nobody is asked: health checks, a webhook. */
  paths: z.array(rulePath).max(20).default([]),
});
export type PasswordRule = z.infer<typeof passwordRule>;

/** Where several hold a path, the longest one counts. */
export const passwordRules = z
  .array(passwordRule)
  .max(20)
  .superRefine((rules, context) => {
    const paths = rules.map(({ path }) => lockedPath(path).toLowerCase());
    for (const [index, path] of paths.entries())
      if (paths.indexOf(path) !== index)
        context.addIssue({ code: 'custom', message: 'rule_path_repeated', path: [index, 'path'], input: path });
  });

/** `/admin/` and `/admin` are one place. */
export function lockedPath(path: string): string {
  return path.replace(/\/$/, '');
}
