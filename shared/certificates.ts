import { z } from 'zod';
import { absolutePath } from './absolute-path.ts';
import { revocationReasons } from './certificate-revocation.ts';
import { certificateTrouble } from './certificate-trouble.ts';
import { job } from './jobs.ts';
import { id, instant, line, pageOf, pageQuery, type Operation } from './http.ts';

/** Where a certificate came from: somebody brought it, an authority issued it to the panel, or another tool keeps its files. */
export const certificateSources = ['own', 'acme', 'files'] as const;

export const keyKinds = ['ecdsa', 'rsa'] as const;

/** A contact for the authority: empty, or an address without blanks. */
export const contactEmail = z
  .string()
  .max(200)
  .regex(/^$|^[^\s@,-][^\s@,]*@[A-Za-z0-9.-]+$/, { error: 'email_invalid' });

/**
 * How names are proven to the authority: by a file that it reads over port 80, or by a record that an account writes into
 * the DNS, or by one that a person puts there. Only records prove wildcards, and sites that nobody reaches over port 80.
 */
export const certificateProof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('http') }),
  z.strictObject({ kind: z.literal('dns'), accountId: id }),
  z.strictObject({ kind: z.literal('manual') }),
]);
export type CertificateProof = z.infer<typeof certificateProof>;

const orderFailure = z.object({ reason: z.string(), params: z.record(z.string(), z.string()) });

/** An order at the authority. */
export const certificateOrder = z.object({
  certificateId: id,
  state: z.enum(['running', 'succeeded', 'failed']),
  failure: orderFailure.nullable(),
  /** For records that somebody has to put into the DNS: for hours, if need be. */
  isWaiting: z.boolean().default(false),
});
export type CertificateOrder = z.infer<typeof certificateOrder>;

/** Why a certificate that the panel ordered does not renew itself: nobody would answer for its names, or a person has to. */
export const stoppedRenewals = ['site_gone', 'site_off', 'names_gone', 'not_of_panel', 'by_hand', 'revoked'] as const;
export type StoppedRenewal = (typeof stoppedRenewals)[number];

/** One certificate of the machine's shelf, without its key. */
export const certificate = z.object({
  id,
  name: z.string(),
  source: z.enum(certificateSources),
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  validFrom: instant,
  validUntil: instant,
  serial: z.string(),
  /** SHA-256, colon-separated hex, as browsers show it. */
  fingerprint: z.string(),
  /** `P-256`, `RSA 2048` … */
  keyKind: z.string(),
  isSelfSigned: z.boolean(),
  /** The panel itself shows it. */
  isOfPanel: z.boolean(),
  /** Whether its chain leads to an authority that browsers or this machine know; null: not looked at. */
  hasKnownRoot: z.boolean().nullable(),
  addedAt: instant,
  /** When the present version took its place. */
  changedAt: instant,
  /** Of one that the panel ordered: when it is renewed, and how the last try ended. */
  renewal: z
    .object({
      nextAt: instant,
      lastAt: instant.nullable(),
      failure: orderFailure.nullable(),
      stopped: z.enum(stoppedRenewals).nullable(),
    })
    .nullable(),
  /** Its present version was taken back at the authority: browsers that ask refuse it. */
  revoked: z.object({ at: instant, reason: z.enum(revocationReasons) }).nullable(),
  /** Of one whose files another tool keeps: where they lie, and why they were not taken up when they changed. */
  files: z
    .object({
      certificatePath: z.string(),
      keyPath: z.string(),
      /** `why`: a key of `errors.certificate`. */
      fault: z.object({ why: z.string(), at: instant }).nullable(),
    })
    .nullable(),
  /** What stands against it while a site is served with it. */
  trouble: certificateTrouble.nullable(),
});

/** The sites that are served with it, as far as the reader sees them. */
const withSites = certificate.extend({ sites: z.array(z.object({ id, name: z.string() })) });
export type Certificate = z.infer<typeof withSites>;

export const pemChain = z
  .string()
  .min(1)
  .max(64 * 1024);
export const pemKey = z
  .string()
  .min(1)
  .max(32 * 1024);

