import { z } from 'zod';
import type { AgentAction } from './action.ts';

export const agentInfo = {
  name: 'agent.info',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({
    protocol: z.int(),
    version: z.string(),
    isRoot: z.boolean(),
    hasSystemd: z.boolean(),
    /** What the start-up replay did with changes that a crash left open. */
    recovered: z.array(z.object({ changeId: z.string(), outcome: z.enum(['committed', 'rolled_back', 'stuck']) })),
    uptimeSeconds: z.number(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 2_000,
  maxResultBytes: 64 * 1024,
  summary: 'Who the agent is and what it recovered at start',
} as const satisfies AgentAction;
