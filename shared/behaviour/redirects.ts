import { z } from 'zod';
import { readPattern } from './patterns.ts';
import { ruleHost, rulePath } from './words.ts';

export const redirectStatuses = [301, 302, 307, 308] as const;
export type RedirectStatus = (typeof redirectStatuses)[number];

export const redirectMatches = ['site', 'exact', 'prefix', 'regex'] as const;

const targetForm =
  /^(?:https?:\/\/(?<host>[\p{L}\p{N}\p{M}](?:[\p{L}\p{N}\p{M}.-]*[\p{L}\p{N}\p{M}])?)(?::(?<port>[1-9]\d{0,4}))?(?=[/?]|$)|(?=\/(?!\/)))(?<rest>(?:[^\u0000-\u0020\u007f-\u00a0\u2028\u2029"'`<>\\^{|}$#;]|\$[1-9])*)$/u;

export type RedirectTarget = {
  /** Scheme, host and port; empty: the site itself. */
  readonly origin: string;
  readonly host: string | null;
  /** In ASCII; `$1` to `$9` as written. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
};

/** Where a redirect leads: `http(s)://host[:port][/path][?query]`, or a path of the site. */
export function readTarget(text: string): RedirectTarget | undefined {
  const found = targetForm.exec(text);
  const { host, port, rest = '' } = found?.groups ?? {};
  if (found === null || (port !== undefined && Number(port) > 65_535)) return undefined;
  const ascii = rest.replace(/[^\u0000-\u007f]+/gu, encodeURI);
  if (ascii.length > 2_000) return undefined;
  const at = ascii.indexOf('?');
  const path = at === -1 ? ascii : ascii.slice(0, at);
  const query = at === -1 ? '' : ascii.slice(at);
  if (host === undefined) return { origin: '', host: null, path, query };
  const scheme = text.slice(0, text.indexOf(':'));
  let name: string;
  try {
    name = new URL(`${scheme}://${host}`).hostname;
  } catch {
    return undefined;
  }
  if (!/^[a-z0-9.-]+$/.test(name)) return undefined;
  return { origin: `${scheme}://${name}${port === undefined ? '' : `:${port}`}`, host: name, path, query };
}

export const redirect = z
  .strictObject({
    match: z.enum(redirectMatches),
    /** A path for `exact` and `prefix`, a regular expression for `regex`, empty for `site`. */
    path: z.string().max(300).default(''),
    /** Only requests for these names; empty: for any name of the site. */
    hosts: z.array(ruleHost).max(100).default([]),
    target: z
      .string()
      .max(1_000)
      .refine((text) => readTarget(text) !== undefined, { error: 'redirect_target_invalid' }),
    status: z.literal(redirectStatuses).default(301),
    /** What follows the path (`prefix`), or the whole path (`site`), is put behind the target. */
    isPathKept: z.boolean().default(false),
    isQueryKept: z.boolean().default(true),
    isEnabled: z.boolean().default(true),
  })
  .superRefine((rule, context) => {
    const say = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', message, path: [field], input: rule });
    const captures = [...rule.target.matchAll(/\$(\d)/g)].map((each) => Number(each[1]));
    if (rule.match === 'regex') {
      const pattern = readPattern(rule.path);
      if (!pattern.ok) say('path', 'pattern_invalid');
      else if (captures.some((number) => number > pattern.groups)) say('target', 'redirect_capture');
    } else {
      if (captures.length > 0) say('target', 'redirect_capture');
      if (rule.match === 'site' ? rule.path !== '' : rule.path === '')
        say('path', rule.path === '' ? 'required' : 'invalid');
      else if (rule.match !== 'site') {
        const path = rulePath.safeParse(rule.path);
        if (!path.success) say('path', path.error.issues[0]?.message ?? 'rule_path_invalid');
      }
    }
    if (rule.isPathKept && rule.match !== 'site' && rule.match !== 'prefix') say('isPathKept', 'invalid');
    if (rule.isPathKept && rule.target.includes('?')) say('target', 'redirect_query_and_path');
  });
export type Redirect = z.infer<typeof redirect>;

/** Asked in their order; the first one that matches answers. */
export const redirects = z.array(redirect).max(200);

/** All other names of the site lead to this one; null: each name answers itself. */
export const mainHost = z.strictObject({ host: ruleHost, status: z.literal(redirectStatuses).default(301) }).nullable();
export type MainHost = z.infer<typeof mainHost>;
