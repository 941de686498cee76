import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastify, { errorCodes, LogController, type FastifyInstance, type RouteOptions } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Context } from './context.ts';
import { answerUnreadable, installDoorsGate, passDoors } from './core/doors-gate.ts';
import { installErrorHandler, sendProblem, toAppError } from './core/error-handler.ts';
import type { Log } from './core/log.ts';
import { installMethodChecks, maxParamLength } from './core/method-checks.ts';
import { installHttpMetrics } from './core/metrics/http.ts';
import { isAccess, type App } from './core/route.ts';
import { answerHeaders, installSecurityHeaders } from './core/security-headers.ts';
import { createStaticWeb } from './core/static-web.ts';
import { installUpgrades, isUpgradeOfOurs } from './core/upgrades.ts';
import { inRequestScope } from './db/request-scope.ts';

/** Registers the routes of one feature. */
export type Feature = (app: App) => void;

/** Builds the web application of these features without listening, not yet ready. Throws when a route declares no access. */
export function createAppOf(ctx: Context, registered: readonly Feature[]): App {
  // Asked anew for each request: the doors change while the panel runs.
  const isTrusted = (address: string): boolean => ctx.doors.isTrustedProxy(address);
  // Always plain HTTP and never listening by itself: ports and TLS are the listener's business (doors-listener.ts).
  const server = fastify({
    loggerInstance: ctx.log,
    logController: new LogController({ disableRequestLogging: true }),
    // Lines about a request carry its id as a field: a logger for each request would cost more than the request's own work.
    childLoggerFactory: (logger) => logger,
    // Anything else that asks for another protocol is answered as if it had not.
    http: { shouldUpgradeCallback: isUpgradeOfOurs },
    bodyLimit: ctx.config.bodyLimitBytes,
    trustProxy: isTrusted,
    // A proxy of ours may have given the request its id already; from strangers it would be text in the log.
    genReqId: ({ headers, socket }) => {
      const given = headers['x-request-id'];
      const isUsable = typeof given === 'string' && /^[A-Za-z0-9._:-]{8,64}$/.test(given);
      return isUsable && isTrusted(socket.remoteAddress ?? '') ? given : randomUUID();
    },
    // Longer than any proxy keeps a connection open, so that the proxy closes first.
    keepAliveTimeout: 75_000,
    requestTimeout: 60_000,
    routerOptions: { maxParamLength, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // A URL that cannot be decoded meets no hook.
    frameworkErrors: (error, request, reply) => {
      void Promise.resolve(passDoors(ctx, request, reply)).then((may) => {
        if (may) sendProblem(reply.headers(answerHeaders), toAppError(error));
      });
    },
    clientErrorHandler: (error, socket) => answerUnreadable(ctx, error, socket as Socket),
  }) as unknown as FastifyInstance;
  const app: App = { ctx, server, operations: [] as Operation[] };

  server.decorateRequest('signedIn', null);
  server.addHook('onRoute', refuseOpenRoute);
  installUpgrades(server);
  installHttpMetrics(app);
  installErrorHandler(server, ctx.log);
  installDoorsGate(server, ctx);
  installSecurityHeaders(server, ctx);
  // Statements say whose they are; from here on, as a body that still arrives would leave the scope.
  server.addHook('preHandler', (request, _reply, done) => inRequestScope(request.id, done));
  if (ctx.config.requireHttps) installHttpsRedirect(server, ctx, isTrusted);
  installRequestLog(server, ctx.log);
  installJsonOnly(server);
  for (const feature of registered) feature(app);
  installMethodChecks(app);

  const serveWeb = createStaticWeb(ctx.config.webDistDir, ctx.log);
  server.setNotFoundHandler((request, reply) => {
    if (serveWeb(request, reply)) return reply;
    return sendProblem(reply, new AppError('not_found', 'There is nothing at this address.'));
  });
  return app;
}

/** Whatever registers a route, by `route()` or not, must say who may call it. */
function refuseOpenRoute({ method, url, config }: RouteOptions): void {
  if (isAccess(config?.access)) return;
  throw new Error(`the route ${String(method)} ${url} declares no access`);
}

/** Only JSON bodies, and bytes where they are asked for; an empty one counts as absent. `__proto__` and `constructor.prototype` keys are refused. */
function installJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') {
      done(null, undefined);
      return;
    }
    void parse(request, body.toString(), done);
  });
  server.addContentTypeParser('application/octet-stream', (request, payload, done) => {
    const isWanted = request.routeOptions.config.takesBytes === true;
    if (isWanted) done(null, payload);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE('application/octet-stream'));
  });
}

/** Only what a trusted proxy says about the way to it counts; probes come over plain HTTP. */
function installHttpsRedirect(
  server: FastifyInstance,
  { doors }: Pick<Context, 'doors'>,
  isTrusted: (address: string) => boolean,
): void {
  server.addHook('onRequest', (request, reply, done) => {
    const hasProto = request.headers['x-forwarded-proto'] !== undefined;
    const isForwarded = hasProto && isTrusted(request.socket.remoteAddress ?? '');
    if (!isForwarded || request.protocol === 'https' || request.routeOptions.config.isQuiet === true) {
      done();
      return;
    }
    reply
      .code(308)
      .header('location', `${doors.origin().replace(/^http:/, 'https:')}${request.url}`)
      .send();
  });
}

function installRequestLog(server: FastifyInstance, log: Log): void {
  server.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.config.isQuiet !== true && log.isLevelEnabled('info')) {
      log.info(
        {
          method: request.method,
          // The template: paths of strangers are text of strangers.
          route: request.routeOptions.url ?? 'none',
          status: reply.statusCode,
          durationMs: Math.round(reply.elapsedTime * 10) / 10,
          address: request.ip,
          requestId: request.id,
          person: request.signedIn?.actor.id,
        },
        'request',
      );
    }
    done();
  });
}
