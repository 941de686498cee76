import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Me } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { FactorKind } from '#shared/factors.ts';
import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';
import type { AuditEntry } from '../../core/audit.ts';
import {
  clearedElevationCookie,
  deviceCookie,
  readCookie,
  readSessionToken,
  sessionCookie,
  setCookies,
} from '../../core/cookies.ts';
import { newToken } from '../../core/id.ts';
import { hashOfSecret, toMe, type Person } from './accounts.logic.ts';
import { noteSecondFactor, noteSeen } from './accounts.store.ts';
import { deleteNoticesOf, insertNotice, meetDevice } from './notices.store.ts';

/** Fewer codes than this are worth a notice. */
const fewCodes = 4;

type Asked = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly audit: AuditEntry };

/**
 * A new session with its cookies; the one the browser had ends, whoever planted it. Tells the person about a browser
 * never seen before.
 */
export async function openSession(
  ctx: Context,
  person: Person,
  used: FactorKind | 'link',
  { request, reply, audit }: Asked,
): Promise<Me> {
  const client = clientOf(request);
  const previousToken = readSessionToken(ctx.config, request);
  const previous = previousToken === undefined ? undefined : await ctx.sessions.find(previousToken);
  const left = await readFactors(ctx, person.id, request.id);
  const device = readCookie(ctx.config, request, 'device') ?? newToken();
  await noteDevice(ctx, person, device, client);
  if (used === 'recovery') await noteRecoveryCode(ctx, person.id, left, client);
  const { token } = await ctx.sessions.create(person.id, client);
  await noteSeen(ctx.db, person.id, ctx.clock.now());
  const signedIn = await ctx.sessions.find(token);
  if (signedIn === undefined) throw new AppError('not_signed_in', 'Name, password or code is wrong.');
  if (previous !== undefined) await ctx.sessions.end(previous.session.id);
  audit.actor = signedIn.actor;
  audit.detail['factor'] = used;
  setCookies(reply, [
    sessionCookie(ctx.config, token),
    deviceCookie(ctx.config, device),
    clearedElevationCookie(ctx.config),
  ]);
  return toMe(ctx, signedIn);
}

export function clientOf(request: FastifyRequest): { address: string; userAgent: string } {
  return { address: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** Keeps what the agent says about second factors, and answers how many recovery codes are left. */
export async function readFactors(
  { agent, db, log }: Pick<Context, 'agent' | 'db' | 'log'>,
  personId: string,
  requestId: string,
): Promise<number> {
  try {
    const known = await agent.call('factors.list', { personId }, { actor: panelActor, requestId });
    await noteSecondFactor(db, personId, known.totp !== null || known.passkeys.length > 0);
    return known.recoveryCodesLeft;
  } catch (error) {
    // Nobody is kept out by it: the agent itself knows who must add a factor.
    log.warn({ err: error, requestId }, 'the factors of a person could not be read');
    return 0;
  }
}

async function noteDevice(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  person: Person,
  device: string,
  client: { readonly address: string; readonly userAgent: string },
): Promise<void> {
  const at = clock.now();
  const { isKnown, isFirst } = await meetDevice(db, person.id, hashOfSecret(device), at);
  if (isKnown || isFirst) return;
  await insertNotice(db, { personId: person.id, kind: 'new_device', at, ...client });
}

/** Tells the person that a recovery code was used, and when few are left. */
export async function noteRecoveryCode(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  personId: string,
  left: number,
  client: { readonly address: string; readonly userAgent: string },
): Promise<void> {
  const at = clock.now();
  await insertNotice(db, { personId, kind: 'recovery_code_used', at, ...client });
  if (left >= fewCodes) return;
  await deleteNoticesOf(db, personId, 'few_recovery_codes');
  await insertNotice(db, { personId, kind: 'few_recovery_codes', at, ...client, left });
}
