import { Agent, request } from 'node:http';
import type { Readable } from 'node:stream';
import type { AgentActionName, AgentActions } from '#shared/agent/index.ts';
import { actionOf } from '#shared/agent/lookup.ts';
import type { ActionParamsInput, ActionResult, AgentAction, WithBytes } from '#shared/agent/action.ts';
import { agentProtocol, agentReply } from '#shared/agent/protocol.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError, type AppErrorOptions, type ErrorCode } from '#shared/errors.ts';
import type { Config } from '../config.ts';
import type { Elevatable } from './actor.ts';
import {
  collect,
  ConnectionError,
  createBytesExchange,
  TooLargeError,
  TooLateError,
  type Answer,
  type SentBytes,
} from './agent-connection.ts';
import { withTickets } from './agent-tickets.ts';
import type { Log } from './log.ts';

export type AgentState = 'up' | 'away' | 'unknown';

export type AgentCallOptions = {
  /** Who asks: a person, or `panelActor`. With their elevation the call gets its ticket by itself. */
  readonly actor: { readonly id: string; readonly name: string } & Elevatable;
  readonly requestId: string;
  /** From `elevation.ticket`, for who got one already. */
  readonly ticket?: string;
  /** Default and upper bound: the action's own. */
  readonly timeoutMs?: number;
  /** Lets the agent go when it is aborted, and with it whatever it only did for the asker. Of `call`. */
  readonly signal?: AbortSignal;
};

export type AgentClient = {
  readonly mode: 'real' | 'fake';
  /** What the last call saw; `unknown` before the first one. Asking costs nothing. */
  readonly state: AgentState;
  /** Throws AgentCallError. */
  call<N extends AgentActionName>(
    action: N,
    params: ActionParamsInput<AgentActions[N]>,
    options: AgentCallOptions,
  ): Promise<ActionResult<AgentActions[N]>>;
  /** Throws AgentCallError. The bytes need not be read to their end. */
  send<N extends WithBytes<AgentActions, 'in'>>(
    action: N,
    params: ActionParamsInput<AgentActions[N]>,
    bytes: SentBytes,
    options: AgentCallOptions,
  ): Promise<ActionResult<AgentActions[N]>>;
  /** Throws AgentCallError. Whoever gets the bytes reads or destroys them; null: there are none. */
  fetch<N extends WithBytes<AgentActions, 'out'>>(
    action: N,
    params: ActionParamsInput<AgentActions[N]>,
    options: AgentCallOptions,
  ): Promise<{ readonly result: ActionResult<AgentActions[N]>; readonly bytes: Readable | null }>;
  /** Called when the agent goes or comes back; returns a function that ends it. */
  onState(callback: (state: 'up' | 'away') => void): () => void;
  close(): void;
};

/** Who acts when no person asked: clean-up after a crash. */
export const panelActor = { id: 'panel', name: 'panel' };

/** An action that did not work, or nobody knows whether it did. */
export class AgentCallError extends AppError {
  /** False when the agent may have done it all the same: it did not answer. Ask `changes.get` later. */
  readonly isOutcomeKnown: boolean;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions & { isOutcomeKnown: boolean }) {
    super(code, message, options);
    this.name = 'AgentCallError';
    this.isOutcomeKnown = options.isOutcomeKnown;
  }
}

/** Callbacks and the present state; shared by the real and the fake client. */
export function createStateWatch() {
  const callbacks = new Set<(state: 'up' | 'away') => void>();
  let state: AgentState = 'unknown';
  return {
    get state(): AgentState {
      return state;
    },
    set(next: 'up' | 'away') {
      if (next === state) return;
      const isNews = state !== 'unknown' || next === 'away';
      state = next;
      if (isNews) for (const callback of callbacks) callback(next);
    },
    onState(callback: (state: 'up' | 'away') => void) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
  };
}

const maxSockets = 8;
/** Below the 5 s after which the agent closes idle connections, so that it is rarely met closing. */
const keepAliveMs = 3_000;
/** A socket-activated agent that is just ending is started again by systemd in this time. */
const retryAfterMs = 150;
/** Given on top of the action's own limit for the way there and back. */
const graceMs = 1_000;

/**
 * Talks to the root process over its Unix socket. It never asks by itself: an agent that nobody needs ends after a
 * minute and stays ended.
 */
