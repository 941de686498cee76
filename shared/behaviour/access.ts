import { z } from 'zod';
import { networkRange, plainValue, rulePath, suffix } from './words.ts';

/** Who comes from where: read from the top, the first network that has the address decides. */
export const addressRule = z.strictObject({
  /** This path and all below it; `/`: the whole site. */
  path: rulePath.default('/'),
  lines: z
    .array(z.strictObject({ action: z.enum(['allow', 'deny']), range: networkRange }))
    .min(1, { error: 'required' })
    .max(500),
  /** What happens to everybody else. */
  others: z.enum(['allow', 'deny']),
});
export type AddressRule = z.infer<typeof addressRule>;

export const requestMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Nobody gets these: all below a path, or only files with these suffixes. */
export const deniedFiles = z
  .strictObject({
    path: rulePath.default('/'),
    /** Empty: everything below the path. */
    suffixes: z.array(suffix).max(50).default([]),
  })
  .superRefine(({ path, suffixes }, context) => {
    if (path === '/' && suffixes.length === 0)
      context.addIssue({ code: 'custom', message: 'required', path: ['suffixes'], input: suffixes });
  });

/** Name and password for a path. The password is kept as a sealed hash that only the agent can read. */
export const passwordRule = z.strictObject({
  path: rulePath.default('/'),
  /** What browsers show when they ask. */
  realm: plainValue(100).default(''),
  users: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, { error: 'rule_user_invalid' }),
        /** Made by `sealSitePassword`. */
        secret: z
          .string()
          .max(1_000)
          .regex(/^[A-Za-z0-9_-]{40,}$/, { error: 'required' }),
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
});
export type PasswordRule = z.infer<typeof passwordRule>;

export const access = z.strictObject({
  addresses: z.array(addressRule).max(20).default([]),
  /** Empty: all. HEAD goes with GET. */
  methods: z.array(z.enum(requestMethods)).max(7).default([]),
  /** Parts of `User-Agent` that are turned away; letters large or small. */
  agents: z
    .array(
      z
        .string()
        .min(2, { error: 'rule_agent_short' })
        .max(100)
        .regex(/^[!-#%-~](?:[ -#%-~]*[!-#%-~])?$/, { error: 'plain_value' }),
    )
    .max(100)
    .default([]),
  denied: z.array(deniedFiles).max(50).default([]),
});
export type Access = z.infer<typeof access>;
