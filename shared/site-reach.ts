import { z } from 'zod';
import { pageText } from './behaviour/pages.ts';
import { networkRange } from './behaviour/words.ts';
import { instant } from './http.ts';

/** Headers in which a server in front says whose request it passes on. */
export const frontHeaders = ['X-Forwarded-For', 'X-Real-IP'] as const;

/**
 * What Cloudflare's servers have as addresses, as published on cloudflare.com/ips; unchanged since 2021. Only from these is
 * its header believed.
 */
export const cloudflareRanges = [
  '173.245.48.0/20',
  '103.21.244.0/22',
  '103.22.200.0/22',
  '103.31.4.0/22',
  '141.101.64.0/18',
  '108.162.192.0/18',
  '190.93.240.0/20',
  '188.114.96.0/20',
  '197.234.240.0/22',
  '198.41.128.0/17',
  '162.158.0.0/15',
  '104.16.0.0/13',
  '104.24.0.0/14',
  '172.64.0.0/13',
  '131.0.72.0/22',
  '2400:cb00::/32',
  '2606:4700::/32',
  '2803:f800::/32',
  '2405:b500::/32',
  '2405:8100::/32',
  '2a06:98c0::/29',
  '2c0f:f248::/32',
] as const;

/** Whoever is in the range may say that he is anybody: a whole half of the internet never is somebody's own server. */
const narrowRange = networkRange.refine(
  (range) => {
    const [address = '', bits] = range.split('/');
    return bits === undefined || Number(bits) >= (address.includes(':') ? 16 : 8);
  },
  { error: 'front_range_wide' },
);

/** Servers through which visitors come; null: they come themselves. */
export const siteFront = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('cloudflare') }),
    z.strictObject({
      kind: z.literal('own'),
      ranges: z.array(narrowRange).min(1, { error: 'required' }).max(100),
      header: z.enum(frontHeaders),
    }),
  ])
  .nullable();
export type SiteFront = z.infer<typeof siteFront>;

/** Words of the owner for a page of nginx's; both empty: the words of the panel, in Arabic and English. */
const pageWords = z.strictObject({ title: pageText(100).default(''), text: pageText(600).default('') });
export type PageWords = z.infer<typeof pageWords>;

/** By which ways and until when visitors come to a site, beside its names. */
export const siteReach = z.strictObject({
  /** Answers the names that no site has. One site of a server at most. */
  isDefault: z.boolean().default(false),
  front: siteFront.default(null),
  /** From then on nginx answers that the site has ended; null: never. */
  endsAt: instant.nullable().default(null),
  /** What visitors read then. */
  page: pageWords.prefault({}),
  /** What they read while the site is switched off. */
  offPage: pageWords.prefault({}),
});
export type SiteReach = z.infer<typeof siteReach>;
