import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { terminalsApi } from '#shared/terminals.ts';

/*
 * A request for a WebSocket goes the way of every other request, through the gate of the doors, the guard and the handler of
 * its route: there is no second list of checks that could lack one. Only then the route may take the connection over.
 */

const [before = '', after = ''] = terminalsApi.connect.path.split('{terminalId}');

/** GET without a body to the one address that speaks WebSocket. */
export function isUpgradeOfOurs({ method, url = '', headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0' &&
    url.startsWith(before) &&
    url.endsWith(after)
  );
}

type Upgrade = { readonly socket: Duplex; readonly head: Buffer };
const waiting = new WeakMap<IncomingMessage, Upgrade>();

export function installUpgrades(server: FastifyInstance): void {
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    socket.on('error', () => socket.destroy());
    // Its parser is gone: nothing more can be asked on it.
    response.on('finish', () => socket.end());
    waiting.set(request, { socket, head });
    server.routing(request, response);
  });
}

/** Whether the request asks for a WebSocket that `takeUpgrade` can give. */
export function isUpgrade(request: IncomingMessage): boolean {
  return waiting.has(request);
}

/** The connection, from now on the caller's; undefined when no WebSocket was asked for. */
export function takeUpgrade(reply: FastifyReply): Upgrade | undefined {
  const { raw } = reply.request;
  const upgrade = waiting.get(raw);
  if (upgrade === undefined) return undefined;
  waiting.delete(raw);
  reply.hijack();
  reply.raw.detachSocket(upgrade.socket as Socket);
  // Whoever counts requests sees its end.
  upgrade.socket.once('close', () => reply.raw.emit('close'));
  return upgrade;
}
