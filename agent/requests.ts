import type { Readable } from 'node:stream';
import type { AgentAction } from '#shared/agent/action.ts';
import type { AgentActionName } from '#shared/agent/index.ts';
import { findAction } from '#shared/agent/lookup.ts';
import { agentProtocol, agentRequest, type AgentRequest } from '#shared/agent/protocol.ts';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { FindHandler } from './actions.ts';
import type { Call } from './core/call.ts';
import { logLine, type Machine } from './core/machine.ts';
import { nameFault } from './core/transaction.ts';
import { admit, checkDeclaration } from './elevation/admission.ts';

/*
 * One request from its text to the text of its answer: envelope, action, parameters, who may, time limit, size limit, errors.
 */

export type Reply = {
  readonly status: number;
  readonly text: string;
  /** They are the body then, and the text goes before them. */
  readonly bytes?: Readable;
};

/** Actions under way at most; more are refused at once. */
const maxActions = 64;
/** An action that has run out of time may still answer by itself in this time, with the better reason. */
const graceMs = 500;

export type Actions = {
  /** Never throws: every failure is a reply. */
  answer(name: string, body: string, bytes?: Readable, signal?: AbortSignal): Promise<Reply>;
  /** Actions that have not ended, also those whose time limit has passed. */
  readonly activeCount: number;
};

export function createActions(machine: Machine, findHandler: FindHandler, find = findAction): Actions {
  let activeCount = 0;

  async function act(
    action: AgentAction,
    request: AgentRequest,
    bytes: Readable | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    if ((action.bytes === 'in') !== (bytes !== undefined))
      throw new AppError('invalid_request', 'The body does not fit the action.', { reason: 'content_type' });
    const params = action.params.safeParse(request.params);
    if (!params.success) throw invalid('Some parameters are not valid.', fieldsOf(params.error.issues));
    const deadlineAt = Math.min(request.deadline, Date.now() + action.timeoutMs);
    if (deadlineAt <= Date.now()) throw tooLate('deadline_passed');
    if (activeCount >= maxActions)
      throw new AppError('busy', 'Too many actions are under way.', { reason: 'agent_busy' });
    const admitted = admit(machine, action, request);
    let given: Readable | undefined;
    const call: Call = {
      actor: request.actor,
      requestId: request.requestId,
      deadlineAt,
      ...admitted,
      ...(bytes === undefined ? {} : { bytes }),
      ...(signal === undefined ? {} : { signal }),
      ...(action.bytes === 'out' ? { giveBytes: (stream: Readable) => void (given = stream) } : {}),
    };
    // One handler per name, each with its own types: here only the name is known.
    const handler = findHandler(action.name as AgentActionName) as Promise<
      (machine: Machine, params: unknown, call: Call) => Promise<unknown>
    >;
    activeCount++;
    const work = handler.then((run) => run(machine, params.data, call)).finally(() => activeCount--);
    try {
      const result = action.result.parse(await within(work, deadlineAt + graceMs));
      const text = JSON.stringify({ ok: true, result });
      if (Buffer.byteLength(text) > action.maxResultBytes)
        throw new AppError('internal', 'The answer is larger than the action allows.', { reason: 'answer_too_large' });
      return { status: 200, text, ...(given === undefined ? {} : { bytes: given }) };
    } catch (error) {
      // Also of work that answers when nobody waits any more.
      void work.finally(() => given?.destroy()).catch(() => undefined);
      throw error;
    }
  }

  return {
    get activeCount() {
      return activeCount;
    },
    async answer(name, body, bytes, signal) {
      const startedAt = performance.now();
      let action: AgentAction | undefined;
      let request: AgentRequest | undefined;
      let failure: AppError | undefined;
      try {
        action = await find(name);
        if (action === undefined)
          throw new AppError('not_found', 'There is no such action.', { reason: 'unknown_action' });
        checkDeclaration(action);
        request = readEnvelope(body);
        return await act(action, request, bytes, signal);
      } catch (error) {
        failure = asAppError(error, { action: name.slice(0, 64), requestId: request?.requestId });
        return refusal(failure);
      } finally {
        if (request !== undefined && action?.isReadOnly === false)
          logLine('info', 'action', {
            action: name,
            actor: request.actor.id,
            requestId: request.requestId,
            outcome: failure?.reason ?? failure?.code ?? 'done',
            ms: Math.round(performance.now() - startedAt),
          });
      }
    },
  };
}

function readEnvelope(body: string): AgentRequest {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw invalid('The body is no JSON.', []);
  }
  const protocol = typeof json === 'object' && json !== null && 'protocol' in json ? json.protocol : undefined;
  if (typeof protocol === 'number' && protocol !== agentProtocol)
    throw new AppError('invalid_request', 'Panel and agent are of different versions.', {
      reason: 'protocol_mismatch',
      params: { agent: agentProtocol, panel: protocol },
    });
  const parsed = agentRequest.safeParse(json);
  if (!parsed.success) throw invalid('The request does not fit.', fieldsOf(parsed.error.issues));
  return parsed.data;
}

function invalid(message: string, fields: FieldError[]): AppError {
  return new AppError('invalid_request', message, { fields });
}

/** Never the rejected value: only where it stood and why. */
function fieldsOf(issues: readonly { path: PropertyKey[]; message: string }[]): FieldError[] {
  return issues.slice(0, 20).map(({ path, message }) => ({
    field: path.map(String).join('.').slice(0, 200),
    code: /^[a-z][a-z0-9_]*$/.test(message) ? message : 'invalid',
  }));
}

function tooLate(reason: 'action_timeout' | 'deadline_passed'): AppError {
  return new AppError('timeout', 'The time for this action is over.', { reason });
}

/** The work goes on after the limit: it ends by itself, and what it did can be asked for later. */
async function within<T>(work: Promise<T>, endsAt: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate('action_timeout')), endsAt - Date.now());
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function asAppError(error: unknown, facts: Readonly<Record<string, unknown>>): AppError {
  // The same faults come before a change begins: while a candidate is written for nginx to read.
  const named = nameFault(error);
  const known = named instanceof AppError ? named : new AppError('internal', 'The agent failed.', { cause: error });
  if (known.code === 'internal')
    logLine('error', known.message, { ...facts, reason: known.reason, cause: textOf(known.cause) });
  return known;
}

/** Stacks are for the log of the machine only. */
function textOf(cause: unknown): string | undefined {
  if (cause instanceof AggregateError) return cause.errors.map(textOf).join('; ').slice(0, 4_000);
  if (cause instanceof Error) return (cause.stack ?? cause.message).slice(0, 2_000);
  return typeof cause === 'string' ? cause.slice(0, 500) : undefined;
}

export function refusal({ code, message, reason, params, fields, status }: AppError): Reply {
  const error = { code, message, ...(reason === undefined ? {} : { reason }), params, fields };
  return { status, text: JSON.stringify({ ok: false, error }) };
}
