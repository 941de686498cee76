import type { SiteSpec } from '#shared/agent/sites.ts';
import { servedRoot } from '#shared/behaviour/served-folder.ts';
import { readTarget } from '#shared/behaviour/redirects.ts';
import { presetOf } from '#shared/behaviour/rewrite-preset-facts.ts';
import { alternatives, belowPattern, suffixPattern } from './nginx.behaviour-parts.ts';
import { pattern, template } from './nginx.words.ts';

/** The site's own rules, then those of its preset. */
export function rewriteRules(spec: SiteSpec): string[] {
  const { kind, behaviour } = spec;
  const { preset, rules } = behaviour.rewrites;
  const known = kind === 'php' ? (presetOf(preset, servedRoot(spec))?.rules ?? []) : [];
  const all = [
    ...rules.filter(({ isEnabled }) => isEnabled),
    ...known.map(([path, target, isOnlyMissing]) => ({ path, target, isOnlyMissing })),
  ];
  const needsLack = all.some(({ isOnlyMissing }) => isOnlyMissing);
  return [
    ...(needsLack
      ? ['set $aapanel_lack "";', 'if (!-e $request_filename) {', '    set $aapanel_lack $aapanel_uri;', '}']
      : []),
    ...all.flatMap(({ path, target, isOnlyMissing }) => [
      `if (${isOnlyMissing ? '$aapanel_lack' : '$aapanel_uri'} ~ "^/") {`,
      `    rewrite ${pattern(path)} ${template(innerTarget(target))} last;`,
      '}',
    ]),
  ];
}

/** nginx has decoded its own path; what stands behind the `?` goes on as an address. */
function innerTarget(target: string): string {
  return target.replace(/\?.*$/s, '') + (readTarget(target)?.query ?? '');
}

/** What nobody reads of a known application. */
export function presetRules(spec: SiteSpec): string[] {
  const { kind, behaviour } = spec;
  if (kind !== 'php') return [];
  const { closed = [], closedSuffixes = [] } = presetOf(behaviour.rewrites.preset, servedRoot(spec)) ?? {};
  const patterns = [
    ...alternatives(closed.map(belowPattern)).map((each) => `^(?:${each})`),
    ...(closedSuffixes.length === 0 ? [] : [`${suffixPattern(closedSuffixes)}(?:/|$)`]),
  ];
  return patterns.flatMap((each) => [`if ($uri ~* ${pattern(each)}) {`, '    return 403;', '}']);
}

export function hasRewrites({ kind, behaviour }: SiteSpec): boolean {
  const { preset, rules } = behaviour.rewrites;
  return rules.some(({ isEnabled }) => isEnabled) || (kind === 'php' && preset !== 'none');
}
