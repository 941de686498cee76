import type { FastifyRequest } from 'fastify';
import { doorsConfirmMs, type doorsApi } from '#shared/doors.ts';
import { AppError } from '#shared/errors.ts';
import type { ResponseOf } from '#shared/http.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { Context } from '../../context.ts';
import { panelActor, type AgentCallOptions } from '../../core/agent-client.ts';
import { checkPair } from '../../core/doors-certificate.ts';
import { newId } from '../../core/id.ts';
import { namesOfPanel } from './doors.logic.ts';

/*
 * A certificate of the shelf for the panel itself: ordered, proven and renewed like those of sites. The agent hands out its key
 * because a person chose it; the panel asks for a newer version every hour, and whenever it starts.
 */

type FollowContext = Pick<Context, 'agent' | 'clock' | 'config' | 'db' | 'doors' | 'log'>;

const everyMs = 60 * 60 * 1000;
const firstMs = 15_000;
const tellMs = 60_000;

export async function listFitting(
  ctx: FollowContext,
  request: FastifyRequest,
  asker: AgentCallOptions,
): Promise<ResponseOf<typeof doorsApi.fittingCertificates>> {
  const names = namesOfPanel(ctx, request);
  const { items } = await ctx.agent.call('certificates.list', {}, asker);
  const fitting = items.filter(
    (each) => uncoveredHosts(each.names, names).length < names.length && Date.parse(each.validUntil) > ctx.clock.now(),
  );
  return {
    names,
    items: fitting
      .toSorted((one, other) => other.validUntil.localeCompare(one.validUntil))
      .map(({ id, name, names: covered, issuer, validUntil, source }) => ({
        id,
        name,
        names: covered,
        issuer,
        validUntil,
        isRenewed: source !== 'own',
      })),
  };
}

/** Throws `certificate_unknown`, `certificate_invalid`. */
export async function followCertificate(
  ctx: FollowContext,
  request: FastifyRequest,
  asker: AgentCallOptions,
  certificateId: string,
): Promise<void> {
  const followedId = ctx.doors.acting().follows;
  await ctx.agent.call('certificates.choose_for_panel', { certificateId, followedId }, asker);
  const asked = { certificateId, isSettled: false, knownFingerprint: null };
  const { pair } = await ctx.agent.call('certificates.of_panel', asked, { ...asker, actor: panelActor });
  if (pair === null)
    throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
  checkPair(pair, { names: namesOfPanel(ctx, request), now: ctx.clock.now() });
  const change = { doors: ctx.doors.current(), pair, follows: certificateId, confirmMs: doorsConfirmMs };
  await ctx.doors.change(change);
}

/** Serves the newest version of what is followed; what cannot be used changes nothing, and the page and the log say why. */
export async function lookAtFollowed(ctx: FollowContext): Promise<void> {
  const { follows, pending } = ctx.doors.acting();
  // While it is not shown itself, too.
  const present = ctx.doors.givenCertificate();
  const { isKnown, pair } = await ctx.agent.call(
    'certificates.of_panel',
    {
      certificateId: follows,
      isSettled: pending === null,
      knownFingerprint: present?.fingerprint ?? null,
    },
    { actor: panelActor, requestId: newId() },
  );
  if (follows === null || pending !== null) return;
  if (!isKnown) return ctx.doors.noteFault('shelf_gone');
  if (pair !== null) {
    try {
      // Whoever opens the panel does so under one of these.
      checkPair(pair, { names: present?.names ?? ownNames(ctx), now: ctx.clock.now() });
    } catch (error) {
      if (error instanceof AppError) return ctx.doors.noteFault(String(error.params['why']));
      throw error;
    }
    await ctx.doors.takeUp({ follows, pair });
  }
  ctx.doors.noteFault(null);
}

/** Tells those who hear the alerts, by way of the agent, that the panel went back to its self-signed certificate. */
export async function tellFallback(ctx: Pick<Context, 'agent' | 'doors'>): Promise<void> {
  const { certificateId, follows } = ctx.doors.acting();
  const { given } = ctx.doors.fallback() ?? {};
  const at = follows ?? certificateId;
  const fallback =
    given === undefined || at === null
      ? null
      : {
          certificateId: at,
          name: (given?.names[0] ?? given?.subject ?? hostOfPanel(ctx)).slice(0, 200),
          validUntil: given?.validUntil ?? new Date(0).toISOString(),
        };
  await ctx.agent.call('certificates.tell_panel_fallback', { fallback }, { actor: panelActor, requestId: newId() });
}

const hostOfPanel = ({ doors }: Pick<Context, 'doors'>): string => new URL(doors.origin()).hostname;

/** Without those that somebody happens to use. */
function ownNames(ctx: Pick<Context, 'doors'>): string[] {
  const bound = ctx.doors.current().domains.filter((name) => !name.startsWith('*.'));
  return [hostOfPanel(ctx), ...bound];
}

/** Looks soon, and then every hour while something is followed; returns what ends it. */
export function startFollowing(ctx: FollowContext): () => void {
  const look = (): void => {
    if (ctx.doors.acting().follows === null) return;
    lookAtFollowed(ctx).catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'the certificate of the panel could not be looked at'),
    );
  };
  let told: string | undefined;
  const tell = (): void => {
    const { why } = ctx.doors.fallback() ?? { why: 'none' };
    if (why === told) return;
    told = why;
    tellFallback(ctx).catch((error: unknown) => {
      told = undefined;
      ctx.log.debug({ err: error }, 'what the panel shows was not told yet');
    });
  };
  const timers = [
    setTimeout(look, firstMs),
    setInterval(look, everyMs),
    setTimeout(tell, firstMs),
    setInterval(tell, tellMs),
  ];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
