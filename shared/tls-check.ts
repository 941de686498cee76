import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';
import { hostPattern } from './site-domains.ts';

/** Versions that a check offers. */
export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** What can be wrong, the worst first. */
export const tlsFindings = [
  'unreachable',
  'expired',
  'revoked',
  'self_signed',
  'untrusted',
  'incomplete_chain',
  'wrong_name',
  'no_modern_version',
  'old_versions',
  'ends_soon',
  'no_tls13',
  'no_hsts',
  'revocation_unknown',
] as const;
export type TlsFinding = (typeof tlsFindings)[number];

/** Findings that a check fails for; the others are advice. */
export const failingFindings: readonly TlsFinding[] = tlsFindings.slice(0, tlsFindings.indexOf('no_tls13'));

/** What the authority says of a certificate; `unknown`: it could not be asked, or said nothing that may be believed. */
export const revocations = ['good', 'revoked', 'unknown'] as const;
export type Revocation = (typeof revocations)[number];

/** null in a report: nobody answers there. */
export const tlsGrades = ['A+', 'A', 'B', 'C', 'F'] as const;

/** What stands at an address, as a visitor's program meets it. */
export const tlsReport = z.object({
  host: z.string(),
  port: z.int(),
  /** The address that was asked; null: the name has none. */
  address: z.string().nullable(),
  checkedAt: instant,
  grade: z.enum(tlsGrades).nullable(),
  findings: z.array(z.enum(tlsFindings)),
  /** Versions that are agreed on. */
  versions: z.array(z.enum(tlsVersions)),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      validUntil: instant,
      daysLeft: z.int(),
      keyKind: z.string(),
      fingerprint: z.string(),
      chainLength: z.int(),
    })
    .nullable(),
  /** OpenSSL's word for why the chain is not trusted; null: trusted. */
  distrust: z.string().nullable(),
  hsts: z.string().nullable(),
  /** By OCSP; null: the certificate names nobody to ask. */
  revocation: z.enum(revocations).nullable(),
});
export type TlsReport = z.infer<typeof tlsReport>;

/** Where servers speak TLS from the first byte: a check of these is of use, and a scan of others is not made with it. */
export const checkedPorts = [443, 465, 636, 853, 989, 990, 993, 995, 2053, 2083, 2087, 2096, 5061, 8443] as const;

export const tlsChecksApi = {
  /** Only public addresses and ports of TLS; few a minute. `tls_check_address` otherwise. */
  checkHost: {
    id: 'checkTls',
    method: 'POST',
    path: '/api/v1/tls-checks',
    access: 'certificates.write',
    summary: 'Check HTTPS of any public host: versions, certificate, grade and findings',
    body: z.strictObject({
      host: z.string().max(253).regex(hostPattern, { error: 'domain_invalid' }),
      port: z
        .int()
        .refine((port) => checkedPorts.some((each) => each === port), { error: 'tls_check_port' })
        .default(443),
    }),
    response: tlsReport,
  },
  /** As this server answers for the first name of the site, whatever DNS says of it. */
  checkSite: {
    id: 'checkSiteTls',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/tls-check',
    access: 'sites.read',
    summary: 'Check HTTPS of a site as this server answers it',
    params: z.object({ siteId: id }),
    response: tlsReport,
  },
} as const satisfies Record<string, Operation>;
