import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteFilePreview } from '#shared/site-files.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { Context } from '../../context.ts';
import { can } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { isChainRevoked } from '../certificates/certificates.logic.ts';
import type { Asker } from './site-editing.ts';
import type { SiteSnapshot } from './site-snapshot.ts';

type Found = NonNullable<ActionResult<AgentActions['site_files.inspect']>['certificate']>;
type Note = SiteFilePreview['notes'][number];

export type CertificatePlan = {
  /** What the dry run shows; null: the file has none. */
  readonly certificate: SiteFilePreview['certificate'];
  /** HTTPS of the new site; null: it comes without. */
  readonly tls: SiteSnapshot['tls'];
  /** What it will be called on the shelf; null: nothing is put there. */
  readonly bringsId: string | null;
  readonly notes: Note[];
};

/**
 * What becomes of the certificate of a file. As of a copy it goes along only when it is good for every name of the site. One
 * that cannot be used stops nothing: the site is made without it, and the notes say why.
 */
export async function planCertificate(
  ctx: Pick<Context, 'agent' | 'clock'>,
  asker: Asker,
  found: Found | null,
  domains: SiteSnapshot['domains'],
  isWanted: boolean,
): Promise<CertificatePlan> {
  if (found === null) return { certificate: null, tls: null, bringsId: null, notes: [] };
  const { names, issuer, validUntil, isRenewed } = found;
  const certificate = { names, issuer, validUntil, isRenewed };
  const without = (isUsable: boolean, code: Note['code'], params: Note['params'] = {}): CertificatePlan => ({
    certificate: { ...certificate, isUsable },
    tls: null,
    bringsId: null,
    notes: [{ code, blocks: false, params }],
  });
  const { actor } = asker;
  // The shelf is the machine's, as on its own page.
  if (!can(actor, 'certificates.write') || actor.siteScope !== 'all') return without(false, 'certificate_not_allowed');
  if (found.fault !== null) return without(false, 'certificate_unusable', { why: found.fault });
  if (!domains.some(({ port }) => port === 80 || port === 443)) return without(false, 'certificate_no_port');
  const uncovered = uncoveredHosts(
    names,
    domains.map(({ host }) => host),
  );
  if (uncovered.length > 0) return without(false, 'certificate_names', { names: uncovered.slice(0, 20).join(', ') });
  if (await isChainRevoked(ctx, found.chain)) return without(false, 'certificate_unusable', { why: 'revoked' });
  if (!isWanted) return without(true, 'certificate_left');
  const { id, isNew } = await placeFor(ctx, asker, found);
  const notes: Note[] = isRenewed
    ? []
    : [{ code: 'certificate_by_hand', blocks: false, params: { until: validUntil ?? '' } }];
  return {
    certificate: { ...certificate, isUsable: true },
    tls: { ...(await settingsHere(ctx, asker, found)), certificateId: id },
    bringsId: isNew ? id : null,
    notes,
  };
}

/** The very same one of this shelf, as when a site comes back to its own server; else a new place. */
async function placeFor(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  { fingerprint }: Found,
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const known = items.find((each) => each.fingerprint === fingerprint && each.revoked === null);
  return known === undefined ? { id: newId(), isNew: true } : { id: known.id, isNew: false };
}

/** What this nginx cannot do, or no browser may be told to remember, is left out. */
async function settingsHere(
  ctx: Pick<Context, 'agent'>,
  asker: Asker,
  { settings, isSelfSigned }: Found,
): Promise<Found['settings']> {
  const { hasHttp3 } = settings.isHttp3 ? await ctx.agent.call('nginx.features', {}, asker) : { hasHttp3: false };
  return { ...settings, isHttp3: settings.isHttp3 && hasHttp3, hsts: isSelfSigned ? null : settings.hsts };
}
