import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';
import { relyingParty, type RelyingParty } from '#shared/factors.ts';
import type { Context } from '../../context.ts';

export type PasskeyPlace =
  | { readonly isPossible: true; readonly relyingParty: RelyingParty }
  | { readonly isPossible: false; readonly reason: 'address' | 'insecure' };

/**
 * Where passkeys live: one of the panel's own origins, as configured. What the request says only chooses among them, so
 * that a forged Host leads nowhere. They need a host name over HTTPS, or localhost (WebAuthn, 5.1.2).
 */
export function passkeyPlace(ctx: Pick<Context, 'doors'>, request: FastifyRequest): PasskeyPlace {
  const origins = ownOrigins(ctx);
  const origin = origins.find(({ host }) => host === request.host.toLowerCase());
  if (origin === undefined) return nowhere(isAddress(request.hostname) ? 'address' : 'insecure');
  if (isAddress(origin.hostname)) return nowhere('address');
  if (origin.protocol !== 'https:' && origin.hostname !== 'localhost') return nowhere('insecure');
  const place = relyingParty.safeParse({ id: origin.hostname, origin: origin.origin });
  return place.success ? { isPossible: true, relyingParty: place.data } : nowhere('address');
}

function nowhere(reason: 'address' | 'insecure'): PasskeyPlace {
  return { isPossible: false, reason };
}

/** Throws `invalid_request` (`passkey_place`). */
export function getRelyingParty(ctx: Pick<Context, 'doors'>, request: FastifyRequest): RelyingParty {
  const place = passkeyPlace(ctx, request);
  if (place.isPossible) return place.relyingParty;
  throw new AppError('invalid_request', 'Passkeys need a host name over HTTPS, or localhost.', {
    reason: 'passkey_place',
  });
}

function ownOrigins({ doors }: Pick<Context, 'doors'>): URL[] {
  const bound = doors.current().domains.filter((domain) => !domain.startsWith('*.'));
  return [doors.origin(), ...bound.map((domain) => doors.origin(domain))].map((origin) => new URL(origin));
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}
