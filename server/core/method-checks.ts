import type { HTTPMethods } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import { sendProblem } from './error-handler.ts';
import { accessGuard } from './guard.ts';
import { fastifyPath, type App } from './route.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies HTTPMethods[];

/**
 * A method that a path does not have is 405, after the same checks as the path's first operation: what a stranger may
 * not call tells a stranger nothing either.
 */
export function installMethodChecks({ ctx, server, operations }: App): void {
  const paths = new Map<string, Operation[]>();
  for (const operation of operations) paths.set(operation.path, [...(paths.get(operation.path) ?? []), operation]);
  for (const [path, known] of paths) {
    const [first] = known;
    if (first === undefined) continue;
    const allowed: HTTPMethods[] = known.map(({ method }) => method);
    if (known.some(({ method, stream }) => method === 'GET' && stream !== true)) allowed.push('HEAD');
    const allow = allowed.join(', ');
    server.route({
      method: methods.filter((method) => !allowed.some((name) => name === method)),
      url: fastifyPath(path),
      exposeHeadRoute: false,
      config: { access: first.access, operationId: first.id },
      // POST: also a reading with a strange method must come from the panel's own page.
      onRequest: accessGuard(ctx, { id: first.id, method: 'POST', path: first.path, access: first.access }),
      handler: function refuseMethod(_request, reply) {
        const error = new AppError('invalid_request', 'This address does not know this method.', {
          reason: 'method_not_allowed',
        });
        return sendProblem(reply.header('allow', allow), error, 405);
      },
    });
  }
}
