import { z } from 'zod';
import { networkRange, rulePath, suffix } from './words.ts';

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

/** Endings of programs that servers run or people start by mistake: what nobody should get out of a folder of uploads. */
export const scriptSuffixes =
  'php php3 php4 php5 php7 php8 phtml pht phar phps cgi fcgi pl py rb sh bash lua asp aspx ashx jsp jspx war shtml'.split(
    ' ',
  );

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
