import { formatDomain, parseDomain, type SiteDomain } from '#shared/sites.ts';

export const maxDomains = 100;

/** One name of the field: what was typed, and what it means or why it means nothing. */
export type DomainLine = {
  readonly typed: string;
  readonly domain: SiteDomain | null;
  /** Key of `errors.fields` with its values. */
  readonly problem: { readonly code: string; readonly params: Readonly<Record<string, string | number>> } | null;
};

/**
 * The names of a field, one per line; commas and spaces part them too. An address pasted from a browser is taken for the
 * name in it. `present` are names that the site has already.
 */
export function readDomainLines(text: string, present: readonly SiteDomain[] = []): DomainLine[] {
  const seen = new Set(present.map(formatDomain));
  return text
    .split(/[\s,،]+/)
    .filter((word) => word !== '')
    .map((typed, index): DomainLine => {
      const parsed = parseDomain(nameOf(typed));
      if (!parsed.ok) return { typed, domain: null, problem: { code: parsed.code, params: {} } };
      const { domain } = parsed;
      const name = formatDomain(domain);
      if (seen.has(name)) return { typed, domain, problem: { code: 'domain_repeated', params: { domain: name } } };
      seen.add(name);
      const isTooMany = present.length + index >= maxDomains;
      return { typed, domain, problem: isTooMany ? { code: 'too_many', params: { max: maxDomains } } : null };
    });
}

function nameOf(typed: string): string {
  return typed.replace(/^https?:\/\//i, '').replace(/\/$/, '');
}

/** One name per line: what the field of another site reads again. */
export function textOfDomains(domains: readonly SiteDomain[]): string {
  return domains.map((domain) => `${formatDomain(domain)}\n`).join('');
}

/** The names to send; undefined while one of them is wrong or there is none. */
export function domainsOf(lines: readonly DomainLine[]): string[] | undefined {
  const names = lines.flatMap(({ domain, problem }) =>
    domain === null || problem !== null ? [] : [formatDomain(domain)],
  );
  return names.length === 0 || names.length < lines.length ? undefined : names;
}
