import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActionName, AgentActions } from '#shared/agent/index.ts';
import type { Call } from './call.ts';
import type { Machine } from './machine.ts';

/** One function per action of `shared/agent`; throws AppError. */
export type Handlers = {
  [N in AgentActionName]: (
    machine: Machine,
    params: ActionParams<AgentActions[N]>,
    call: Call,
  ) => Promise<ActionResult<AgentActions[N]>>;
};