export const certificateImport = z.strictObject({ name: line(100).default(''), certificate: pemChain, key: pemKey });

/** Files of another tool on this machine, such as `/etc/letsencrypt/live/example.com/fullchain.pem`. */
export const certificateFiles = z.strictObject({
  name: line(100).default(''),
  certificatePath: absolutePath,
  keyPath: absolutePath,
});

/** A certificate that something stands against, for the notifications of the panel. */
export const troubledCertificate = certificateTrouble.extend({ certificateId: id, name: z.string() });
export type TroubledCertificate = z.infer<typeof troubledCertificate>;

const certificateParams = z.object({ certificateId: id });
const base = '/api/v1/certificates';

export const certificatesApi = {
  list: {
    id: 'listCertificates',
    method: 'GET',
    path: base,
    access: 'certificates.read',
    summary: 'Certificates for sites, those that end first before the others',
    query: pageQuery.extend({ search: line(200).optional() }),
    response: pageOf(withSites),
  },
  /** Empty for whoever may not see every site, and while the agent is away: asked by every page. */
  troubles: {
    id: 'listCertificateTroubles',
    method: 'GET',
    path: `${base}/troubles`,
    access: 'certificates.read',
    summary: 'Certificates that end soon or whose renewal fails',
    response: z.object({ items: z.array(troubledCertificate) }),
  },
  /** Chain and key as PEM, the certificates in any order. `site_certificate_invalid` says what is wrong. */
  import: {
    id: 'importCertificate',
    method: 'POST',
    path: base,
    access: 'certificates.write',
    summary: 'Put a certificate of your own on the shelf',
    body: certificateImport,
    response: withSites,
    status: 201,
  },
  /** Elevated. Only files that nobody but root may change: `file_not_roots`. */
  watch: {
    id: 'watchCertificateFiles',
    method: 'POST',
    path: `${base}/files`,
    access: 'certificates.write',
    summary: 'Serve sites with files that another tool keeps, and with new ones as soon as they can be used',
    body: certificateFiles,
    response: withSites,
    status: 201,
  },
  get: {
    id: 'getCertificate',
    method: 'GET',
    path: `${base}/{certificateId}`,
    access: 'certificates.read',
    summary: 'A certificate with its chain',
    params: certificateParams,
    response: withSites.extend({ chain: z.string() }),
  },
  /** Sites that use it serve the new one when this answers; otherwise the old one stays everywhere. */
  replace: {
    id: 'replaceCertificate',
    method: 'PUT',
    path: `${base}/{certificateId}`,
    access: 'certificates.write',
    summary: 'Put another chain and key in the place of a certificate of your own',
    params: certificateParams,
    body: certificateImport.omit({ name: true }),
    response: withSites,
  },
  /** Elevated. */
  exportKey: {
    id: 'exportCertificateKey',
    method: 'POST',
    path: `${base}/{certificateId}/key`,
    access: 'certificates.write',
    summary: 'The private key of a certificate',
    params: certificateParams,
    response: z.object({ key: z.string() }),
  },
  renew: {
    id: 'renewCertificate',
    method: 'POST',
    path: `${base}/{certificateId}/renewal`,
    access: 'certificates.write',
    summary: 'Renew an issued certificate now, as a job',
    params: certificateParams,
    response: job,
    status: 202,
  },
  /** Elevated. For good: no authority takes it back. Sites that are served with it get a new one by the next renewal. */
  revoke: {
    id: 'revokeCertificate',
    method: 'POST',
    path: `${base}/{certificateId}/revocation`,
    access: 'certificates.write',
    summary: 'Take an issued certificate back at the authority, as a job',
    params: certificateParams,
    body: z.strictObject({ reason: z.enum(revocationReasons) }),
    response: job,
    status: 202,
  },
  /** 409 `certificate_in_use` while a site is served with it. */
  remove: {
    id: 'deleteCertificate',
    method: 'DELETE',
    path: `${base}/{certificateId}`,
    access: 'certificates.write',
    summary: 'Remove a certificate and its key',
    params: certificateParams,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
