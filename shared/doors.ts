import { z } from 'zod';
import { id, instant, line, pageOf, pageQuery, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { hostPattern } from './site-domains.ts';
import { addressRange } from './tokens.ts';

/*
 * Who may knock at all: where the panel listens, under which names, from which addresses; and who is shut out for now.
 * A change is applied at once and taken back after 60 seconds unless it is confirmed over a new connection.
 */

/** 8 to 64 of letters, digits, hyphen, underscore. */
export const entryPath = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, { error: 'entry_path_invalid' });

/** How long a change of the doors waits for its confirmation. */
export const doorsConfirmMs = 60_000;

export const doors = z.strictObject({
  /** First part of the secret way in, without slashes; null: the panel answers at once. An extra door, never a proof. */
  entryPath: entryPath.nullable(),
  /** Only from there, sessions and tokens too; empty: from anywhere. Loopback always may. */
  allowedAddresses: z.array(addressRange).max(200),
  /** Only under these host names; empty: under any. */
  domains: z.array(z.string().regex(hostPattern, { error: 'domain_invalid' })).max(20),
  /** Proxies whose `X-Forwarded-For` counts; everybody else's is ignored. */
  trustedProxies: z.array(addressRange).max(50),
  /** 1024 to 65535: the web process is not root. */
  port: z.int().min(1024, { error: 'port_invalid' }).max(65535, { error: 'port_invalid' }),
});
export type Doors = z.infer<typeof doors>;

export const doorsState = z.object({
  doors,
  /** Of a change that waits for its confirmation. */
  pending: z
    .object({
      id,
      /** What it was before, and will be again. */
      before: doors,
      revertsAt: instant,
      /** Where to confirm: a new address after a change of port, name or entry. */
      confirmUrl: z.string(),
    })
    .nullable(),
  /** As the panel sees the reader, for a warning before they shut themselves out. */
  ownAddress: z.string(),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      validUntil: instant,
      isSelfSigned: z.boolean(),
      /** SHA-256, colon-separated hex, as browsers show it. */
      fingerprint: z.string(),
    })
    .nullable(),
  /** Why the files that the settings name changed and were not taken up: a key of `errors.certificate`. */
  certificateFault: z.string().nullable(),
  /** The certificate that was given is not shown: it ends within two days and no renewal came, or its files are broken. */
  certificateFallback: z
    .object({ why: z.enum(['ending', 'broken']), names: z.array(z.string()), validUntil: instant.nullable() })
    .nullable(),
  /** Names under which the panel is opened that an authority could prove over port 80, those it knows best first. */
  orderableNames: z.array(z.string()),
  /** Of the shelf, whose newest version is served; null: it was given as PEM, or is that of the settings. */
  followedCertificateId: id.nullable(),
  /** It was given in the panel, and the settings name another one to go back to. */
  hasWayBack: z.boolean(),
});
export type DoorsState = z.infer<typeof doorsState>;

