import { settingNames } from '#shared/site-settings.ts';
import type { Site } from '#shared/sites.ts';
import { toApiError } from '../../api/errors.ts';

/** Why a change was refused, as far as the person can do something about it here. */
export type Refusal = 'changed_meanwhile' | 'by_hand' | 'other';

export function refusalOf(error: unknown): Refusal {
  const { code, reason } = toApiError(error);
  if (reason === 'site_drift' || reason === 'site_adopted') return 'by_hand';
  return code === 'changed_meanwhile' ? 'changed_meanwhile' : 'other';
}

/** Facts that others changed between what the person saw and what is there now; the touched ones first. */
export function changedFacts(seen: Site, present: Site, touched: readonly string[]): string[] {
  const facts = ['name', 'remark', 'category', 'domains', 'isEnabled', 'root', 'upstream', 'customDirectives'] as const;
  const names = [...facts, ...settingNames] as const;
  const changed = names.filter((name) => JSON.stringify(seen[name]) !== JSON.stringify(present[name]));
  return [...changed.filter((name) => touched.includes(name)), ...changed.filter((name) => !touched.includes(name))];
}

/**
 * The revision that a change counts from: of what the person saw. A refused change raises it and leaves every fact as
 * it was: then the present one, or the person's own next try would meet "changed meanwhile".
 */
export function seenRevision(seen: Site, present: Site): number {
  return changedFacts(seen, present, []).length === 0 ? present.revision : seen.revision;
}
