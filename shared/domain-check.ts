import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';

/**
 * What one address of a name is: `own` one of this machine; `served` another one behind which this site answers, as with a CDN
 * or a router; `other` one behind which it does not; `silent` nobody answered in time; `inner` one of some inner network, which
 * is not asked; `unproven` nothing of the site could be asked for there.
 */
export const addressStates = ['own', 'served', 'other', 'silent', 'inner', 'unproven'] as const;
export type AddressState = (typeof addressStates)[number];

/**
 * `here`: all of its addresses lead to this machine; `partly`: some do; `none`: it has no address; `no_answer`: the DNS said
 * nothing; `unasked`: a name that the public DNS never has.
 */
export const nameStates = ['here', 'partly', 'elsewhere', 'none', 'no_answer', 'unasked'] as const;
export type NameState = (typeof nameStates)[number];

export const nameCheck = z.object({
  host: z.string(),
  state: z.enum(nameStates),
  addresses: z.array(
    z.object({
      address: z.string(),
      state: z.enum(addressStates),
      /** Of the ranges that Cloudflare publishes. */
      isCloudflare: z.boolean(),
    }),
  ),
});
export type NameCheck = z.infer<typeof nameCheck>;

/** More names of one site are not looked at. */
export const mostCheckedNames = 40;

export const domainChecksApi = {
  /** Asks the DNS servers of this machine, and public addresses on the ports of the web; few a minute. */
  checkSite: {
    id: 'checkSiteDomains',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/domain-check',
    access: 'sites.read',
    summary: 'Whether the names of a site lead to this server',
    params: z.object({ siteId: id }),
    response: z.object({
      checkedAt: instant,
      /** Public ones of this machine; none behind a router that has them. */
      ownAddresses: z.array(z.string()),
      names: z.array(nameCheck),
      /** How many names were left out. */
      leftOut: z.int(),
    }),
  },
} as const satisfies Record<string, Operation>;
