import { z } from 'zod';
import { errorCodes, type ErrorCode } from './errors.ts';

const params = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const fieldError = z.object({ field: z.string(), code: z.string(), params: params.optional() });

/** The body of every error answer: `application/problem+json` (RFC 9457) with a stable `code`. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  reason: z.string().optional(),
  detail: z.string(),
  params,
  fields: z.array(fieldError),
  requestId: z.string(),
});
export type Problem = z.infer<typeof problem>;
