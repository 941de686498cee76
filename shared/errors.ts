import type { ErrorReason } from './error-reasons.ts';

/** The closed list of problem codes. Each maps to one HTTP status; the browser translates code + params (RFC 9457). */
export const errorCodes = {
  invalid_request: 400,
  not_signed_in: 401,
  elevation_required: 403,
  not_allowed: 403,
  not_found: 404,
  already_exists: 409,
  in_use: 409,
  changed_meanwhile: 412,
  too_large: 413,
  config_rejected: 422,
  busy: 423,
  rate_limited: 429,
  internal: 500,
  agent_unavailable: 503,
  database_unavailable: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Values put into a translated sentence. Only facts a person may see: names, numbers, paths of their own. */
export type ErrorParams = Record<string, string | number | boolean>;

/** One rejected field. `code` is one of `fieldCodes`: a key under `errors.fields` of the translations. */
export type FieldError = { field: string; code: string; params?: ErrorParams };

export type AppErrorOptions = {
  /** Key under `errors.reasons` of the translations: the precise reason, finer than `code`. */
  reason?: ErrorReason;
  fields?: FieldError[];
  params?: ErrorParams;
  /** For the log only: never sent to a client. */
  cause?: unknown;
};

/**
 * The only error that crosses a border on purpose. `message` is English for logs and API readers; people read the
 * translation of `reason` (or `code`) with `params`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly fields: FieldError[];
  readonly params: ErrorParams;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.reason = options.reason;
    this.fields = options.fields ?? [];
    this.params = options.params ?? {};
  }

  get status(): number {
    return errorCodes[this.code];
  }
}
