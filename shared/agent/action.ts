import type { z } from 'zod';

/**
 * One thing root can be asked to do. HTTP over the agent's Unix socket:
 * `POST /v1/actions/<name>` with an `agentRequest`, answered by `agentReply`.
 */
export type AgentAction = {
  readonly name: string;
  readonly params: z.ZodType;
  readonly result: z.ZodType;
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
