import type { z } from 'zod';
import type { Permission } from '../access.ts';

/**
 * One thing root can be asked to do. HTTP over the agent's Unix socket:
 * `POST /v1/actions/<name>` with an `agentRequest`, answered by `agentReply`.
 */
export type AgentAction = {
  readonly name: string;
  /**
   * What a person who acts must be allowed to do, by the agent's own register. `panel`: part of signing in, of the audit
   * log or of the panel's own upkeep, whoever the actor is.
   */
  readonly permission: Permission | 'panel';
  /**
   * Whether a fresh factor is needed: a ticket from `elevation.ticket`, bound to this action and these parameters.
   * `depends`: the handler decides by what the parameters would change, with `requireTicket(call)`.
   */
  readonly ticket: 'never' | 'depends' | 'always';
  readonly params: z.ZodType;
  readonly result: z.ZodType;
  /**
   * Bytes besides: `in`, the request's body is bytes and the `agentRequest` stands in a header; `out`, the answer's body is
   * bytes and the `agentReply` stands in a header. They are streamed, and may take longer than the action.
   */
  readonly bytes?: 'in' | 'out';
  /** Changes nothing on the machine. */
  readonly isReadOnly: boolean;
  /** Asking twice with the same params ends in the same state. */
  readonly isIdempotent: boolean;
  readonly timeoutMs: number;
  /** Upper bound of the encoded result. */
  readonly maxResultBytes: number;
  /** One line for the journal and the docs. */
  readonly summary: string;
};

export type ActionParams<A extends AgentAction> = z.output<A['params']>;
export type ActionParamsInput<A extends AgentAction> = z.input<A['params']>;
export type ActionResult<A extends AgentAction> = z.output<A['result']>;

/** Names of the actions of a list that take or give bytes. */
export type WithBytes<List, Way extends 'in' | 'out'> = {
  [N in keyof List]: List[N] extends { readonly bytes: Way } ? N : never;
}[keyof List];
