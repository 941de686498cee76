import { createHash } from 'node:crypto';
import type { ActionParamsInput, ActionResult } from '#shared/agent/action.ts';
import type { AgentActionName, AgentActions } from '#shared/agent/index.ts';
import { actionOf } from '#shared/agent/lookup.ts';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import type { AgentClient, AgentCallOptions } from './agent-client.ts';
import type { Elevatable } from './actor.ts';

type Call = AgentClient['call'];

/**
 * Shows the agent a ticket wherever it wants one and the actor has confirmed with a fresh factor. A ticket is for one
 * action with exactly these parameters; an agent that was started again in between knows none, so it is asked once more.
 */
export function withTickets(callOnce: Call): Call {
  return async function call<N extends AgentActionName>(
    name: N,
    params: ActionParamsInput<AgentActions[N]>,
    options: AgentCallOptions,
  ): Promise<ActionResult<AgentActions[N]>> {
    const { ticket: need } = await actionOf(name);
    const { actor } = options;
    if (need === 'never' || options.ticket !== undefined || !canElevate(actor)) return callOnce(name, params, options);
    // What is signed must be what is sent: defaults filled in, blanks dropped.
    const sent = await normalParams(name, params);
    const ask = async () => {
      const ticket = await ticketFor(callOnce, { ...options, actor }, name, sent, need === 'always');
      return callOnce(name, sent, ticket === undefined ? options : { ...options, ticket });
    };
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AppError) || error.reason !== 'ticket_void') throw error;
      return ask();
    }
  };
}

/**
 * Makes sure that the actor has confirmed with a fresh factor, where the danger is in the web process itself. Throws
 * `elevation_required`.
 */
export async function checkElevated(
  agent: Pick<AgentClient, 'call'>,
  options: AgentCallOptions,
  operationId: string,
  facts: unknown,
): Promise<void> {
  const { actor } = options;
  if (!canElevate(actor)) throw elevationRequired();
  const params = { sessionId: actor.sessionId, action: `panel.${operationId}`, digest: digestOf(facts) };
  await agent.call('elevation.ticket', { ...params, elevation: await actor.elevation() }, options);
}

export function elevationRequired(): AppError {
  return new AppError('elevation_required', 'Confirm with a fresh factor.');
}

type Confirmed = AgentCallOptions['actor'] & Required<Elevatable>;

function canElevate(actor: AgentCallOptions['actor']): actor is Confirmed {
  return actor.elevation !== undefined && actor.sessionId !== undefined;
}

/** undefined: the elevation is over, and the agent may do without one. */
async function ticketFor(
  callOnce: Call,
  options: AgentCallOptions & { readonly actor: Confirmed },
  action: AgentActionName,
  params: unknown,
  isNeeded: boolean,
): Promise<string | undefined> {
  try {
    const { actor } = options;
    const asked = { sessionId: actor.sessionId, elevation: await actor.elevation(), action, digest: digestOf(params) };
    return (await callOnce('elevation.ticket', asked, { actor, requestId: options.requestId })).ticket;
  } catch (error) {
    const isOver = error instanceof AppError && error.code === 'elevation_required';
    if (isOver && !isNeeded) return undefined;
    throw error;
  }
}

async function normalParams<N extends AgentActionName>(
  name: N,
  params: ActionParamsInput<AgentActions[N]>,
): Promise<ActionParamsInput<AgentActions[N]>> {
  const parsed = (await actionOf(name)).params.safeParse(params);
  return parsed.success ? (parsed.data as ActionParamsInput<AgentActions[N]>) : params;
}

function digestOf(params: unknown): string {
  return createHash('sha256').update(canonicalJson(params)).digest('hex');
}