export const doorsApi = {
  get: {
    id: 'getDoors',
    method: 'GET',
    path: '/api/v1/doors',
    access: 'doors.read',
    summary: 'Where and from where the panel can be reached',
    response: doorsState,
  },
  /** Elevated. 409 `in_use` (`doors_pending`) while another change waits. */
  set: {
    id: 'setDoors',
    method: 'PUT',
    path: '/api/v1/doors',
    access: 'doors.write',
    summary: 'Change the doors; taken back after 60 seconds unless confirmed',
    body: doors,
    response: doorsState,
  },
  /** Must come over a connection made after the change. */
  confirm: {
    id: 'confirmDoors',
    method: 'POST',
    path: '/api/v1/doors/confirm',
    access: 'doors.write',
    summary: 'Keep the change of the doors',
    body: z.strictObject({ id }),
    response: doorsState,
  },
  revert: {
    id: 'revertDoors',
    method: 'POST',
    path: '/api/v1/doors/revert',
    access: 'doors.write',
    summary: 'Take the change of the doors back now',
    body: z.strictObject({ id }),
    response: doorsState,
  },
  /** Of the shelf, good for a name that the panel is opened under; those that end last first. */
  fittingCertificates: {
    id: 'listPanelCertificates',
    method: 'GET',
    path: '/api/v1/doors/certificates',
    access: 'doors.write',
    summary: 'Certificates of the shelf that the panel could show',
    response: z.object({
      /** Under which it is opened. */
      names: z.array(z.string()),
      items: z.array(
        z.object({
          id,
          name: z.string(),
          names: z.array(z.string()),
          issuer: z.string(),
          validUntil: instant,
          /** It is renewed by itself, or another tool does it. */
          isRenewed: z.boolean(),
        }),
      ),
    }),
  },
  /** Elevated; confirmed like any other change. Later versions of it are served by themselves, without a restart. */
  followCertificate: {
    id: 'followPanelCertificate',
    method: 'PUT',
    path: '/api/v1/doors/certificate/followed',
    access: 'doors.write',
    summary: 'Have the panel show a certificate of the shelf, and each renewal of it',
    body: z.strictObject({ certificateId: id }),
    response: doorsState,
  },
  /** Elevated. The panel shows what the job brings, and each renewal of it; nobody has to confirm. */
  orderCertificate: {
    id: 'orderPanelCertificate',
    method: 'POST',
    path: '/api/v1/doors/certificate/order',
    access: 'doors.write',
    summary: 'Order a certificate of the authority for the panel’s own name, as a job',
    body: z.strictObject({ host: z.string().regex(hostPattern, { error: 'domain_invalid' }) }),
    response: job,
    status: 202,
  },
  /** Elevated; confirmed like any other change. 409 `panel_certificate_none` where the settings name none. */
  resetCertificate: {
    id: 'resetPanelCertificate',
    method: 'DELETE',
    path: '/api/v1/doors/certificate',
    access: 'doors.write',
    summary: 'Go back to the certificate of the settings, the self-signed one of the installation',
    response: doorsState,
  },
  /** Elevated; confirmed like any other change. Chain and key as PEM: checked as a whole before anything changes. */
  setCertificate: {
    id: 'setPanelCertificate',
    method: 'PUT',
    path: '/api/v1/doors/certificate',
    access: 'doors.write',
    summary: 'Give the panel a certificate of its own',
    body: z.strictObject({
      certificate: z
        .string()
        .min(1)
        .max(64 * 1024),
      key: z
        .string()
        .min(1)
        .max(32 * 1024),
    }),
    response: doorsState,
  },
} as const satisfies Record<string, Operation>;

export const banKinds = ['address', 'network', 'account'] as const;

export const ban = z.object({
  id,
  kind: z.enum(banKinds),
  /** Address, CIDR range (/64 for IPv6) or sign-in name. */
  value: z.string(),
  reason: z.enum(['sign_in_failures', 'factor_failures', 'link_failures', 'token_failures', 'by_hand']),
  /** What was seen: counts and the last tries. Text of strangers. */
  evidence: z.object({ count: z.int(), lastAccounts: z.array(z.string()), lastAddresses: z.array(z.string()) }),
  note: z.string(),
  createdAt: instant,
  /** null: until somebody takes it away. */
  until: instant.nullable(),
  /** Who banned by hand. */
  actorName: z.string().nullable(),
  /** How often this one was banned lately: each time lasts longer. */
  times: z.int(),
});
export type Ban = z.infer<typeof ban>;

export const bansApi = {
  list: {
    id: 'listBans',
    method: 'GET',
    path: '/api/v1/bans',
    access: 'bans.read',
    summary: 'Who is shut out for now, newest first',
    query: pageQuery,
    response: pageOf(ban),
  },
  /** Refuses the asker's own address (`ban_own_address`). */
  create: {
    id: 'createBan',
    method: 'POST',
    path: '/api/v1/bans',
    access: 'bans.write',
    summary: 'Ban an address or a network by hand',
    body: z.strictObject({
      value: addressRange,
      note: line(200).default(''),
      /** null: until taken away. */
      minutes: z.int().min(1).max(525_600).nullable(),
    }),
    response: ban,
    status: 201,
  },
  remove: {
    id: 'deleteBan',
    method: 'DELETE',
    path: '/api/v1/bans/{banId}',
    access: 'bans.write',
    summary: 'Let somebody in again',
    params: z.object({ banId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
