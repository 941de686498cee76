import type { FastifyReply, HookHandlerDoneFunction } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import { sendProblem } from './error-handler.ts';
import { accessGuard } from './guard.ts';
import type { App } from './route.ts';

/** Of a parameter in a path; as the router has it. */
export const maxParamLength = 300;

/** Operations of one path, and its segments; one that begins with `{` is a parameter. */
type Known = { readonly segments: readonly string[]; readonly operations: Operation[] };

/**
 * A method that a path does not have is 405, after the same checks as the path's first operation: what a stranger may
 * not call tells a stranger nothing either. It has no routes of its own: they were five times as many as those that there are,
 * 6 MB of memory and half of the time of a start.
 */
export function installMethodChecks({ ctx, server, operations }: App): void {
  let find: ReturnType<typeof pathFinder> | undefined;
  server.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    find ??= pathFinder(operations);
    const known = find(request.url);
    const [first] = known ?? [];
    if (known === undefined || first === undefined) return done();
    // POST: also a reading with a strange method must come from the panel's own page.
    const guard = accessGuard(ctx, { id: first.id, method: 'POST', path: first.path, access: first.access });
    guard(request, reply, refuse(known, reply, done));
  });
}

function refuse(known: readonly Operation[], reply: FastifyReply, done: HookHandlerDoneFunction) {
  return (problem?: Error): void => {
    if (problem !== undefined) return done(problem);
    const allowed: string[] = known.map(({ method }) => method);
    if (known.some(({ method, stream }) => method === 'GET' && stream !== true)) allowed.push('HEAD');
    const error = new AppError('invalid_request', 'This address does not know this method.', {
      reason: 'method_not_allowed',
    });
    sendProblem(reply.header('allow', allowed.join(', ')), error, 405);
  };
}

/** Finds the operations of an address, whatever their methods, as the router would. */
function pathFinder(operations: readonly Operation[]): (url: string) => readonly Operation[] | undefined {
  const paths = Map.groupBy(operations, ({ path }) => path);
  const all: Known[] = [...paths].map(([path, each]) => ({ segments: path.split('/'), operations: each }));
  const byLength = Map.groupBy(all, ({ segments }) => segments.length);
  return (url) => {
    const path = decoded(url.split(/[?#]/, 1)[0] ?? '');
    const given = path?.split('/') ?? [];
    const isAt = ({ segments }: Known): boolean =>
      segments.every((segment, index) => {
        const own = given[index] ?? '';
        return segment.startsWith('{') ? own !== '' && own.length <= maxParamLength : own === segment;
      });
    // One without a parameter goes before one with it.
    const found = byLength.get(given.length)?.filter(isAt) ?? [];
    return (found.find(({ segments }) => !segments.some((each) => each.startsWith('{'))) ?? found[0])?.operations;
  };
}

function decoded(path: string): string | undefined {
  try {
    return decodeURI(path);
  } catch {
    return undefined;
  }
}
