import { accountsApi } from '#shared/accounts.ts';
import type { BodyInputOf, Operation, ParamsOf, QueryInputOf, ResponseOf } from '#shared/http.ts';
import type { Problem } from '#shared/problem.ts';
import { confirmations, confirmFirst } from './elevation.ts';
import { ApiError } from './errors.ts';

type Given<Name extends string, T> = [T] extends [undefined]
  ? Record<never, never>
  : Partial<T> extends T
    ? { readonly [K in Name]?: T }
    : { readonly [K in Name]: T };

export type CallInput<O extends Operation> = Given<'params', ParamsOf<O>> &
  Given<'query', QueryInputOf<O>> &
  Given<'body', BodyInputOf<O>> & {
    readonly signal?: AbortSignal;
    /** Revision that the person saw: the change is refused (`changed_meanwhile`) when there is a newer one. */
    readonly revision?: number;
    /** The same key twice is carried out once. */
    readonly idempotencyKey?: string;
  };

type LooseInput = {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
  revision?: number;
  idempotencyKey?: string;
};

/** Called when the panel says that nobody is signed in here any more. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

/** The address of an operation, for `call`, EventSource and links. */
export function urlOf(operation: Operation, { params = {}, query = {} }: LooseInput = {}): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== null && each !== '')
        search.append(name, `${each as string | number | boolean}`);
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Called when the panel says that the person has to add a second factor before anything else. */
let onSecondFactorNeeded: () => void = () => undefined;
export function whenSecondFactorIsNeeded(callback: () => void): void {
  onSecondFactorNeeded = callback;
}

/**
 * Asks the panel. Throws ApiError; an aborted call throws the signal's own reason. A dangerous action first asks the person
 * to confirm who they are, then the very same call is made once more.
 */
export async function call<O extends Operation>(operation: O, input: CallInput<O>): Promise<ResponseOf<O>> {
  const request = () => ask(operation, input);
  if (operation.access === 'public') return request();
  const before = confirmations();
  try {
    return await asSignedIn(request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'elevation_required') throw error;
    // Confirmed for another call while this one was under way: nothing new to ask.
    if (confirmations() === before) await confirmFirst();
    return asSignedIn(request);
  }
}

/**
 * For what only a signed-in person may ask. A confirmation gives the session a new id. A request that was under way with the
 * old one is refused before anything was done: it is made once more with the new one, and the page with what stands in it
 * stays. When the session has ended, the page is told.
 */
export async function asSignedIn<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!isNobody(error)) throw error;
    if (wasSignedIn) {
      stillSignedIn ??= isStillSignedIn().finally(() => (stillSignedIn = undefined));
      if (await stillSignedIn) return request();
    }
    onSignedOut();
    throw error;
  }
}

let wasSignedIn = false;
let stillSignedIn: Promise<boolean> | undefined;

/** The answer with the new id may still be on its way. */
const looksAfterMs = [0, 300, 1_000];

async function isStillSignedIn(): Promise<boolean> {
  for (const ms of looksAfterMs) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      await ask(accountsApi.me, {});
      return true;
    } catch (error) {
      if (!isNobody(error)) throw error;
    }
  }
  return false;
}

/** Nobody is signed in; a password that is wrong is something else. */
function isNobody(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'not_signed_in' && error.reason !== 'wrong_credentials';
}

async function ask<O extends Operation>(operation: O, input: CallInput<O>): Promise<ResponseOf<O>> {
  const { body, signal, revision, idempotencyKey } = input as LooseInput;
  const headers = new Headers({ accept: 'application/json', 'x-aapanel': '1' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (revision !== undefined) headers.set('if-match', `"${revision}"`);
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  let response: Response;
  try {
    response = await fetch(urlOf(operation, input as LooseInput), {
      method: operation.method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError({ code: 'offline' }, error);
  }
  if (!response.ok) throw await errorOf(response);
  if (operation.access !== 'public') wasSignedIn = true;
  if (response.status === 204) return undefined as ResponseOf<O>;
  return (await response.json()) as ResponseOf<O>;
}

/** What the panel said to a request. */
export async function errorOf(response: Response): Promise<ApiError> {
  const json: unknown = await response.json().catch(() => undefined);
  if (isProblem(json)) {
    if (json.reason === 'second_factor_needed') onSecondFactorNeeded();
    return new ApiError(json);
  }
  if (response.status === 401) return new ApiError({ code: 'not_signed_in' });
  // A proxy in between speaks in its own words.
  const code = response.status === 502 || response.status === 503 || response.status === 504 ? 'offline' : 'internal';
  return new ApiError({ code, detail: `HTTP ${response.status}` });
}

function isProblem(json: unknown): json is Problem {
  return typeof json === 'object' && json !== null && 'code' in json && 'fields' in json && Array.isArray(json.fields);
}

/** A key for `Idempotency-Key`: made once per intention, sent with every try. `randomUUID` is for HTTPS only. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
