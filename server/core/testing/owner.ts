import { newId } from '../id.ts';
import type { AgentClient } from '../agent-client.ts';

/*
 * For tests: an owner who founds the register of an agent and has just confirmed, so that every action may be asked for.
 */

export const ownerPassword = 'the owner of this test';

export type TestOwner = {
  readonly id: string;
  readonly name: string;
  readonly sessionId: string;
  readonly elevation: () => Promise<string>;
};

export async function foundTestOwner(agent: AgentClient, name = 'tester'): Promise<TestOwner> {
  const person = { id: newId(), name };
  const sessionId = newId();
  await agent.call('people.found', { ...person, password: ownerPassword }, { actor: person, requestId: 'owner' });
  let kept: Promise<string> | undefined;
  const open = async () => {
    const proof = { kind: 'password' as const, password: ownerPassword };
    return (await agent.call('elevation.open', { sessionId, proof }, { actor: person, requestId: 'owner' })).elevation;
  };
  return { ...person, sessionId, elevation: () => (kept ??= open()) };
}
