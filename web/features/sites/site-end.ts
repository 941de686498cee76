import type { ListedSite } from '#shared/sites.ts';

const soonMs = 14 * 24 * 60 * 60 * 1000;

/** Whether the time of a site is over or nearly; undefined: neither. */
export function endOf(
  { reach: { endsAt } }: Pick<ListedSite, 'reach'>,
  now = Date.now(),
): 'ended' | 'soon' | undefined {
  if (endsAt === null) return undefined;
  const left = Date.parse(endsAt) - now;
  if (left <= 0) return 'ended';
  return left <= soonMs ? 'soon' : undefined;
}
