import { z } from 'zod';
import { id } from './http.ts';

/** Mozilla's profiles: `intermediate` is TLS 1.2 and 1.3, `modern` TLS 1.3 alone. */
export const tlsProfiles = ['intermediate', 'modern'] as const;
export type TlsProfile = (typeof tlsProfiles)[number];

/** How long browsers remember to come over HTTPS only, in seconds: a day, 30 days, two years. Meant to be taken in order. */
export const hstsSteps = [86_400, 2_592_000, 63_072_000] as const;

const hsts = z
  .strictObject({
    maxAgeSeconds: z.literal([...hstsSteps]),
    includesSubdomains: z.boolean().default(false),
    /** Asks for a place in the lists that browsers are delivered with: two years and subdomains are its conditions. */
    isPreload: z.boolean().default(false),
  })
  .refine(({ isPreload, maxAgeSeconds, includesSubdomains }) => {
    return !isPreload || (includesSubdomains && maxAgeSeconds === hstsSteps[2]);
  }, 'hsts_preload_conditions');

/** HTTPS of a site whatever its certificate. */
export const tlsSettings = z.strictObject({
  profile: z.enum(tlsProfiles).default('intermediate'),
  /** Whoever comes over HTTP is sent to HTTPS; the path of challenges is not. */
  isForced: z.boolean().default(false),
  isHttp2: z.boolean().default(true),
  /** Over QUIC (UDP) besides; only where the installed nginx can. */
  isHttp3: z.boolean().default(false),
  hsts: hsts.nullable().default(null),
});

/** HTTPS of a site; null: it answers over HTTP alone. */
export const siteTls = z
  .strictObject({
    /** Of the machine's shelf of certificates. */
    certificateId: id,
    ...tlsSettings.shape,
  })
  .nullable();
export type SiteTls = z.infer<typeof siteTls>;

/** What a site begins with when it gets its first certificate. */
export const defaultTls = {
  profile: 'intermediate',
  isForced: false,
  isHttp2: true,
  isHttp3: false,
  hsts: null,
} as const;

/** True when a certificate's name (`example.com`, `*.example.com`) is good for a host; a wildcard reaches one label far. */
export function isNameFor(name: string, host: string): boolean {
  const own = name.toLowerCase();
  if (own === host) return true;
  // A wildcard of the site is only covered by the same wildcard.
  if (!own.startsWith('*.') || host.startsWith('*.')) return false;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot + 1) === own.slice(2);
}

/**
 * Hosts of a site that can be proven to an authority, each once. Over port 80 no wildcard can; by records all can, and what a
 * wildcard reaches is not named besides, since authorities refuse that.
 */
export function provableHosts(
  domains: readonly { readonly host: string; readonly port: number }[],
  kind: 'http' | 'dns' | 'manual',
  { http, https }: { readonly http: number; readonly https: number } = { http: 80, https: 443 },
): string[] {
  const ports = kind === 'http' ? [http] : [http, https];
  const hosts = [...new Set(domains.filter(({ port }) => ports.includes(port)).map(({ host }) => host))];
  const wild = hosts.filter((host) => host.startsWith('*.'));
  if (kind === 'http') return hosts.filter((host) => !wild.includes(host));
  return hosts.filter((host) => wild.includes(host) || !wild.some((name) => isNameFor(name, host)));
}

/** Hosts for which none of a certificate's names is good, each once. */
export function uncoveredHosts(names: readonly string[], hosts: readonly string[]): string[] {
  return [...new Set(hosts)].filter((host) => !names.some((name) => isNameFor(name, host)));
}
