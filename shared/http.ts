import { z } from 'zod';
import type { RouteAccess } from './access.ts';

/**
 * One HTTP operation: what the server registers, the browser client calls, the command line uses and OpenAPI shows.
 * Path parameters are written `{siteId}` and described by `params`.
 */
export type Operation = {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: `/${string}`;
  readonly access: RouteAccess;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body is bytes (`application/octet-stream`, its length announced), at most so many: it is streamed, never kept. */
  readonly bytesMost?: number;
  readonly response: z.ZodType;
  /** Success status; 200 unless given. 204 has no body, 202 answers with a job. */
  readonly status?: 200 | 201 | 202 | 204;
  /** `text/event-stream` operations are served as SSE; `response` then describes one event's data. */
  readonly stream?: boolean;
  /** Type of the text that is answered unless JSON is asked for, which is `response`. */
  readonly textType?: string;
};

export type ParamsOf<O extends Operation> = O['params'] extends z.ZodType ? z.output<O['params']> : undefined;
export type QueryOf<O extends Operation> = O['query'] extends z.ZodType ? z.output<O['query']> : undefined;
export type QueryInputOf<O extends Operation> = O['query'] extends z.ZodType ? z.input<O['query']> : undefined;
export type BodyOf<O extends Operation> = O['body'] extends z.ZodType ? z.output<O['body']> : undefined;
export type BodyInputOf<O extends Operation> = O['body'] extends z.ZodType ? z.input<O['body']> : undefined;
export type ResponseOf<O extends Operation> = z.output<O['response']>;

/** Opaque id of every stored thing: 16 characters of lower-case base 32 from the system's random source (80 bits). */
export const idPattern = /^[a-z2-7]{16}$/;
export const id = z.string().regex(idPattern);

/** An instant: ISO 8601 UTC with milliseconds. */
export const instant = z.iso.datetime();

export const empty = z.undefined();

/** One-line text that people type: no control characters (CR, LF, NUL …), trimmed, NFC. */
export function line(max: number, min = 0) {
  return z
    .string()
    .max(max * 2)
    .transform((text) => text.normalize('NFC').trim())
    .pipe(
      z
        .string()
        .min(min)
        .max(max)
        .regex(/^[^\u0000-\u001f\u007f\u2028\u2029]*$/, { error: 'control_characters' }),
    );
}

/** Query of every list: page from 1, size up to 200. */
export const pageQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
});

/** Answer of every list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), total: z.int(), page: z.int(), pageSize: z.int() });
}
