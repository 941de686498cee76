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
  const setInFlight = metrics.setter('aapanel_http_requests_in_flight', {});
  const ended = new Map<string, (reply: FastifyReply) => void>();
  let inFlight = 0;
  server.addHook('onReady', (done) => {
    for (const { id, stream } of operations) if (stream === true) streams.add(id);
    done();
  });

  server.addHook('onRequest', (request, reply, done) => {
    setInFlight((inFlight += 1));
    // Comes after every end: also when the caller went away, and nothing was finished.
    reply.raw.once('close', () => {
      setInFlight((inFlight -= 1));
      count(request, reply);
    });
    done();
  });

  function count(request: FastifyRequest, reply: FastifyReply): void {
    const { config, url = 'none' } = request.routeOptions;
    const operationId = config.operationId ?? '';
    if (config.isQuiet === true || scrapes.includes(operationId)) return;
    const method = methods.includes(request.method) ? request.method : 'other';
    // Who went away before the answer got none.
    const status = reply.raw.headersSent ? `${Math.floor(reply.raw.statusCode / 100)}xx` : 'none';
    const key = `${method} ${status} ${url}`;
    let end = ended.get(key);
    if (end === undefined) ended.set(key, (end = endOf(operationId, { route: url, method, status_class: status })));
    end(reply);
  }

  /** What is counted of all that end in one way; looked up once. */
  function endOf(operationId: string, labels: { route: string; method: string; status_class: string }) {
    const add = metrics.adder('aapanel_http_requests_total', labels);
    const observe = streams.has(operationId)
      ? undefined
      : metrics.observer('aapanel_http_request_duration_seconds', labels);
    const signIn = signInMethods[operationId];
    return (reply: FastifyReply): void => {
      add();
      observe?.(reply.elapsedTime / 1000);
      if (signIn === undefined) return;
      metrics.add('aapanel_sign_in_attempts_total', { method: signIn, outcome: outcomeOf(reply) });
    };
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
