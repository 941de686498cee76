import { z } from 'zod';
import { certificate, pemChain, pemKey } from '../certificates.ts';
import { id } from '../http.ts';
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
