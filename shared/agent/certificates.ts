import { z } from 'zod';
import {
  certificate,
  certificateFiles,
  certificateOrder,
  certificateProof,
  contactEmail,
  keyKinds,
  pemChain,
  pemKey,
} from '../certificates.ts';
import { revocationReasons } from '../certificate-revocation.ts';
import { waitingProof } from '../certificate-proofs.ts';
import { dnsAccount, dnsAccountBody } from '../dns-accounts.ts';
import { id, instant, line } from '../http.ts';
import { hostPattern } from '../site-domains.ts';
import type { AgentAction } from './action.ts';

const certificateRef = z.strictObject({ certificateId: id });

/** As the agent keeps it, with the sites whose record names it. */
export const shelved = certificate.extend({ siteIds: z.array(z.string()) });
export type Shelved = z.infer<typeof shelved>;

export const certificatesList = {
  name: 'certificates.list',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(shelved) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Certificates for sites with their facts, without keys',
} as const satisfies AgentAction;

export const certificatesRead = {
  name: 'certificates.read',
  permission: 'certificates.read',
  ticket: 'never',
  params: certificateRef,
  result: shelved.extend({ chain: z.string() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'A certificate with its chain',
} as const satisfies AgentAction;

/** A first or a further version of a certificate that somebody brought; never in the place of an issued one. */
export const certificatesPut = {
  name: 'certificates.put',
  permission: 'certificates.write',
  ticket: 'never',
  params: z.strictObject({
    certificateId: id,
    changeId: id,
    isNew: z.boolean(),
    /** Empty: its first name, or the one it has. */
    name: z.string().max(100),
    certificate: pemChain,
    key: pemKey,
  }),
  result: shelved,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 64 * 1024,
  summary: 'Check a chain with its key, keep it, and serve the sites that use it with it; or keep the old one',
} as const satisfies AgentAction;

/** Files of another tool: read as root, so only where nobody but root could have put them. */
export const certificatesWatch = {
  name: 'certificates.watch',
  permission: 'certificates.write',
  ticket: 'always',
  params: certificateFiles.extend({ certificateId: id, changeId: id }),
  result: shelved,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 64 * 1024,
  summary: 'Put a certificate whose files another tool keeps on the shelf, and look after those files',
} as const satisfies AgentAction;

/** For the timer: what the files hold now is checked, kept and served, or the old pair stays. */
export const certificatesTakeUpFiles = {
  name: 'certificates.take_up_files',
  permission: 'panel',
  ticket: 'never',
  params: certificateRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024,
  summary: 'Take up the files of a certificate that another tool has changed',
} as const satisfies AgentAction;

export const certificatesExportKey = {
  name: 'certificates.export_key',
  permission: 'certificates.write',
  ticket: 'always',
  params: certificateRef,
  result: z.object({ key: z.string() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: 'Hand out the private key of a certificate',
} as const satisfies AgentAction;

/** The web process may then have it with its key, and each newer version, without asking anybody again. */
export const certificatesChooseForPanel = {
  name: 'certificates.choose_for_panel',
  permission: 'doors.write',
  ticket: 'always',
  /** `followedId`: what the panel shows until the change is confirmed, and again when it is taken back. */
  params: certificateRef.extend({ followedId: id.nullable() }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Choose the certificate of the shelf that the panel itself shows',
} as const satisfies AgentAction;

export const certificatesOfPanel = {
  name: 'certificates.of_panel',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    /** The one that the panel shows; null: none of the shelf any more. */
    certificateId: id.nullable(),
    /** No change waits for its confirmation: what else was chosen is forgotten. */
    isSettled: z.boolean(),
    knownFingerprint: z.string().max(200).nullable(),
  }),
  /** `isKnown` false: it was never chosen, or is gone. `pair` null: the known one is the present one. */
  result: z.object({
    isKnown: z.boolean(),
    pair: z.object({ certificate: z.string(), key: z.string() }).nullable(),
  }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'The certificate with its key that was chosen for the panel, when it is a new one',
} as const satisfies AgentAction;

export const certificatesRemove = {
  name: 'certificates.remove',
  permission: 'certificates.write',
  ticket: 'never',
  params: certificateRef.extend({ changeId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Remove a certificate and its key; refused while a site uses it',
} as const satisfies AgentAction;

/** Only names of the site itself. The same order id never starts a second order. */
export const certificatesIssue = {
  name: 'certificates.issue',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({
    orderId: id,
    certificateId: id,
    siteId: id,
    hosts: z.array(z.string().regex(hostPattern)).min(1).max(100),
    keyKind: z.enum(keyKinds),
    email: contactEmail,
    proof: certificateProof,
  }),
  result: certificateOrder,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1024,
  summary: 'Start the order of a certificate for names of a site, as a process of its own',
} as const satisfies AgentAction;

/** For the panel's own name: no site needs to have it. What it brings, the panel may then have with its key. */
export const certificatesIssueForPanel = {
  name: 'certificates.issue_for_panel',
  permission: 'doors.write',
  ticket: 'always',
  params: z.strictObject({ orderId: id, certificateId: id, host: z.string().regex(hostPattern) }),
  /** Under the id of the one that the panel has for this name already, where there is one. */
  result: certificateOrder,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 45_000,
  maxResultBytes: 4 * 1024,
  summary: 'Answer challenges for the name of the panel, and start the order of a certificate for it',
} as const satisfies AgentAction;

/** `fallback` null: it shows what was chosen. */
export const certificatesTellPanelFallback = {
  name: 'certificates.tell_panel_fallback',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({
    fallback: z.strictObject({ certificateId: id, name: line(200), validUntil: instant }).nullable(),
  }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary:
    'Tell those who hear the alerts that the panel went back to its self-signed certificate, or that this is over',
} as const satisfies AgentAction;

export const certificatesRenew = {
  name: 'certificates.renew',
  permission: 'certificates.write',
  ticket: 'never',
  params: certificateRef.extend({ orderId: id }),
  result: certificateOrder,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1024,
  summary: 'Order an issued certificate anew before its time',
} as const satisfies AgentAction;

/** For good: no authority takes it back. The same order id never starts a second one. */
export const certificatesRevoke = {
  name: 'certificates.revoke',
  permission: 'certificates.write',
  ticket: 'always',
  params: certificateRef.extend({ orderId: id, reason: z.enum(revocationReasons) }),
  result: certificateOrder,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1024,
  summary: 'Have the authority take the present version of an issued certificate back',
} as const satisfies AgentAction;

/** Of the authority that certificates come from; `certificateId`: one that was proven by hand has an account of its own. */
export const certificatesAuthority = {
  name: 'certificates.authority',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ certificateId: id.nullable() }),
  result: z.object({
    /** Its names in CAA records; none: it says none, or cannot be reached. */
    identities: z.array(z.string()),
    /** Addresses of this server's accounts there. */
    accounts: z.array(z.string()),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: 'How CAA records name the authority and the accounts of this server there',
} as const satisfies AgentAction;

export const certificatesDnsAccounts = {
  name: 'certificates.dns_accounts',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ items: z.array(dnsAccount) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 64 * 1024,
  summary: 'Accounts that write DNS records to prove names, without their secrets',
} as const satisfies AgentAction;

export const certificatesPutDnsAccount = {
  name: 'certificates.put_dns_account',
  permission: 'certificates.write',
  ticket: 'never',
  params: z.strictObject({ accountId: id, account: dnsAccountBody }),
  result: dnsAccount,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 4 * 1024,
  summary: 'Keep an account of a DNS provider or server with its secret',
} as const satisfies AgentAction;

export const certificatesRemoveDnsAccount = {
  name: 'certificates.remove_dns_account',
  permission: 'certificates.write',
  ticket: 'never',
  params: z.strictObject({ accountId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 1024,
  summary: 'Forget a DNS account and its secret; refused while certificates are renewed by it',
} as const satisfies AgentAction;

/** One that waits for records; another one is left alone, since the authority may be looking right now. */
export const certificatesCancelOrder = {
  name: 'certificates.cancel_order',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ orderId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Give an order up that waits for somebody to put records into the DNS',
} as const satisfies AgentAction;

export const certificatesLookForProof = {
  name: 'certificates.look_for_proof',
  permission: 'sites.write',
  ticket: 'never',
  params: z.strictObject({ orderId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024,
  summary: 'Have an order that waits for records ask the DNS now',
} as const satisfies AgentAction;

export const certificatesProofs = {
  name: 'certificates.proofs',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ siteId: id }),
  result: z.object({ items: z.array(waitingProof) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'Orders of a site that wait for records, and what the DNS shows of them',
} as const satisfies AgentAction;

export const certificatesOrder = {
  name: 'certificates.order',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ orderId: id, offset: z.int().min(0) }),
  /** `order` null: the agent knows no such order. */
  result: z.object({ order: certificateOrder.nullable(), text: z.string(), nextOffset: z.int() }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'State of an order, and its log from an offset',
} as const satisfies AgentAction;

export const certificatesRenewDue = {
  name: 'certificates.renew_due',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({ orderIds: z.array(id) }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 4 * 1024,
  summary: 'Start the renewal that is due, where no timer of systemd does it',
} as const satisfies AgentAction;

/** For the process of an order: what was issued is checked, kept and served, or the old pair stays. */
export const certificatesSettle = {
  name: 'certificates.settle',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({ orderId: id }),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 1024,
  summary: 'Take up what an order brought',
} as const satisfies AgentAction;
