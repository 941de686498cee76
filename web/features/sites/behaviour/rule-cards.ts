import {
  IconArrowsExchange,
  IconFileText,
  IconFileZip,
  IconGauge,
  IconMessage2Code,
  IconRoute,
  IconShieldLock,
  IconTool,
  IconTransform,
  type Icon,
} from '@tabler/icons-react';
import { defaultBehaviour, type SiteBehaviour } from '#shared/site-behaviour.ts';

export type RulePart = keyof SiteBehaviour;

/** Parts of a site's behaviour that are edited and saved together. */
export const ruleCards = [
  { key: 'redirects', icon: IconArrowsExchange, parts: ['mainHost', 'redirects'] },
  { key: 'rewrites', icon: IconTransform, parts: ['rewrites'] },
  { key: 'headers', icon: IconMessage2Code, parts: ['security', 'headers', 'cors'] },
  { key: 'access', icon: IconShieldLock, parts: ['passwords', 'access'] },
  { key: 'proxies', icon: IconRoute, parts: ['forward', 'proxies', 'proxyCache'] },
  { key: 'pages', icon: IconTool, parts: ['maintenance', 'errorPages'] },
  { key: 'limits', icon: IconGauge, parts: ['limits'] },
  {
    key: 'files',
    icon: IconFileZip,
    parts: ['servedFolder', 'index', 'cache', 'compression', 'hotlink', 'isListingOn', 'fallback'],
  },
  { key: 'log', icon: IconFileText, parts: ['accessLog'] },
] as const satisfies readonly { key: string; icon: Icon; parts: readonly RulePart[] }[];

export type RuleCardFacts = (typeof ruleCards)[number];

export function isPartSame(one: SiteBehaviour, other: SiteBehaviour, parts: readonly RulePart[]): boolean {
  return parts.every((part) => JSON.stringify(one[part]) === JSON.stringify(other[part]));
}

export function isUntouched(behaviour: SiteBehaviour, parts: readonly RulePart[]): boolean {
  return isPartSame(behaviour, defaultBehaviour, parts);
}

/** The parts of one card in place of what is there now: what others saved meanwhile stays. */
export function withParts(present: SiteBehaviour, draft: SiteBehaviour, parts: readonly RulePart[]): SiteBehaviour {
  return { ...present, ...Object.fromEntries(parts.map((part) => [part, draft[part]])) };
}
