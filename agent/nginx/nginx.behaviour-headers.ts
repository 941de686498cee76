import type { SiteSpec } from '#shared/agent/sites.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import { alternatives, modulesBehind } from './nginx.behaviour-parts.ts';
import { keepsAnswers } from './nginx.behaviour-proxy-cache.ts';
import type { Directive } from './nginx.tokens.ts';
import { pattern, template, word } from './nginx.words.ts';

type Header = { readonly name: string; readonly value: string };

/** Headers that every answer has, errors and redirects too. */
export function headerLines(spec: SiteSpec, custom: readonly Directive[]): string[] {
  const own = customHeaders(custom);
  const { headers } = spec.behaviour;
  const named = new Set(headers.map(({ name }) => name.toLowerCase()));
  const list = [
    ...securityHeaders(spec)
      .filter(({ name }) => !named.has(name.toLowerCase()))
      .map(({ name, value }) => ({ name, value: word(value) })),
    ...headers.map(({ name, value }) => ({ name, value: word(value) })),
    ...cacheHeaders(spec).filter(({ name }) => !named.has(name.toLowerCase())),
    ...corsHeaders(spec),
    ...(spec.behaviour.maintenance.isOn ? [{ name: 'Retry-After', value: '$aapanel_retry' }] : []),
  ].filter(({ name }) => !own.has(name.toLowerCase()));
  return [
    ...list.map(({ name, value }) => `add_header ${word(name)} ${value} always;`),
    // One answer has each of them once: ours, not also the one of the application behind.
    ...modulesBehind(spec).flatMap((module) =>
      list
        .filter(({ name }) => name !== 'Vary' && name !== 'Retry-After')
        .map(({ name }) => `${module}_hide_header ${word(name)};`),
    ),
  ];
}

function customHeaders(custom: readonly Directive[]): ReadonlySet<string> {
  const lines = custom.filter(({ name, block }) => name === 'add_header' && block === null);
  return new Set(lines.map(({ args }) => (args[0] ?? '').toLowerCase()));
}

function securityHeaders({ behaviour }: SiteSpec): Header[] {
  const { isNosniff, frame, referrer, permissions, contentPolicy } = behaviour.security;
  return [
    ...(isNosniff ? [{ name: 'X-Content-Type-Options', value: 'nosniff' }] : []),
    ...(frame === 'off' ? [] : [{ name: 'X-Frame-Options', value: frame.toUpperCase() }]),
    ...(referrer === 'off' ? [] : [{ name: 'Referrer-Policy', value: referrer }]),
    ...(permissions === '' ? [] : [{ name: 'Permissions-Policy', value: permissions }]),
    ...(contentPolicy === '' ? [] : [{ name: 'Content-Security-Policy', value: contentPolicy }]),
  ];
}

/** Empty, and so left out, where nothing is kept. */
function cacheHeaders(spec: SiteSpec): Header[] {
  const isShown = keepsAnswers(spec) && spec.behaviour.proxyCache.isStatusShown;
  return isShown ? [{ name: 'X-Cache-Status', value: '$upstream_cache_status' }] : [];
}

/** nginx leaves a header out whose value is empty: so only the origins of the list are answered. */
function corsHeaders({ behaviour }: SiteSpec): Header[] {
  const { origins, headers, hasCredentials } = behaviour.cors;
  if (origins.length === 0) return [];
  return [
    { name: 'Access-Control-Allow-Origin', value: '$aapanel_origin' },
    ...(hasCredentials ? [{ name: 'Access-Control-Allow-Credentials', value: '$aapanel_credentials' }] : []),
    { name: 'Access-Control-Allow-Methods', value: '$aapanel_methods' },
    ...(headers.length > 0 ? [{ name: 'Access-Control-Allow-Headers', value: '$aapanel_headers' }] : []),
    { name: 'Access-Control-Max-Age', value: '$aapanel_max_age' },
    ...(origins[0] === '*' ? [] : [{ name: 'Vary', value: 'Origin' }]),
  ];
}

/** Which origin asks, and the answer to the question that browsers send before the request itself. */
export function corsRules({ behaviour }: SiteSpec): string[] {
  const { origins, methods, headers, hasCredentials, maxAgeSeconds } = behaviour.cors;
  if (origins.length === 0) return [];
  const isAny = origins[0] === '*';
  const own = isAny ? ['.'] : alternatives(origins.map(originPattern)).map((each) => `^(?:${each})$`);
  return [
    'set $aapanel_origin "";',
    ...(hasCredentials ? ['set $aapanel_credentials "";'] : []),
    'set $aapanel_methods "";',
    ...(headers.length > 0 ? ['set $aapanel_headers "";'] : []),
    'set $aapanel_max_age "";',
    'set $aapanel_preflight "";',
    ...own.flatMap((each) => [
      `if ($http_origin ~ ${pattern(each)}) {`,
      `    set $aapanel_origin ${isAny ? '*' : '$http_origin'};`,
      ...(hasCredentials ? ['    set $aapanel_credentials true;'] : []),
      `    set $aapanel_preflight ${template('$request_method $http_access_control_request_method')};`,
      '}',
    ]),
    'if ($aapanel_preflight ~ "^OPTIONS [A-Z]") {',
    `    set $aapanel_methods ${word(methods.length === 0 ? 'GET, HEAD' : methods.join(', '))};`,
    ...(headers.length > 0 ? [`    set $aapanel_headers ${word(headers.join(', ').slice(0, 4_000))};`] : []),
    `    set $aapanel_max_age ${maxAgeSeconds};`,
    '    return 204;',
    '}',
  ];
}

function originPattern(origin: string): string {
  return escapePattern(origin).replace('\\*', '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?');
}
