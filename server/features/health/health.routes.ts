import type { FastifyReply, FastifyRequest } from 'fastify';
import { readSessionToken } from '../../core/cookies.ts';
import type { App } from '../../core/route.ts';

const sessionTimeoutMs = 500;

const quiet = { config: { access: 'public', isQuiet: true } } as const;

/**
 * Probes: no sign-in, no limit, no request log, any Host. `/health/live` touches nothing outside the process.
 * Strangers read the status only; details are for signed-in people.
 */
export function healthRoutes({ ctx, server }: App): void {
  const { health, clock } = ctx;
  const uptimeSeconds = () => Math.round((performance.now() - health.startedAt) / 1000);
  const timestamp = () => new Date(clock.now()).toISOString();

  server.get('/health/live', quiet, (_request, reply) =>
    sendJson(reply, 200, { status: 'alive', timestamp: timestamp(), uptime_seconds: uptimeSeconds() }),
  );

  server.get('/health/startup', quiet, (_request, reply) =>
    sendJson(reply, health.isStarted ? 200 : 503, { status: health.isStarted ? 'started' : 'starting' }),
  );

  server.get('/health/ready', quiet, async (request, reply) => {
    const { isReady, checks } = await health.readiness();
    const status = isReady ? 'ready' : 'not_ready';
    const isTrusted = await isSignedIn(request);
    return sendJson(reply, isReady ? 200 : 503, {
      status,
      timestamp: timestamp(),
      uptime_seconds: uptimeSeconds(),
      ...(isTrusted ? { checks } : {}),
    });
  });

  server.get('/health', quiet, async (request, reply) => {
    const { isReady, checks } = await health.readiness();
    const hasWarning = Object.values(checks).some(({ status }) => status === 'warn');
    const status = isReady ? (hasWarning ? 'warn' : 'pass') : 'fail';
    reply.header('cache-control', 'private, max-age=1');
    const isTrusted = await isSignedIn(request);
    return sendJson(
      reply,
      isReady ? 200 : 503,
      isTrusted ? { status, version: ctx.config.version, checks } : { status: isReady ? 'pass' : 'fail' },
      'application/health+json; charset=utf-8',
    );
  });

  /** A database that does not answer makes the caller a stranger; the probe still answers. */
  async function isSignedIn(request: FastifyRequest): Promise<boolean> {
    const token = readSessionToken(ctx.config, request);
    if (token === undefined) return false;
    const answer = ctx.sessions.find(token).then(
      (signedIn) => signedIn !== undefined,
      () => false,
    );
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, sessionTimeoutMs, false);
    });
    const isKnown = await Promise.race([answer, tooLate]);
    clearTimeout(timer);
    return isKnown;
  }
}

function sendJson(
  reply: FastifyReply,
  status: number,
  body: Readonly<Record<string, unknown>>,
  type = 'application/json; charset=utf-8',
): FastifyReply {
  return reply.code(status).type(type).send(JSON.stringify(body));
}
