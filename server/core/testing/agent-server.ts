import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { agentRequest } from '#shared/agent/protocol.ts';
import type { AgentActionName } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { AgentCallError, type AgentClient } from '../agent-client.ts';

/*
 * For tests: an agent on a Unix socket in this process, so that web processes can be killed while it lives on. Like the
 * real one it does one change after another and goes on when nobody waits for the answer any more.
 */

export type AgentServer = {
  /** What is on the machine: the facts last applied, by slug. */
  readonly placed: ReadonlyMap<string, SiteSpec>;
  close(): Promise<void>;
};

/** `delayMs`: how long each change takes. */
export async function serveAgent(
  socketPath: string,
  agent: AgentClient,
  { delayMs = 0 }: { readonly delayMs?: number } = {},
): Promise<AgentServer> {
  const placed = new Map<string, SiteSpec>();
  let queue: Promise<unknown> = Promise.resolve();

  async function act(name: AgentActionName, body: string): Promise<unknown> {
    const { params, actor, requestId, ticket } = agentRequest.parse(JSON.parse(body));
    if (name.startsWith('sites.')) await wait(delayMs);
    const result = await agent.call(name, params as never, {
      actor,
      requestId,
      ...(ticket === undefined ? {} : { ticket }),
    });
    const { spec, site } = params as { spec?: SiteSpec; site?: { slug: string } };
    if (name === 'sites.remove' && site !== undefined) placed.delete(site.slug);
    if ((name === 'sites.apply' || name === 'sites.restore') && spec !== undefined) placed.set(spec.slug, spec);
    return result;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? '').replace('/v1/actions/', '') as AgentActionName;
    const body = await text(request);
    const work = queue.then(() => act(name, body));
    queue = work.catch(() => undefined);
    let reply: object;
    try {
      reply = { ok: true, result: await work };
    } catch (error) {
      if (!(error instanceof AgentCallError) || !error.isOutcomeKnown) {
        request.socket.destroy();
        return;
      }
      const { code, message, reason, params, fields } = error;
      reply = { ok: false, error: { code, message, params, fields, ...(reason === undefined ? {} : { reason }) } };
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(reply));
  }

  const server = createServer((request, response) => {
    // A caller that died in the middle of its request asked for nothing.
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return {
    placed,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await queue;
    },
  };
}
