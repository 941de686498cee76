import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../errors.ts';
import { fieldError } from '../problem.ts';

/** Rises when an old web process can no longer talk to a new agent. */
export const agentProtocol = 1;

/** Largest request body the agent reads. */
export const agentMaxRequestBytes = 1024 * 1024;

/** Where the `agentRequest` of bytes that come, and the `agentReply` of bytes that go, stands: its JSON in base64url. */
export const agentEnvelopeHeader = 'aapanel-envelope';
/** Bytes that do not move for this long are given up. */
export const agentBytesIdleMs = 120_000;

export const agentActor = z.strictObject({
  id: z.string().regex(/^[a-z0-9_.-]{1,64}$/),
  name: z
    .string()
    .max(128)
    .regex(/^[^\u0000-\u001f\u007f]*$/),
});

export const agentRequest = z.strictObject({
  protocol: z.literal(agentProtocol),
  params: z.unknown(),
  actor: agentActor,
  requestId: z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/),
  /** For dangerous actions: from `elevation.ticket`. */
  ticket: z
    .string()
    .max(600)
    .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/)
    .optional(),
  /** Epoch ms after which the answer is of no use; the agent never runs longer than the action's own limit. */
  deadline: z.int(),
});
export type AgentRequest = z.infer<typeof agentRequest>;

export const agentError = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  reason: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  fields: z.array(fieldError).default([]),
});

export const agentReply = z.union([
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: agentError }),
]);
