import type { z } from 'zod';
import { agentActions, type AgentActionName, type AgentActions } from '#shared/agent/index.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import { agentActor, agentProtocol } from '#shared/agent/protocol.ts';
import { AppError } from '#shared/errors.ts';
import { AgentCallError, createStateWatch, type AgentClient } from './agent-client.ts';
import { createFakeSites } from './agent-fake/sites.ts';
import { createFakeSoftware } from './agent-fake/software.ts';

/** One implementation per action; throws AppError. */
export type FakeActions = {
  [N in AgentActionName]: (params: ActionParams<AgentActions[N]>) => Promise<ActionResult<AgentActions[N]>>;
};

export type FakeAgentOptions = {
  /** Default false: a bare machine, so that the installation can be shown. */
  readonly isNginxInstalled?: boolean;
  /** How long each of the five steps of an installation takes; default 1500. */
  readonly installStepMs?: number;
};

/**
 * The agent without a machine: same contract, same validation, everything in memory. For work on the panel without
 * root and for tests. Domains with a meaning: `fail-nginx.test` (nginx refuses it), `fail-agent.test` (the agent is
 * away), `lost-agent.test` (it acts, and its answer is lost), `slow.test` (2 s), `drift.test` (changed by hand).
 * The directive `include` is refused.
 */
export function createFakeAgent(options: FakeAgentOptions = {}): AgentClient {
  const watch = createStateWatch();
  const startedAt = Date.now();
  const software = createFakeSoftware(options);
  const actions: FakeActions = {
    'agent.info': () =>
      Promise.resolve({
        protocol: agentProtocol,
        version: 'fake',
        isRoot: false,
        hasSystemd: false,
        recovered: [],
        uptimeSeconds: (Date.now() - startedAt) / 1000,
      }),
    ...createFakeSites(software.isRunning),
    ...software.actions,
  };

  return {
    mode: 'fake',
    get state() {
      return watch.state;
    },
    onState: (callback) => watch.onState(callback),
    async call(name, params, { actor }) {
      try {
        checkActor(actor);
        const result = await run(actions, name, params);
        watch.set('up');
        return result;
      } catch (error) {
        const known = asCallError(error);
        watch.set(known.code === 'agent_unavailable' ? 'away' : 'up');
        throw known;
      }
    },
    close() {},
  };
}

async function run<N extends AgentActionName>(
  actions: FakeActions,
  name: N,
  input: unknown,
): Promise<ActionResult<AgentActions[N]>> {
  const action = agentActions[name];
  // As over the wire: only JSON arrives.
  const parsed = action.params.safeParse(JSON.parse(JSON.stringify(input)));
  if (!parsed.success)
    throw new AppError('invalid_request', 'Some fields are not valid.', { fields: fieldsOf(parsed.error) });
  const answer = await actions[name](parsed.data as ActionParams<AgentActions[N]>);
  return action.result.parse(JSON.parse(JSON.stringify(answer))) as ActionResult<AgentActions[N]>;
}

function checkActor(actor: { readonly id: string; readonly name: string }): void {
  const parsed = agentActor.safeParse({ id: actor.id, name: actor.name });
  if (!parsed.success)
    throw new AppError('invalid_request', 'The actor is not valid.', { fields: fieldsOf(parsed.error) });
}

function fieldsOf(error: z.ZodError) {
  return error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.'),
    code: /^[a-z][a-z0-9_]*$/.test(message) ? message : 'invalid',
  }));
}

function asCallError(error: unknown): AgentCallError {
  if (error instanceof AgentCallError) return error;
  if (!(error instanceof AppError)) throw error;
  const { code, message, reason, params, fields } = error;
  return new AgentCallError(code, message, {
    ...(reason === undefined ? {} : { reason }),
    params,
    fields,
    isOutcomeKnown: true,
  });
}
