import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import fastify, { errorCodes, LogController, type FastifyInstance, type RouteOptions } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Context } from './context.ts';
import { answerUnreadable, installDoorsGate, passDoors } from './core/doors-gate.ts';
import { installErrorHandler, sendProblem, toAppError } from './core/error-handler.ts';
import type { Log } from './core/log.ts';
import { installMethodChecks } from './core/method-checks.ts';
import { installHttpMetrics } from './core/metrics/http.ts';
import { isAccess, type App } from './core/route.ts';
import { answerHeaders, installSecurityHeaders } from './core/security-headers.ts';
import { createStaticWeb } from './core/static-web.ts';
import { installUpgrades, isUpgradeOfOurs } from './core/upgrades.ts';
import { inRequestScope } from './db/request-scope.ts';
import { aapanelRoutes } from './features/aapanel/aapanel.routes.ts';
import { accountsRoutes } from './features/accounts/accounts.routes.ts';
import { appsRoutes } from './features/apps/apps.routes.ts';
import { archivesRoutes } from './features/archives/archives.routes.ts';
import { auditRoutes } from './features/audit/audit.routes.ts';
import { backupsRoutes } from './features/backups/backups.routes.ts';
import { bansRoutes } from './features/bans/bans.routes.ts';
import { certificateProofsRoutes } from './features/certificate-proofs/certificate-proofs.routes.ts';
import { certificatesRoutes } from './features/certificates/certificates.routes.ts';
import { cronRoutes } from './features/cron/cron.routes.ts';
import { databaseBrowseRoutes } from './features/database-browse/database-browse.routes.ts';
import { databaseConsoleRoutes } from './features/database-console/database-console.routes.ts';
import { databaseServersRoutes } from './features/database-servers/database-servers.routes.ts';
import { databaseExportsRoutes } from './features/databases/exports.routes.ts';
import { databaseImportsRoutes } from './features/databases/imports.routes.ts';
import { databasesRoutes } from './features/databases/databases.routes.ts';
import { dependenciesRoutes } from './features/dependencies/dependencies.routes.ts';
import { deploymentsRoutes } from './features/deployments/deployments.routes.ts';
import { dnsAccountsRoutes } from './features/dns-accounts/dns-accounts.routes.ts';
import { doorsRoutes } from './features/doors/doors.routes.ts';
import { eventsRoutes } from './features/events/events.routes.ts';
import { filesRoutes } from './features/files/files.routes.ts';
import { healthRoutes } from './features/health/health.routes.ts';
import { jobsRoutes } from './features/jobs/jobs.routes.ts';
import { logsRoutes } from './features/logs/logs.routes.ts';
import { machineSettingsRoutes } from './features/machine-settings/machine-settings.routes.ts';
import { metricsRoutes } from './features/metrics/metrics.routes.ts';
import { nginxSettingsRoutes } from './features/nginx-settings/nginx-settings.routes.ts';
import { peopleRoutes } from './features/people/people.routes.ts';
import { processesRoutes } from './features/processes/processes.routes.ts';
import { recycledSitesRoutes } from './features/recycled-sites/recycled-sites.routes.ts';
import { redisRoutes } from './features/redis/redis.routes.ts';
import { referenceRoutes } from './features/reference/reference.routes.ts';
import { rewriteTemplatesRoutes } from './features/rewrite-templates/rewrite-templates.routes.ts';
import { savedCommandsRoutes } from './features/saved-commands/saved-commands.routes.ts';
import { servicesRoutes } from './features/services/services.routes.ts';
import { settingsRoutes } from './features/settings/settings.routes.ts';
import { phpRoutes } from './features/php/php.routes.ts';
import { siteFilesRoutes } from './features/site-files/site-files.routes.ts';
import { sitesRoutes } from './features/sites/sites.routes.ts';
import { softwareRoutes } from './features/software/software.routes.ts';
import { systemRoutes } from './features/system/system.routes.ts';
import { terminalRecordingsRoutes } from './features/terminals/terminal-recordings.routes.ts';
import { terminalsRoutes } from './features/terminals/terminals.routes.ts';
import { tlsChecksRoutes } from './features/tls-checks/tls-checks.routes.ts';
import { tokensRoutes } from './features/tokens/tokens.routes.ts';
import { wordpressRoutes } from './features/wordpress/wordpress.routes.ts';

/** Registers the routes of one feature. */
export type Feature = (app: App) => void;

/** Everything the web process serves, sorted. */
export const features: readonly Feature[] = [
  aapanelRoutes,
  accountsRoutes,
  appsRoutes,
  archivesRoutes,
  auditRoutes,
  backupsRoutes,
  bansRoutes,
  certificateProofsRoutes,
  certificatesRoutes,
  cronRoutes,
  databaseBrowseRoutes,
  databaseConsoleRoutes,
  databaseExportsRoutes,
  databaseImportsRoutes,
  databaseServersRoutes,
  databasesRoutes,
  dependenciesRoutes,
  deploymentsRoutes,
  dnsAccountsRoutes,
  doorsRoutes,
  eventsRoutes,
  filesRoutes,
  healthRoutes,
  jobsRoutes,
  logsRoutes,
  machineSettingsRoutes,
  metricsRoutes,
  nginxSettingsRoutes,
  peopleRoutes,
  phpRoutes,
  processesRoutes,
  recycledSitesRoutes,
  redisRoutes,
  referenceRoutes,
  rewriteTemplatesRoutes,
  savedCommandsRoutes,
  servicesRoutes,
  settingsRoutes,
  siteFilesRoutes,
  sitesRoutes,
  softwareRoutes,
  systemRoutes,
  terminalRecordingsRoutes,
  terminalsRoutes,
  tlsChecksRoutes,
  tokensRoutes,
  wordpressRoutes,
];

/** Builds the web application without listening. Throws when a route declares no access. */
export async function buildApp(ctx: Context, registered: readonly Feature[] = features): Promise<FastifyInstance> {
  const { server } = createApp(ctx, registered);
  await server.ready();
  return server;
}

/** `buildApp` with the list of operations, not yet ready. */
export function createApp(ctx: Context, registered: readonly Feature[] = features): App {
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
    routerOptions: { maxParamLength: 300, ignoreDuplicateSlashes: false, ignoreTrailingSlash: false },
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
