import { AppError } from '#shared/errors.ts';
import type { AgentClient } from '../agent-client.ts';
import type { Metrics } from '../metrics.ts';

/** The same agent; what is asked of it is counted and timed. Names come from the closed list of actions. */
export function countAgentCalls<A extends AgentClient>(agent: A, metrics: Pick<Metrics, 'add' | 'observe'>): A {
  const call: AgentClient['call'] = async (operation, params, options) => {
    const startedAt = performance.now();
    let outcome = 'done';
    try {
      return await agent.call(operation, params, options);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      metrics.add('aapanel_agent_operations_total', { operation, outcome });
      const seconds = (performance.now() - startedAt) / 1000;
      metrics.observe('aapanel_agent_operation_duration_seconds', { operation }, seconds);
    }
  };
  // Everything else, also what a fake has besides, is the agent's own.
  return Object.create(agent, { call: { value: call, enumerable: true } }) as A;
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'failed';
  if (error.code === 'agent_unavailable') return 'away';
  if (error.code === 'timeout') return 'timeout';
  return error.status < 500 ? 'refused' : 'failed';
}
