import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { AppError, errorCodes, type ErrorCode } from '#shared/errors.ts';
import type { Problem } from '#shared/problem.ts';
import type { Log } from './log.ts';

const titles: Record<ErrorCode, string> = {
  invalid_request: 'The request is not valid',
  not_signed_in: 'Not signed in',
  elevation_required: 'A fresh confirmation is needed',
  not_allowed: 'Not allowed',
  not_found: 'Not found',
  already_exists: 'It exists already',
  in_use: 'It is in use',
  changed_meanwhile: 'It was changed in the meantime',
  too_large: 'The request is too large',
  config_rejected: 'The configuration was rejected',
  busy: 'Busy',
  rate_limited: 'Too many requests',
  internal: 'Something went wrong on the server',
  agent_unavailable: 'The agent does not answer',
  database_unavailable: 'The database does not answer',
  timeout: 'It took too long',
};

/** Turns everything thrown into problem+json; the only place that does. */
export function installErrorHandler(server: FastifyInstance, log: Log): void {
  server.setErrorHandler((error, request, reply) => {
    const known = toAppError(error);
    if (known.code === 'internal') {
      log.error({ err: known.cause ?? known, requestId: request.id, route: routeOf(request) }, 'a request failed');
    } else if (known.status >= 500) {
      log.warn({ err: known, requestId: request.id, route: routeOf(request) }, 'a request failed');
    }
    return sendProblem(reply, known);
  });
}

/** `status` differs from the code's own only for 405 and 415. */
export function sendProblem(reply: FastifyReply, error: AppError, status: number = error.status): FastifyReply {
  const { retryAfterSeconds } = error.params;
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .code(status)
    .removeHeader('etag')
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemOf(error, reply.request.id, status)));
}

/** The body of an error answer: no cause, no stack, nothing of the machine. */
export function problemOf(error: AppError, requestId: string, status: number = error.status): Problem {
  return {
    type: `urn:aapanel:error:${error.code}`,
    title: titles[error.code],
    status,
    code: error.code,
    ...(error.reason === undefined ? {} : { reason: error.reason }),
    detail: error.message,
    params: error.params,
    fields: error.fields,
    requestId,
  };
}

/** An unknown throwable is `internal`; nothing it says reaches the client. One with a reason of the list was named on purpose. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError)
    return error.code === 'internal' && error.reason === undefined ? internal(error) : error;
  // A body that fails its schema is turned into `invalid_request` by the parser; here the server's own answer failed.
  if (error instanceof z.ZodError) return internal(error);
  return isFastifyError(error) ? fromFastify(error) : internal(error);
}

function internal(cause: unknown): AppError {
  return new AppError(
    'internal',
    'Something went wrong on the server. The log has the details under this request id.',
    {
      cause,
    },
  );
}

function isFastifyError(error: unknown): error is FastifyError {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode in statusCodes;
}

const statusCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  408: 'timeout',
  413: 'too_large',
  414: 'invalid_request',
  415: 'invalid_request',
  431: 'too_large',
  [errorCodes.timeout]: 'timeout',
};

/** Reasons by the framework's own codes. */
const reasons: Readonly<Record<string, ErrorReason>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'json_only',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
};

const sentences: Readonly<Record<ErrorCode, string>> = {
  ...titles,
  invalid_request: 'The request cannot be read.',
  too_large: 'The request is larger than this server accepts.',
  timeout: 'The request took too long to arrive.',
};

function fromFastify(error: FastifyError): AppError {
  const code = statusCodes[error.statusCode ?? 500] ?? 'internal';
  const reason = reasons[error.code] ?? (error instanceof SyntaxError ? 'malformed_json' : undefined);
  return new AppError(code, sentences[code], reason === undefined ? {} : { reason });
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
}
