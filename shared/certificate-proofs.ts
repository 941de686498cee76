import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';

/*
 * Names that a person proves to an authority by hand: the records that have to stand in the DNS, and what the servers of the
 * zone answer for them. The order waits until they all show them.
 */

/** `shown`: answers the record; `other`: answers others of this name; `none`: knows none; `silent`: does not answer. */
export const sights = ['shown', 'other', 'none', 'silent'] as const;
export type Sight = (typeof sights)[number];

export const proofRecord = z.object({
  /** Always of type TXT. */
  name: z.string(),
  value: z.string(),
  /** Servers of the zone, as they were last asked. */
  servers: z.array(z.object({ server: z.string(), sight: z.enum(sights) })),
});
export type ProofRecord = z.infer<typeof proofRecord>;

/** An order that waits for somebody; its id is the one of its job. */
export const waitingProof = z.object({
  orderId: id,
  certificateId: id,
  hosts: z.array(z.string()),
  records: z.array(proofRecord),
  startedAt: instant,
  /** Then it is given up. */
  endsAt: instant,
  /** null: nobody was asked yet. */
  checkedAt: instant.nullable(),
});
export type WaitingProof = z.infer<typeof waitingProof>;

const base = '/api/v1/sites/{siteId}/certificate-proofs';
const params = z.object({ siteId: id });

export const certificateProofsApi = {
  list: {
    id: 'listCertificateProofs',
    method: 'GET',
    path: base,
    access: 'sites.read',
    summary: 'Records that somebody has to put into the DNS for an order of this site, and what the DNS shows',
    params,
    response: z.object({ items: z.array(waitingProof) }),
  },
  /** The answer comes with the next look at the list. */
  look: {
    id: 'lookForCertificateProof',
    method: 'POST',
    path: `${base}/{orderId}/look`,
    access: 'sites.write',
    summary: 'Ask the DNS for the records now',
    params: params.extend({ orderId: id }),
    response: z.undefined(),
    status: 204,
  },
  cancel: {
    id: 'cancelCertificateProof',
    method: 'DELETE',
    path: `${base}/{orderId}`,
    access: 'sites.write',
    summary: 'Give an order up that waits for records',
    params: params.extend({ orderId: id }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
