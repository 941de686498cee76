import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { doorsConfirmMs, type Doors, type DoorsState } from '#shared/doors.ts';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { addressMatcher, isAddressRange } from '../../core/auth/addresses.ts';
import { isLoopback, plainAddress } from '../../core/auth/sign-in-limits-network.ts';
import type { PanelDoors } from '../../core/doors.ts';
import { checkPair, type Pair } from '../../core/doors-certificate.ts';
import { throughEntry } from '../../core/doors-rows.ts';

type DoorsContext = Pick<Context, 'doors' | 'clock' | 'config'>;

/** The page of the browser application where a change is confirmed. */
const page = '/doors';

/** The doors as the reader sees them; addresses are those under the host that they use. */
export function getDoorsState({ doors, config }: DoorsContext, request: FastifyRequest): DoorsState {
  const { pending } = doors.acting();
  const current = doors.current();
  return {
    doors: current,
    pending:
      pending === null
        ? null
        : {
            id: pending.id,
            before: pending.before,
            revertsAt: new Date(pending.revertsAt).toISOString(),
            confirmUrl: confirmUrl(doors.origin(hostOf(request)), current, pending.before),
          },
    ownAddress: plainAddress(request.ip),
    certificate: doors.certificate(),
    certificateFault: doors.certificateFault(),
    certificateFallback: fallbackFacts(doors.fallback()),
    orderableNames: orderableNames({ doors }, request),
    followedCertificateId: doors.acting().follows,
    hasWayBack: doors.acting().certificateId !== null && config.tls !== null,
  };
}

/** Relative where the reader is already at the right address. */
function confirmUrl(origin: string, doors: Doors, before: Doors): string {
  const path = doors.entryPath === before.entryPath ? page : throughEntry(doors, page);
  const isElsewhere = doors.port !== before.port || String(doors.domains) !== String(before.domains);
  return isElsewhere ? `${origin}${throughEntry(doors, page)}` : path;
}

/** Throws `invalid_request` with fields for what can be seen to be wrong beforehand. */
export async function changeDoors(ctx: DoorsContext, request: FastifyRequest, wanted: Doors): Promise<void> {
  const doors = { ...wanted, domains: wanted.domains.map((domain) => domain.toLowerCase()) };
  const fields = [
    ...rangeErrors('allowedAddresses', doors.allowedAddresses),
    ...rangeErrors('trustedProxies', doors.trustedProxies),
  ];
  const address = plainAddress(request.ip);
  if (fields.length === 0 && isShutOut(address, doors.allowedAddresses)) {
    fields.push({ field: 'allowedAddresses', code: 'own_address_missing', params: { address } });
  }
  if (fields.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { fields });
  await ctx.doors.change({ doors, confirmMs: doorsConfirmMs });
}

/** Throws `invalid_request` (`certificate_invalid`). */
export async function changeCertificate(ctx: DoorsContext, request: FastifyRequest, pair: Pair): Promise<void> {
  checkPair(pair, { names: namesOfPanel(ctx, request), now: ctx.clock.now() });
  await ctx.doors.change({ doors: ctx.doors.current(), pair, confirmMs: doorsConfirmMs });
}

/** Under which the panel is opened, as far as it knows. */
export function namesOfPanel({ doors }: Pick<Context, 'doors'>, request: FastifyRequest): string[] {
  const { domains } = doors.current();
  const bound = domains.filter((name) => !name.startsWith('*.'));
  return [...new Set([new URL(doors.origin()).hostname, hostOf(request), ...bound])];
}

/** Those of them that an authority could prove over port 80. */
export function orderableNames({ doors }: Pick<Context, 'doors'>, request: FastifyRequest): string[] {
  const names = namesOfPanel({ doors }, request);
  return names.filter((name) => isIP(name.replace(/^\[|\]$/g, '')) === 0 && name.includes('.'));
}

function fallbackFacts(fallback: ReturnType<PanelDoors['fallback']>): DoorsState['certificateFallback'] {
  if (fallback === null) return null;
  const { why, given } = fallback;
  return { why, names: given?.names ?? [], validUntil: given?.validUntil ?? null };
}

/** Throws `panel_certificate_none` where there is nothing to go back to. */
export async function resetCertificate(ctx: DoorsContext): Promise<void> {
  const { certificateId } = ctx.doors.acting();
  if (certificateId === null || ctx.config.tls === null)
    throw new AppError('in_use', 'There is no certificate to go back to.', { reason: 'panel_certificate_none' });
  await ctx.doors.change({ doors: ctx.doors.current(), pair: null, confirmMs: doorsConfirmMs });
}

function hostOf(request: FastifyRequest): string {
  return request.hostname.toLowerCase();
}

function rangeErrors(field: string, ranges: readonly string[]): FieldError[] {
  return ranges.flatMap((range, index) =>
    isAddressRange(range) ? [] : [{ field: `${field}.${index}`, code: 'address_invalid' }],
  );
}

function isShutOut(address: string, allowed: readonly string[]): boolean {
  return allowed.length > 0 && !isLoopback(address) && !addressMatcher(allowed)(address);
}
