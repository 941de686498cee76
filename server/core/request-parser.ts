import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';

export type ParsedRequest = { readonly params: unknown; readonly query: unknown; readonly body: unknown };

/** Checks path, query and body of one operation; unknown fields are refused everywhere. Throws `invalid_request`. */
export function requestParser(operation: Operation): (request: FastifyRequest) => ParsedRequest {
  const { params, body, bytesMost } = operation;
  const query = operation.query?.strict();
  return (request) => ({
    params: params === undefined ? undefined : parsePath(params, request.params),
    query: query === undefined ? refuseQuery(request.query) : parseWith(query, request.query),
    body:
      body !== undefined
        ? parseWith(body, request.body)
        : bytesMost === undefined
          ? refuseBody(request.body)
          : undefined,
  });
}

/** An id that cannot exist names nothing. */
function parsePath(schema: z.ZodObject, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (!result.success) throw new AppError('not_found', 'There is nothing at this address.');
  return result.data;
}

function parseWith(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new AppError('invalid_request', 'Some fields are not valid.', { fields: fieldErrors(result.error) });
}

function refuseQuery(query: unknown): undefined {
  const fields = Object.keys(query as Record<string, unknown>).map((field) => ({ field, code: 'unknown_field' }));
  if (fields.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { fields });
}

function refuseBody(body: unknown): undefined {
  if (body === undefined || body === null) return;
  const isObject = typeof body === 'object' && !Array.isArray(body);
  const fields = isObject
    ? Object.keys(body).map((field) => ({ field, code: 'unknown_field' }))
    : [{ field: '', code: 'unknown_field' }];
  if (fields.length > 0) throw new AppError('invalid_request', 'Some fields are not valid.', { fields });
}

/** At most this many fields are listed. */
const maxFields = 50;

/** zod issues → fields with stable codes. A schema's own `error: 'some_code'` is the code. Never quotes the input. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap(fieldErrorsOf).slice(0, maxFields);
}

function fieldErrorsOf(issue: z.core.$ZodIssue): FieldError[] {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [field, key.slice(0, 100)].filter((part) => part !== '').join('.'),
      code: 'unknown_field',
    }));
  }
  if (/^[a-z][a-z0-9_]*$/.test(issue.message)) return [{ field, code: issue.message }];
  return [{ field, ...codeOf(issue) }];
}

function codeOf(issue: z.core.$ZodIssue): Omit<FieldError, 'field'> {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return { code: 'required' };
      return { code: issue.expected === 'number' || issue.expected === 'int' ? 'not_a_number' : 'invalid' };
    case 'too_big': {
      const max = Number(issue.maximum);
      if (issue.origin === 'string') return { code: 'too_long', params: { max } };
      return { code: issue.origin === 'array' ? 'too_many' : 'too_high', params: { max } };
    }
    case 'too_small': {
      const min = Number(issue.minimum);
      if (issue.origin === 'string')
        return issue.input === '' ? { code: 'required' } : { code: 'too_short', params: { min } };
      return { code: issue.origin === 'array' ? 'too_few' : 'too_low', params: { min } };
    }
    case 'invalid_value':
      return { code: issue.input === undefined ? 'required' : 'not_a_choice' };
    default:
      return { code: 'invalid' };
  }
}
