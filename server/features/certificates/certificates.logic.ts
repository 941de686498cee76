import type { Shelved } from '#shared/agent/certificates.ts';
import { certificatesIn, ownerIn, type Owner, type Pair } from '#shared/certificate-pair.ts';
import type { Certificate, certificatesApi, TroubledCertificate } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import type { BodyOf, QueryOf } from '#shared/http.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import { fallbackMs } from '../../core/doors-certificate.ts';
import type { OcspReach } from '../../core/revocation.ts';
import { findSiteNames } from './certificates.store.ts';

export type Asking = { readonly actor: Actor; readonly requestId: string };

/** The shelf is the machine's: whoever sees some sites only meets its certificates at those sites. */
export function checkScope({ siteScope }: Actor): void {
  if (siteScope === 'all') return;
  throw new AppError('not_allowed', 'Certificates are for people who may see every site.', {
    reason: 'all_sites_needed',
  });
}

export async function listCertificates(
  ctx: Context,
  asking: Asking,
  { search = '', page, pageSize }: QueryOf<typeof certificatesApi.list>,
): Promise<{ items: Certificate[]; total: number }> {
  const { items } = await ctx.agent.call('certificates.list', {}, asking);
  const wanted = search.toLowerCase();
  const found = items
    .filter(({ name, names, issuer }) => [name, issuer, ...names].some((text) => text.toLowerCase().includes(wanted)))
    .sort((a, b) => (a.validUntil < b.validUntil ? -1 : 1));
  const slice = found.slice((page - 1) * pageSize, page * pageSize);
  return { items: await withSites(ctx, slice), total: found.length };
}

/** What the bell shows. An agent that is away has nothing to tell here: its own banner says so. */
export async function listTroubled(ctx: Context, asking: Asking): Promise<TroubledCertificate[]> {
  if (asking.actor.siteScope !== 'all') return [];
  const { items } = await ctx.agent.call('certificates.list', {}, asking).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'agent_unavailable') return { items: [] };
    throw error;
  });
  const troubled = items.flatMap(({ id, name, trouble }) =>
    trouble === null ? [] : [{ ...trouble, certificateId: id, name }],
  );
  return [...fallenBack(ctx), ...troubled];
}

/** The panel itself knows best what it shows; also one that was never on the shelf. */
function fallenBack({ clock, doors }: Pick<Context, 'clock' | 'doors'>): TroubledCertificate[] {
  const fallback = doors.fallback();
  const { follows, certificateId } = doors.acting();
  const id = follows ?? certificateId;
  if (fallback === null || id === null) return [];
  const { given } = fallback;
  const end = given === null ? clock.now() : Date.parse(given.validUntil);
  const at = new Date(Math.min(clock.now(), end - fallbackMs)).toISOString();
  const name = given?.names[0] ?? new URL(doors.origin()).hostname;
  return [{ kind: 'fallen_back', stage: null, at, reason: null, certificateId: id, name }];
}

export async function getCertificate(
  ctx: Context,
  asking: Asking,
  certificateId: string,
): Promise<Certificate & { chain: string }> {
  const { chain, ...shelved } = await ctx.agent.call('certificates.read', { certificateId }, asking);
  return { ...(await withSitesOf(ctx, shelved)), chain };
}

/** Long enough for an authority far away, short enough for somebody who looks at a form. */
const revocationPatienceMs = 4_000;

/**
 * What its authority has taken back is not put to use; an authority that cannot be asked keeps nobody. What else is wrong
 * with the pair is the agent's to say.
 */
async function refuseRevoked({ clock }: Pick<Context, 'clock'>, given: Pair, reach?: OcspReach): Promise<void> {
  const owner = ownerIn(given);
  if (owner === undefined) return;
  if (!(await isRevoked(owner, clock.now(), reach))) return;
  throw new AppError('invalid_request', 'Its authority has revoked the certificate.', {
    reason: 'site_certificate_invalid',
    params: { why: 'revoked' },
  });
}

/** The same of a chain whose key is not ours to see; the owner's certificate comes first in it. */
export async function isChainRevoked({ clock }: Pick<Context, 'clock'>, pem: string): Promise<boolean> {
  const chain = certificatesIn(pem);
  const [leaf] = chain;
  return leaf !== undefined && (await isRevoked({ leaf, chain }, clock.now()));
}

async function isRevoked(owner: Owner, now: number, reach?: OcspReach): Promise<boolean> {
  const { revocationOf } = await import('../../core/revocation.ts');
  return (await revocationOf(owner, now, revocationPatienceMs, reach)) === 'revoked';
}

export async function importCertificate(
  ctx: Context,
  asking: Asking,
  body: BodyOf<typeof certificatesApi.import>,
  reach?: OcspReach,
): Promise<Certificate> {
  await refuseRevoked(ctx, body, reach);
  const given = { certificateId: newId(), changeId: newId(), isNew: true, ...body };
  return withSitesOf(ctx, await ctx.agent.call('certificates.put', given, asking));
}

export async function watchCertificate(
  ctx: Context,
  asking: Asking,
  body: BodyOf<typeof certificatesApi.watch>,
): Promise<Certificate> {
  const given = { certificateId: newId(), changeId: newId(), ...body };
  return withSitesOf(ctx, await ctx.agent.call('certificates.watch', given, asking));
}

export async function replaceCertificate(
  ctx: Context,
  asking: Asking,
  certificateId: string,
  body: BodyOf<typeof certificatesApi.replace>,
  reach?: OcspReach,
): Promise<Certificate> {
  await refuseRevoked(ctx, body, reach);
  const given = { certificateId, changeId: newId(), isNew: false, name: '', ...body };
  return withSitesOf(ctx, await ctx.agent.call('certificates.put', given, asking));
}

async function withSitesOf(ctx: Pick<Context, 'db'>, shelved: Shelved): Promise<Certificate> {
  const [certificate] = await withSites(ctx, [shelved]);
  if (certificate === undefined) throw new Error('one certificate in, none out');
  return certificate;
}

/** A site that only the agent knows any more is named by its id. */
async function withSites({ db }: Pick<Context, 'db'>, items: readonly Shelved[]): Promise<Certificate[]> {
  const names = await findSiteNames(
    db,
    items.flatMap(({ siteIds }) => siteIds),
  );
  return items.map(({ siteIds, ...facts }) => ({
    ...facts,
    sites: siteIds.map((id) => ({ id, name: names.get(id) ?? id })),
  }));
}