export function createAgentClient(config: Pick<Config, 'agent'>, log: Log): AgentClient {
  const { socketPath } = config.agent;
  const pool = new Agent({ keepAlive: true, maxSockets, timeout: keepAliveMs, scheduling: 'lifo' });
  const bytesExchange = createBytesExchange(socketPath);
  const watch = createStateWatch();

  async function attempt(
    name: string,
    body: string,
    timeoutMs: number,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      let isConnected = false;
      const sent = request(
        {
          socketPath,
          agent: pool,
          method: 'POST',
          path: `/v1/actions/${name}`,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), host: 'agent' },
          ...(signal === undefined ? {} : { signal }),
        },
        (response) => {
          collect(response, maxBytes).then(resolve, (error: unknown) => {
            sent.destroy();
            reject(
              signal?.aborted === true || error instanceof TooLargeError
                ? error
                : new ConnectionError(error, { wasSent: true, isRetryable: false }),
            );
          });
        },
      );
      const timer = setTimeout(() => {
        reject(new TooLateError());
        sent.destroy();
      }, timeoutMs);
      timer.unref();
      sent.once('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => (isConnected = true));
        else isConnected = true;
      });
      sent.once('close', () => clearTimeout(timer));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const isClosedWhileIdle = sent.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        const isRefused = !isConnected && ['ECONNREFUSED', 'ENOENT', 'EAGAIN'].includes(error.code ?? '');
        // Let go by us: that says nothing about the agent.
        if (signal?.aborted === true) reject(new TooLateError());
        else reject(new ConnectionError(error, { wasSent: isConnected, isRetryable: isClosedWhileIdle || isRefused }));
      });
      sent.end(body);
    });
  }

  async function attemptTwice(
    action: AgentAction,
    body: string,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const maxBytes = action.maxResultBytes + 16 * 1024;
    try {
      return await attempt(action.name, body, timeoutMs, maxBytes, signal);
    } catch (error) {
      if (!(error instanceof ConnectionError) || !error.isRetryable || !action.isIdempotent) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
      return attempt(action.name, body, timeoutMs, maxBytes, signal);
    }
  }

  async function callOnce<N extends AgentActionName>(
    name: N,
    params: ActionParamsInput<AgentActions[N]>,
    options: AgentCallOptions,
  ): Promise<ActionResult<AgentActions[N]>> {
    const action = await actionOf(name);
    const { envelope, limitMs } = envelopeOf(action, params, options);
    return await noting(name, options, async () =>
      readAnswer<N>(action, await attemptTwice(action, envelope, limitMs + graceMs, options.signal)),
    );
  }

  async function exchange<N extends WithBytes<AgentActions, 'in' | 'out'>>(
    name: N,
    params: ActionParamsInput<AgentActions[N]>,
    sent: SentBytes | null,
    options: AgentCallOptions,
  ): Promise<{ result: ActionResult<AgentActions[N]>; bytes: Readable | null }> {
    const action = await actionOf(name);
    const { envelope, limitMs } = envelopeOf(action, params, options);
    return await noting(name, options, async () => {
      const maxBytes = action.maxResultBytes + 16 * 1024;
      const answer = await bytesExchange.ask({ name, envelope, sent, timeoutMs: limitMs + graceMs, maxBytes });
      return { result: readAnswer<N>(action, answer), bytes: answer.bytes };
    });
  }

  /** What a call says about the agent's being there, and its failure in the log. */
  async function noting<T>(name: string, { requestId }: AgentCallOptions, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      watch.set('up');
      return result;
    } catch (error) {
      const known = toCallError(name, error);
      if (known.code === 'agent_unavailable') watch.set('away');
      // An error in the agent's own words proves that it is there.
      else if (known.isOutcomeKnown) watch.set('up');
      log.warn({ err: known.cause ?? known, action: name, code: known.code, requestId }, 'an agent action failed');
      throw known;
    }
  }

  return {
    mode: 'real',
    get state() {
      return watch.state;
    },
    onState: (callback) => watch.onState(callback),
    call: withTickets(callOnce),
    send: async (name, params, sent, options) => (await exchange(name, params, sent, options)).result,
    fetch: (name, params, options) => exchange(name, params, null, options),
    close() {
      pool.destroy();
      bytesExchange.close();
    },
  };
}

function envelopeOf(
  action: AgentAction,
  params: unknown,
  { actor, requestId, timeoutMs, ticket }: AgentCallOptions,
): { envelope: string; limitMs: number } {
  const limitMs = Math.min(timeoutMs ?? action.timeoutMs, action.timeoutMs);
  const envelope = JSON.stringify({
    protocol: agentProtocol,
    params,
    actor: { id: actor.id, name: actor.name },
    requestId,
    ticket,
    deadline: Date.now() + limitMs,
  });
  return { envelope, limitMs };
}

function readAnswer<N extends AgentActionName>(
  action: AgentAction,
  { statusCode, text }: Answer,
): ActionResult<AgentActions[N]> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw garbled(`status ${statusCode}, no JSON`, error);
  }
  const reply = agentReply.safeParse(json);
  if (!reply.success) throw garbled('the envelope does not fit', reply.error);
  if (!reply.data.ok) {
    const { code, message, reason, params, fields } = reply.data.error;
    throw new AgentCallError(code, message, {
      // An agent of another version may know reasons that nobody here can translate: then the code speaks.
      ...(reason === undefined || !isErrorReason(reason) ? {} : { reason }),
      params,
      fields: fields.map(({ field, code: fieldCode, params: facts }) =>
        facts === undefined ? { field, code: fieldCode } : { field, code: fieldCode, params: facts },
      ),
      isOutcomeKnown: code !== 'timeout' && code !== 'internal',
    });
  }
  const result = action.result.safeParse(reply.data.result);
  if (!result.success) throw garbled('the result does not fit', result.error);
  return result.data as ActionResult<AgentActions[N]>;
}

function garbled(what: string, cause: unknown): AgentCallError {
  return new AgentCallError('internal', `The agent's answer cannot be used: ${what}.`, {
    reason: 'agent_answer_invalid',
    cause,
    isOutcomeKnown: false,
  });
}

function toCallError(name: string, error: unknown): AgentCallError {
  if (error instanceof AgentCallError) return error;
  const params = { action: name };
  if (error instanceof TooLateError) {
    return new AgentCallError('timeout', 'The agent did not answer in time.', {
      reason: 'agent_timeout',
      params,
      isOutcomeKnown: false,
    });
  }
  if (error instanceof TooLargeError) return garbled('it is longer than the action allows', error);
  const wasSent = !(error instanceof ConnectionError) || error.wasSent;
  return new AgentCallError('agent_unavailable', 'The agent of the panel does not answer.', {
    reason: wasSent ? 'agent_connection_lost' : 'agent_not_running',
    params,
    cause: error,
    isOutcomeKnown: !wasSent,
  });
}
