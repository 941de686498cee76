import type { StoppedRenewal } from '#shared/certificates.ts';
import { provableHosts } from '#shared/site-tls.ts';
import { allRecords, isServed } from '../sites/site-records.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import { isOfPanel } from './of-panel.ts';
import { sitesWith, type Stored } from './shelf.ts';

/** What a renewal asks for; or why none is tried by itself, because it could only fail. */
export type Renewability =
  | { readonly hosts: string[]; readonly stopped: null | 'by_hand' }
  | { readonly hosts: null; readonly stopped: Exclude<StoppedRenewal, 'by_hand'> };

/**
 * Names are proven by way of the site they were ordered for, also while its page says that it is switched off. One that
 * has ended meanwhile is left alone: the names of a site that nobody misses may lead elsewhere, for years. Names that the
 * site has lost since are left out.
 */
export function renewability(
  machine: Pick<Machine, 'stateFolder' | 'settings' | 'now'>,
  { certificateId, record, leaf, isFoundRevoked }: Pick<Stored, 'certificateId' | 'record' | 'leaf' | 'isFoundRevoked'>,
): Renewability | undefined {
  const { acme } = record;
  if (acme === null) return undefined;
  if (acme.siteId === null)
    return isOfPanel(machine, certificateId)
      ? { hosts: acme.hosts, stopped: null }
      : { hosts: null, stopped: 'not_of_panel' };
  const site = [...allRecords(machine).values()].find(({ siteId }) => siteId === acme.siteId);
  if (site === undefined) return { hosts: null, stopped: 'site_gone' };
  const isMute = acme.proof.kind === 'http' && !isServed(site);
  if (!site.isEnabled && (isMute || leaf.validToDate.getTime() <= machine.now()))
    return { hosts: null, stopped: 'site_off' };
  // Somebody wanted it gone; only who is served with it needs another one.
  const isNeeded = sitesWith(machine, certificateId).length > 0 || isOfPanel(machine, certificateId);
  if ((record.revoked !== null || isFoundRevoked) && !isNeeded) return { hosts: null, stopped: 'revoked' };
  const own = new Set(provableHosts(site.domains, acme.proof.kind, webPortsOf(machine)));
  const hosts = acme.hosts.filter((host) => own.has(host));
  if (hosts.length === 0) return { hosts: null, stopped: 'names_gone' };
  return { hosts, stopped: acme.proof.kind === 'manual' ? 'by_hand' : null };
}
