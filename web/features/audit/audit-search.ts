/** How a line can end, most common first. */
export const auditOutcomes = ['done', 'refused', 'failed', 'started'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** What the log shows, kept in its address. Days are the reader's own. */
export type AuditSearch = {
  readonly action?: string;
  readonly actor?: string;
  readonly outcome?: AuditOutcome;
  readonly search?: string;
  /** First and last day, `2026-03-01`. */
  readonly from?: string;
  readonly to?: string;
  readonly page?: number;
};

const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** Takes what fits from an address; the rest is left out. */
export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  const text = (name: string, max: number): { [K in string]?: string } => {
    const value = raw[name];
    return typeof value === 'string' && value !== '' ? { [name]: value.slice(0, max) } : {};
  };
  const dayOf = (name: string): { [K in string]?: string } => {
    const value = raw[name];
    return typeof value === 'string' && day.test(value) ? { [name]: value } : {};
  };
  const outcome = auditOutcomes.find((each) => each === raw['outcome']);
  const page = Number(raw['page']);
  return {
    ...text('action', 60),
    ...text('actor', 128),
    ...(outcome === undefined ? {} : { outcome }),
    ...text('search', 200),
    ...dayOf('from'),
    ...dayOf('to'),
    ...(Number.isInteger(page) && page > 1 && page <= 1_000_000 ? { page } : {}),
  };
}
