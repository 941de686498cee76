import type { FastifyReply, FastifyRequest } from 'fastify';
import { accountsApi } from '#shared/accounts.ts';
import { metricsApi } from '#shared/metrics.ts';
import type { App } from '../route.ts';

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** What a way of signing in is called, by the operation that ends it. */
const signInMethods: Readonly<Record<string, string>> = {
  [accountsApi.signIn.id]: 'password',
  [accountsApi.signInSecond.id]: 'second_factor',
  [accountsApi.signInWithPasskey.id]: 'passkey',
  [accountsApi.signInWithLink.id]: 'link',
  [accountsApi.acceptInvitation.id]: 'invitation',
  [accountsApi.createOwner.id]: 'first_run',
};

const scrapes: readonly string[] = Object.values(metricsApi).map(({ id }) => id);

/** Counts and times every request by its route template: what a stranger asks for never becomes a series. */
export function installHttpMetrics({ ctx, server, operations }: App): void {
  const { metrics } = ctx;
  const streams = new Set<string>();
  let inFlight = 0;
  server.addHook('onReady', (done) => {
    for (const { id, stream } of operations) if (stream === true) streams.add(id);
    done();
  });

  server.addHook('onRequest', (request, reply, done) => {
    inFlight += 1;
    metrics.set('aapanel_http_requests_in_flight', {}, inFlight);
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      inFlight -= 1;
      metrics.set('aapanel_http_requests_in_flight', {}, inFlight);
      count(request, reply);
    };
    // A caller who went away finishes nothing, and is closed.
    reply.raw.once('finish', end);
    reply.raw.once('close', end);
    done();
  });

  function count(request: FastifyRequest, reply: FastifyReply): void {
    const { config, url } = request.routeOptions;
    const operationId = config.operationId ?? '';
    if (config.isQuiet === true || scrapes.includes(operationId)) return;
    const labels = {
      route: url ?? 'none',
      method: methods.includes(request.method) ? request.method : 'other',
      // Who went away before the answer got none.
      status_class: reply.raw.headersSent ? `${Math.floor(reply.raw.statusCode / 100)}xx` : 'none',
    };
    metrics.add('aapanel_http_requests_total', labels);
    if (!streams.has(operationId)) {
      metrics.observe('aapanel_http_request_duration_seconds', labels, reply.elapsedTime / 1000);
    }
    const method = signInMethods[operationId];
    if (method !== undefined) metrics.add('aapanel_sign_in_attempts_total', { method, outcome: outcomeOf(reply) });
  }
}

function outcomeOf(reply: FastifyReply): string {
  const { statusCode } = reply.raw;
  // Who is in got the cookie of a session.
  if (statusCode < 300) return reply.hasHeader('set-cookie') ? 'signed_in' : 'second_factor';
  if (statusCode === 429 || statusCode === 423) return 'limited';
  if (statusCode === 401 || statusCode === 403) return 'refused';
  return statusCode < 500 ? 'invalid' : 'failed';
}
