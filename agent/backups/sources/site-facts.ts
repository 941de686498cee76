import { z } from 'zod';
import { siteSpec, type SiteSpec } from '#shared/agent/sites.ts';
import { id } from '#shared/http.ts';
import { siteSettings } from '#shared/site-settings.ts';
import { parseUpstream, siteDomain, siteRoot } from '#shared/sites.ts';
import { listNames, look, readText, type Owner } from '../../core/files.ts';
import { nginxPaths } from '../../nginx/nginx.files.ts';

/*
 * What a backup keeps of a site beside its files: everything that is needed to make the site again on a machine that has
 * never heard of it. Read from the agent's own records and nginx's files, so that it works without the panel.
 */

const rootLooks = z.strictObject({ mode: z.int(), uid: z.int(), gid: z.int() });

export const siteFacts = z.strictObject({
  format: z.literal(1),
  spec: siteSpec,
  linuxUser: z.string(),
  uid: z.int().nullable(),
  /** Text of somebody's own that was accepted in the place of ours. */
  adoptedText: z.string().nullable(),
  /** Of the site's folder itself. */
  root: rootLooks.nullable(),
  /** Its application was meant to run. */
  isAppOn: z.boolean().default(false),
});
export type SiteFacts = z.infer<typeof siteFacts>;

/** Of a record of the agent's: only what is read here. */
const recordForm = z.object({
  siteId: z.string(),
  slug: z.string(),
  linuxUser: z.string(),
  uid: z.int().nullable(),
  root: siteRoot,
  domains: z.array(siteDomain),
  isEnabled: z.boolean(),
  files: z.record(z.string(), z.string()),
  adopted: z.object({ renderedSum: z.string() }).nullable(),
  kind: siteSpec.shape.kind.optional(),
  upstream: siteSpec.shape.upstream.optional(),
  settings: siteSettings.prefault({}),
  app: z.object({ isOn: z.boolean() }).optional(),
});

type Where = { readonly prefix: string; readonly stateFolder: string };

/** Slugs of the sites that the agent knows. */
export function siteSlugs({ stateFolder }: Where): string[] {
  return listNames(`${stateFolder}/sites`).flatMap((name) => /^([^.].*)\.json$/.exec(name)?.slice(1) ?? []);
}

/** undefined: there is no such site, or one that was only ever set aside and that nobody knows. */
export function readSiteFacts(where: Where, slug: string): SiteFacts | undefined {
  if (!/^[a-z0-9_][a-z0-9._-]{0,119}$/.test(slug)) return undefined;
  const text = readText(`${where.stateFolder}/sites/${slug}.json`);
  if (text === undefined) return undefined;
  const record = recordForm.parse(JSON.parse(text));
  if (!id.safeParse(record.siteId).success) return undefined;
  const { prefix } = where;
  const paths = nginxPaths(prefix);
  const siteText = readText(paths.site(slug)) ?? '';
  const upstream = record.upstream === undefined ? upstreamIn(siteText) : record.upstream;
  const kind = record.kind ?? (upstream === null ? 'static' : 'proxy');
  const { siteId, linuxUser, uid, root, domains, isEnabled, adopted } = record;
  const customDirectives = readText(paths.customOf(slug)) ?? '';
  const known = { siteId, slug, kind, domains: [...domains], isEnabled, root, upstream, customDirectives };
  const spec: SiteSpec = { ...known, ...record.settings };
  return {
    format: 1,
    spec,
    linuxUser,
    uid,
    adoptedText: adopted === null ? null : siteText,
    root: looksOf(prefix + root),
    isAppOn: record.app?.isOn === true,
  };
}

function looksOf(path: string): (Owner & { mode: number }) | null {
  const found = look(path);
  return found.type === 'folder' ? { mode: found.mode, uid: found.uid, gid: found.gid } : null;
}

/** For records from before they held it: what the text that we wrote passes requests on to. */
function upstreamIn(text: string): SiteSpec['upstream'] {
  const url = /^\s*proxy_pass\s+"?([^";]+?)"?;/m.exec(text)?.[1];
  return url === undefined || !parseUpstream(url).ok
    ? null
    : { url, isWebsocket: text.includes('proxy_set_header Upgrade') };
}
