import { domainToUnicode } from 'node:url';
import type { z } from 'zod';
import { AppError, type FieldError } from '#shared/errors.ts';
import {
  formatDomain,
  parseDomain,
  parseUpstream,
  wwwroot,
  type siteWarning,
  type SiteDomain,
  type SiteFacts,
} from '#shared/sites.ts';

export type SiteWarning = z.output<typeof siteWarning>;

type Read<T> = { readonly value: T; readonly warnings: SiteWarning[] };

/** Longest slug: `shared/agent/sites.ts`. */
const maxSlugLength = 120;

export function refuseFields(fields: FieldError[]): AppError {
  return new AppError('invalid_request', 'Some fields are not valid.', { fields });
}

/** What people typed as the names nginx sees. Throws `invalid_request` with every wrong one (`domains.<index>`). */
export function readDomains(inputs: readonly string[]): Read<SiteDomain[]> {
  const fields: FieldError[] = [];
  const domains: SiteDomain[] = [];
  const seen = new Set<string>();
  inputs.forEach((input, index) => {
    const field = `domains.${index}`;
    const parsed = parseDomain(input);
    if (!parsed.ok || isBrokenPunycode(parsed.domain.host)) {
      fields.push({ field, code: parsed.ok ? 'domain_invalid' : parsed.code });
      return;
    }
    const text = formatDomain(parsed.domain);
    if (seen.has(text)) fields.push({ field, code: 'domain_repeated', params: { domain: text } });
    seen.add(text);
    domains.push(parsed.domain);
  });
  if (fields.length > 0) throw refuseFields(fields);
  const isLookalike = domains.some(({ host }) => isLookalikeHost(host));
  return { value: domains, warnings: isLookalike ? ['lookalike_domain'] : [] };
}

/** The URL parser lets ASCII names through unread; one that cannot be decoded is nobody's name. */
function isBrokenPunycode(host: string): boolean {
  return domainToUnicode(host.replace(/^\*\./, ''))
    .split('.')
    .some((label) => label.startsWith('xn--'));
}

export function readUpstream(input: { url: string; isWebsocket: boolean }): Read<NonNullable<SiteFacts['upstream']>> {
  const parsed = parseUpstream(input.url);
  if (!parsed.ok) throw refuseFields([{ field: 'upstream.url', code: parsed.code }]);
  const { url, isMetadataAddress } = parsed.upstream;
  return {
    value: { url, isWebsocket: input.isWebsocket },
    warnings: isMetadataAddress || isMetadataHost(url) ? ['metadata_address'] : [],
  };
}

/** Names and spellings of the metadata services that an address range does not catch. */
function isMetadataHost(url: string): boolean {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return (
    ['metadata.google.internal', 'metadata', '100.100.100.200', '168.63.129.16', '192.0.0.192'].includes(host) ||
    host.startsWith('::ffff:a9fe:')
  );
}

/** The folder without doubled and trailing slashes, below the folder of all sites. */
export function readRoot(input: string): string {
  const root = input.replaceAll(/\/+/g, '/').replace(/\/$/, '');
  if (!root.startsWith(`${wwwroot}/`)) throw refuseFields([{ field: 'root', code: 'root_outside' }]);
  return root;
}

/** File name part from the first domain: `*.a.com` becomes `_wildcard.a.com`. */
export function slugOf(domain: SiteDomain): string {
  return domain.host
    .replace(/^\*\./, '_wildcard.')
    .slice(0, maxSlugLength - 1)
    .replace(/[.-]+$/, '');
}

/** `slug`, `slug-2`, `slug-3` …: never longer than a slug may be. */
export function numberedSlug(slug: string, number: number): string {
  if (number === 1) return slug;
  const suffix = `-${number}`;
  return slug.slice(0, maxSlugLength - suffix.length) + suffix;
}

const scripts = {
  latin: /\p{Script=Latin}/u,
  cyrillic: /\p{Script=Cyrillic}/u,
  greek: /\p{Script=Greek}/u,
  arabic: /\p{Script=Arabic}/u,
  hebrew: /\p{Script=Hebrew}/u,
  armenian: /\p{Script=Armenian}/u,
  cherokee: /\p{Script=Cherokee}/u,
  // Chinese, Japanese and Korean mix among themselves and with Latin by habit.
  han: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u,
};

/** What a site is called unless somebody names it: as people write it, but never in letters that could deceive. */
export function displayName(domain: SiteDomain): string {
  const isDeceptive = isLookalikeHost(domain.host);
  const host = isDeceptive ? domain.host : domainToUnicode(domain.host.replace(/^\*\./, ''));
  const star = !isDeceptive && domain.host.startsWith('*.') ? '*.' : '';
  return formatDomain({ host: `${star}${host}`, port: domain.port });
}

/** Letters of other scripts that look like a Latin one: a label of these alone reads as Latin. */
const latinTwins = /^[аеорсухіјѕԁһԛԝвкмнтгпբցօսοανρυικχτβηγε0-9-]+$/u;

/** A name whose letters can be taken for others: several scripts in one label, or a label of Latin twins only. */
export function isLookalikeHost(host: string): boolean {
  return domainToUnicode(host.replace(/^\*\./, ''))
    .split('.')
    .some((label) => {
      if (/^[\u0000-\u007f]*$/.test(label)) return false;
      const used = Object.entries(scripts).filter(([, pattern]) => pattern.test(label));
      const isEastAsian = used.every(([name]) => name === 'han' || name === 'latin');
      return (used.length > 1 && !isEastAsian) || latinTwins.test(label);
    });
}
