import type { z } from 'zod';
import { findAnswer, type RuleAnswer } from '#shared/behaviour/answers.ts';
import { readVisit } from '#shared/behaviour/visits.ts';
import type { BodyOf } from '#shared/http.ts';
import type { ruleAnswer, siteAnswer } from '#shared/site-answers.ts';
import type { SiteSettings } from '#shared/site-settings.ts';
import type { Site, sitesApi } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { listSettingChanges, readSnapshot } from './changes.store.ts';
import { refuseFields } from './site-inputs.ts';

/** Where sites are served over HTTP and HTTPS unless their names say otherwise. */
const webPorts = { http: 80, https: 443 } as const;

/** Which rule answers a request, by the saved rules and by those that came with the question. */
export async function findSiteAnswer(
  ctx: Pick<Context, 'db' | 'clock'>,
  site: Site,
  { behaviour, url, method, address, agent, referer, origin }: BodyOf<typeof sitesApi.findAnswer>,
): Promise<z.input<typeof siteAnswer>> {
  const more = address === undefined ? {} : { address };
  const visit = readVisit({ url, method, agent, referer, origin, at: ctx.clock.now(), ...more });
  if (visit === undefined) throw refuseFields([{ field: 'url', code: 'url_invalid' }]);
  const hasCustom = site.customDirectives.trim() !== '';
  const shown = async (given: Site): Promise<z.input<typeof ruleAnswer>> => {
    const { isBeforeCustom, ...answer } = findAnswer(given, visit, webPorts);
    const setBy = await findAuthor(ctx, site, ruleOf(given, answer));
    return { ...answer, mayCustomAnswer: hasCustom && !isBeforeCustom, setBy };
  };
  return { now: await shown(site), unsaved: behaviour === undefined ? null : await shown({ ...site, behaviour }) };
}

/** The rule itself, as it stands among the settings; undefined: every site has it. */
function ruleOf({ behaviour, tls }: SiteSettings, { by, index }: Pick<RuleAnswer, 'by' | 'index'>): string | undefined {
  const { access, cors, hotlink, mainHost, maintenance, passwords, proxies, redirects, rewrites } = behaviour;
  const at = index ?? -1;
  const rules: Partial<Record<RuleAnswer['by'], unknown>> = {
    preflight: cors,
    mainHost,
    maintenance,
    https: tls?.isForced,
    addresses: access.addresses[at],
    agents: access.agents[at],
    methods: access.methods,
    denied: access.denied[at],
    hotlink,
    redirects: redirects[at],
    passwords: passwords[at],
    preset: rewrites.preset,
    rewrites: index === null ? rewrites.preset : rewrites.rules[at],
    proxies: proxies[at],
  };
  const rule = rules[by];
  return rule === undefined ? undefined : JSON.stringify([by, rule]);
}

/** Every rule of a site, written as `ruleOf` does. */
function allRules(settings: SiteSettings): ReadonlySet<string> {
  const { access, passwords, proxies, redirects } = settings.behaviour;
  const lists = {
    addresses: access.addresses,
    agents: access.agents,
    denied: access.denied,
    passwords,
    proxies,
    redirects,
    rewrites: [...settings.behaviour.rewrites.rules, settings.behaviour.rewrites.preset],
  } as const;
  const single = ['preflight', 'mainHost', 'maintenance', 'https', 'methods', 'preset', 'hotlink'] as const;
  return new Set([
    ...Object.entries(lists).flatMap(([by, list]) => list.map((rule) => JSON.stringify([by, rule]))),
    ...single.flatMap((by) => ruleOf(settings, { by, index: null }) ?? []),
  ]);
}

/** The change since which the site has this very rule without a break. */
async function findAuthor(
  { db }: Pick<Context, 'db'>,
  { id }: Site,
  rule: string | undefined,
): Promise<z.input<typeof ruleAnswer>['setBy']> {
  if (rule === undefined) return null;
  for (const change of await listSettingChanges(db, id)) {
    const before = readSnapshot(change.before_json);
    const after = readSnapshot(change.after_json);
    if (after === null || !allRules(after).has(rule)) return null;
    if (before !== null && allRules(before).has(rule)) continue;
    const actor = { id: change.actor_id, name: change.actor_name };
    return { changeId: change.id, actor, at: new Date(change.at).toISOString() };
  }
  return null;
}
