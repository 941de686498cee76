import type { ErrorCode, ErrorParams, FieldError } from '#shared/errors.ts';
import type { Problem } from '#shared/problem.ts';

/** `offline`: the panel could not be reached at all; everything else is the panel's own code. */
export type ApiErrorCode = ErrorCode | 'offline';

/** The one error of the browser side: what the panel said, or that it said nothing. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** The person took the wish back themselves: they know, so nothing is said about it. */
  readonly isWithdrawn: boolean;
  readonly reason: string | undefined;
  readonly params: ErrorParams;
  readonly fields: readonly FieldError[];
  readonly requestId: string | undefined;

  constructor(
    problem: Partial<Omit<Problem, 'code'>> & { readonly code: ApiErrorCode; readonly isWithdrawn?: boolean },
    cause?: unknown,
  ) {
    super(problem.detail ?? problem.code, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = problem.code;
    this.isWithdrawn = problem.isWithdrawn ?? false;
    this.reason = problem.reason;
    this.params = problem.params ?? {};
    this.fields = (problem.fields ?? []).map(({ field, code, params }) =>
      params === undefined ? { field, code } : { field, code, params },
    );
    this.requestId = problem.requestId;
  }
}

export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError({ code: 'internal', detail: String(error) }, error);
}
