import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { agentProtocol, agentReply } from '#shared/agent/protocol.ts';
import { isErrorReason } from '#shared/error-reasons.ts';
import { AppError } from '#shared/errors.ts';
import type { AgentSettings } from './machine.ts';

/**
 * Asks the agent that serves, from another process of root's own (the console, a backup run): actions of the panel itself
 * only, since nobody of the register stands behind it. Throws what the agent answers, or that nobody listens.
 */
export async function askAgent(
  { socketPath }: Pick<AgentSettings, 'socketPath'>,
  action: string,
  params: object,
  actor = 'console',
): Promise<unknown> {
  const body = JSON.stringify({
    protocol: agentProtocol,
    params,
    actor: { id: actor, name: actor },
    requestId: actor,
    deadline: Date.now() + 120_000,
  });
  const answer = await new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { socketPath, method: 'POST', path: `/v1/actions/${action}`, headers, agent: false };
    const sent = request(options, (response) => void text(response).then(resolve, reject));
    sent.on('error', reject);
    sent.end(body);
  });
  const reply = agentReply.parse(JSON.parse(answer));
  if (reply.ok) return reply.result;
  const { code, message, reason } = reply.error;
  throw new AppError(code, message, reason !== undefined && isErrorReason(reason) ? { reason } : {});
}

/** Whether an agent answers on the socket. */
export async function isServing(settings: Pick<AgentSettings, 'socketPath'>): Promise<boolean> {
  return await askAgent(settings, 'agent.info', {}).then(
    () => true,
    () => false,
  );
}
