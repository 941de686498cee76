import { lookup } from 'node:dns/promises';
import { AppError } from '#shared/errors.ts';
import type { TlsReport } from '#shared/tls-check.ts';
import type { Site } from '#shared/sites.ts';
import { isPublicAddress } from '#shared/public-address.ts';
import { checkTls } from '../../core/tls-check.ts';

/** A person looks at the answer: whoever says nothing for so long is not reached. */
const patienceMs = 4_000;

export type CheckParts = {
  readonly now: number;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly isAllowed?: (address: string) => boolean;
};

/**
 * Of any host: resolved once, and asked at just this address, so that a name cannot change its mind in between. One address
 * that is not public spoils the name: it is one of this network. Throws `tls_check_address`.
 */
export async function checkPublicHost(
  { host, port }: { readonly host: string; readonly port: number },
  { now, resolve = addressesOf, isAllowed = isPublicAddress }: CheckParts,
): Promise<TlsReport> {
  const addresses = await resolve(host).catch(() => []);
  const [address] = addresses;
  if (address === undefined)
    throw new AppError('invalid_request', 'The name has no address.', {
      fields: [{ field: 'host', code: 'tls_check_no_address' }],
    });
  if (!addresses.every(isAllowed))
    throw new AppError('invalid_request', 'Only hosts of the public internet are checked.', {
      fields: [{ field: 'host', code: 'tls_check_address' }],
    });
  return await checkTls({ host, port, address }, now, patienceMs);
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Of a site: this server itself is asked for its first name. Throws `site_without_https`. */
export async function checkSite(site: Pick<Site, 'domains' | 'tls'>, port: number, now: number): Promise<TlsReport> {
  const host = site.domains.find((domain) => domain.port === 80 || domain.port === 443)?.host;
  if (site.tls === null || host === undefined)
    throw new AppError('in_use', 'The site has no HTTPS.', { reason: 'site_without_https' });
  // A wildcard is met under any name below it.
  const name = host.replace(/^\*\./, 'www.');
  return await checkTls({ host: name, port, address: '127.0.0.1' }, now, patienceMs);
}
