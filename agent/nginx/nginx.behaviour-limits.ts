import type { SiteSpec } from '#shared/agent/sites.ts';
import { addressVariable } from './nginx.behaviour-parts.ts';

type Names = { counted: string; who: string; site: string; requests: string; addresses: string; connections: string };

/** Their meaning never changes: nginx refuses a zone that counts by something else than before. */
function namesOf({ siteId }: SiteSpec): Names {
  return {
    counted: `aapanel_counted_${siteId}`,
    who: `aapanel_who_${siteId}`,
    site: `aapanel_all_${siteId}`,
    requests: `aapanel_requests_${siteId}`,
    addresses: `aapanel_address_${siteId}`,
    connections: `aapanel_site_${siteId}`,
  };
}

/** Zones of the site's own. What has no key is not counted: the challenges of certificates, and addresses that may pass. */
export function limitsHttp(spec: SiteSpec): string[] {
  const { connectionsPerSite, connectionsPerAddress, requestsPerSecond, addresses } = spec.behaviour.limits;
  const isPerAddress = connectionsPerAddress !== null || requestsPerSecond !== null;
  if (!isPerAddress && connectionsPerSite === null) return [];
  const { counted, who, site, requests, addresses: perAddress, connections } = namesOf(spec);
  const key = (name: string, value: string): string[] => [
    `map "$${counted}$uri" $${name} {`,
    `    default ${value};`,
    '    "~^0" "";',
    '    "~^1/\\.well-known/acme-challenge/" "";',
    '}',
  ];
  return [
    ...addressVariable(
      counted,
      addresses.map((range) => ({ range, value: '0' })),
      '1',
    ),
    ...(isPerAddress ? key(who, '$binary_remote_addr') : []),
    ...(connectionsPerSite === null ? [] : key(site, '1')),
    ...(requestsPerSecond === null ? [] : [`limit_req_zone $${who} zone=${requests}:1m rate=${requestsPerSecond}r/s;`]),
    ...(connectionsPerAddress === null ? [] : [`limit_conn_zone $${who} zone=${perAddress}:1m;`]),
    ...(connectionsPerSite === null ? [] : [`limit_conn_zone $${site} zone=${connections}:64k;`]),
  ];
}

export function limitLines(spec: SiteSpec): string[] {
  const { limits } = spec.behaviour;
  const { requests, addresses, connections } = namesOf(spec);
  const isConnectionLimited = limits.connectionsPerSite !== null || limits.connectionsPerAddress !== null;
  const burst = limits.burst === 0 ? '' : ` burst=${limits.burst} nodelay`;
  return [
    ...(limits.requestsPerSecond === null ? [] : [`limit_req zone=${requests}${burst};`, 'limit_req_status 429;']),
    ...(limits.connectionsPerAddress === null ? [] : [`limit_conn ${addresses} ${limits.connectionsPerAddress};`]),
    ...(limits.connectionsPerSite === null ? [] : [`limit_conn ${connections} ${limits.connectionsPerSite};`]),
    ...(isConnectionLimited ? ['limit_conn_status 429;'] : []),
    ...(limits.kibPerSecond === null ? [] : [`limit_rate ${limits.kibPerSecond}k;`]),
    ...(limits.bodyMib === null ? [] : [`client_max_body_size ${bodySize(limits.bodyMib)};`]),
  ];
}

function bodySize(mib: number): string {
  return mib === 0 ? '0' : `${mib}m`;
}
