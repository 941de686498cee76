import type { SiteSpec } from '#shared/agent/sites.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { accessHttp, accessRules } from './nginx.behaviour-access.ts';
import { cacheRules, compressionLines, hotlinkRules, listingLines } from './nginx.behaviour-files.ts';
import { corsRules, headerLines } from './nginx.behaviour-headers.ts';
import { limitLines, limitsHttp } from './nginx.behaviour-limits.ts';
import { accessLogHttp } from './nginx.behaviour-log.ts';
import { errorPageLines, maintenanceHttp, maintenanceRules, pageLocations } from './nginx.behaviour-pages.ts';
import { proxyCacheHttp } from './nginx.behaviour-proxy-cache.ts';
import { proxiesHttp, proxyLocations } from './nginx.behaviour-proxies.ts';
import { passwordLines, passwordRulesLines, passwordsHttp } from './nginx.behaviour-passwords.ts';
import { mainHostRules, redirectRules } from './nginx.behaviour-redirects.ts';
import { hasRewrites, presetRules, rewriteRules } from './nginx.behaviour-rewrites.ts';
import type { NginxBuild } from './nginx.build.ts';
import { closingLines, closingLocation, closingRules } from './nginx.reach.ts';
import type { Directive } from './nginx.tokens.ts';
import { word } from './nginx.words.ts';

/*
 * How a site answers, as text for nginx. All of it stands in the server block and none in a location: nginx asks these
 * before it looks for one, so no rule depends on which location answers, and no location loses a header. Where a rule
 * needs the http block it stands there in the site's own file, under names of the site's own.
 */

export type BehaviourContext = {
  /** What the person wrote by hand; theirs stands. */
  readonly custom: readonly Directive[];
  /** Of the server block. */
  readonly port: number;
  readonly names: readonly string[];
  /** Of all paths; empty but in tests. */
  readonly prefix: string;
  readonly build: Pick<NginxBuild, 'hasBrotli'>;
};

/** Files that answer for a folder. `own`: directives that the person set by hand; theirs stand. */
export function indexLines({ kind, behaviour }: SiteSpec, own: ReadonlySet<string>): string[] {
  if (own.has('index')) return [];
  if (behaviour.index.length > 0) return [`index ${behaviour.index.map(word).join(' ')};`];
  if (kind === 'php') return ['index index.php index.html index.htm;'];
  return kind === 'static' ? ['index index.html index.htm;'] : [];
}

/** For the http block, before the site's servers. */
export function behaviourHttp(spec: SiteSpec, prefix: string): string[] {
  return [
    ...accessHttp(spec),
    ...maintenanceHttp(spec),
    ...limitsHttp(spec),
    ...passwordsHttp(spec),
    ...accessLogHttp(spec),
    ...proxyCacheHttp(spec, prefix),
    ...proxiesHttp(spec, prefix),
  ];
}

/** For a server block, before what the person wrote by hand, and behind what lets challenges past all rules. */
export function behaviourLines(spec: SiteSpec, context: BehaviourContext): string[] {
  const own = new Set(context.custom.filter(({ block }) => block === null).map(({ name }) => name));
  const unless = (line: string): boolean => !own.has(line.slice(0, line.search(/[ ;]/)));
  const rules = [
    ...closingRules(spec),
    ...askedLines(spec),
    ...passwordRulesLines(spec),
    ...cacheRules(spec),
    ...corsRules(spec),
    ...mainHostRules(spec, context),
    ...maintenanceRules(spec),
    ...accessRules(spec),
    ...presetRules(spec),
    ...hotlinkRules(spec),
    ...redirectRules(spec),
    ...rewriteRules(spec),
  ];
  const lines = [
    ...headerLines(spec, context.custom),
    ...errorPageLines(spec, context.custom),
    ...closingLines(spec),
    ...passwordLines(spec, context.prefix, own),
    ...[...limitLines(spec), ...compressionLines(spec, context.build), ...listingLines(spec)].filter(unless),
    ...(spec.behaviour.cache.length > 0 ? ['expires $aapanel_expires;'] : []).filter(unless),
  ];
  return [
    // The panel's own question is answered before any variable has a value.
    ...(rules.some((line) => line.includes('set $')) ? ['uninitialized_variable_warn off;'].filter(unless) : []),
    ...rules,
    ...lines,
  ];
}

/**
 * nginx goes on inside to an index or a front controller, and asks its rules again then. The path that the visitor asked for
 * is put aside for those that are about that one; the second time it is empty.
 */
function askedLines(spec: SiteSpec): string[] {
  const { maintenance, hotlink, redirects } = spec.behaviour;
  const isNeeded =
    maintenance.isOn || hotlink.isOn || redirects.some(({ isEnabled }) => isEnabled) || hasRewrites(spec);
  if (!isNeeded) return [];
  return [
    'set $aapanel_uri "";',
    'if ($aapanel_asked = "") {',
    '    set $aapanel_uri $uri;',
    '}',
    'set $aapanel_asked 1;',
  ];
}

/** What counts already where visitors are only sent on to HTTPS: headers, that the site is closed, and what is written down. */
export function beforeHttps(spec: SiteSpec): SiteSpec {
  const { security, headers, maintenance, accessLog } = spec.behaviour;
  const behaviour = { ...defaultSettings.behaviour, security, headers, maintenance, accessLog };
  return { ...spec, kind: 'static', php: null, upstream: null, behaviour };
}

/**
 * What is left of a site that is switched off: its names, its certificate, its headers and its page. No rule of its own is
 * asked and no program reached; what was wrong in it cannot keep it from being switched off.
 */
export function whileOff(spec: SiteSpec): SiteSpec {
  const { security, headers, accessLog } = spec.behaviour;
  const behaviour = { ...defaultSettings.behaviour, security, headers, accessLog };
  // Names that nobody has are another site's to answer, or nobody's.
  const reach = { ...spec.reach, isDefault: false };
  return {
    ...spec,
    kind: 'static',
    php: null,
    app: null,
    deploy: null,
    upstream: null,
    customDirectives: '',
    behaviour,
    reach,
  };
}

export function behaviourLocations(spec: SiteSpec, custom: readonly Directive[]): string[] {
  return [...proxyLocations(spec, custom), ...pageLocations(spec), ...closingLocation(spec)];
}
