import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { AppError } from '#shared/errors.ts';
import { maxFrameBytes } from '#shared/terminal-frames.ts';
import { terminalProtocol, terminalsApi, terminalTicketPrefix } from '#shared/terminals.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { checkSocketOrigin } from '../../core/csrf.ts';
import { createRateWindow } from '../../core/rate-window.ts';
import { isUpgrade, takeUpgrade } from '../../core/upgrades.ts';
import { relay, type Relay } from './terminal-relay.ts';
import type { TerminalTickets, TicketFacts } from './terminal-tickets.ts';

/** What a ticket leads to. */
export type TerminalTicket = TicketFacts & { readonly socketPath: string; readonly user: string };

/** Also the interval at which the session is asked for again; a browser that does not answer until the next is gone. */
const heartbeatMs = 15_000;
const mostPerPerson = 24;
const openOf = new Map<string, number>();

type Given = {
  readonly ctx: Context;
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly terminalId: string;
  readonly tickets: TerminalTickets<TerminalTicket>;
};

/** Lets a browser in to a terminal; ends when the connection does. Throws before anything is taken over. */
export async function serveTerminal({ ctx, actor, request, reply, terminalId, tickets }: Given): Promise<void> {
  checkSocketOrigin(request);
  if (!isUpgrade(request.raw))
    throw new AppError('invalid_request', 'A WebSocket is expected here.', { reason: 'malformed_request' });
  const ticket = tickets.take(ticketOf(request), {
    personId: actor.id,
    sessionId: actor.sessionId,
    terminalId,
  });
  if (ticket === undefined)
    throw new AppError('not_allowed', 'The ticket is not for this.', { reason: 'terminal_ticket_void' });
  if (ctx.health.isDraining) throw new AppError('busy', 'The panel is shutting down.', { reason: 'shutting_down' });
  const open = openOf.get(actor.id) ?? 0;
  if (open >= mostPerPerson)
    throw new AppError('rate_limited', 'Too many live views are open.', { reason: 'too_many_streams' });
  // No record, no terminal.
  const record = await ctx.audit.begin({
    actor,
    action: terminalsApi.connect.id,
    target: terminalId,
    address: request.ip,
    requestId: request.id,
    detail: { user: ticket.user },
  });
  openOf.set(actor.id, open + 1);
  try {
    const browser = await accept(reply);
    const connection = relay(browser, ticket.socketPath);
    const stop = watch(ctx, actor, browser, connection);
    const { reason, sentBytes } = await connection.ended;
    stop();
    await record.finish('done', { end: reason, sentBytes });
  } catch (error) {
    await record.finish('failed');
    throw error;
  } finally {
    const left = (openOf.get(actor.id) ?? 1) - 1;
    if (left > 0) openOf.set(actor.id, left);
    else openOf.delete(actor.id);
  }
}

/** The ticket comes as a second protocol: headers are in no log, and no page of another origin can send one it lacks. */
function ticketOf(request: FastifyRequest): string {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const given = offered.filter((each) => each.startsWith(terminalTicketPrefix));
  if (!offered.includes(terminalProtocol) || given.length !== 1) return '';
  return given[0]?.slice(terminalTicketPrefix.length) ?? '';
}

/** Loaded with the first terminal: most panels that run just now have none. */
async function accept(reply: FastifyReply): Promise<WebSocket> {
  const { WebSocketServer } = await import('ws');
  const upgrade = takeUpgrade(reply);
  if (upgrade === undefined) throw new AppError('invalid_request', 'The connection was given up.');
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes + 1,
    handleProtocols: () => terminalProtocol,
  });
  return await new Promise((resolve, reject) => {
    upgrade.socket.once('close', () => reject(new AppError('invalid_request', 'The connection was given up.')));
    sockets.handleUpgrade(reply.request.raw, upgrade.socket, upgrade.head, resolve);
  });
}

/** Ends the connection with the session, with its rights and with the panel. Returns what stops looking. */
function watch(ctx: Context, actor: Actor, browser: WebSocket, connection: Relay): () => void {
  const close: Relay['close'] = (reason) => connection.close(reason);
  const offEnd = ctx.sessions.onEnd(actor.sessionId, () => close('session'));
  const offDrain = ctx.health.onDrain(() => close('goingAway'));
  let hasAnswered = true;
  browser.on('pong', () => (hasAnswered = true));
  const heartbeat = setInterval(() => {
    if (!hasAnswered) return browser.terminate();
    hasAnswered = false;
    browser.ping();
    ctx.sessions.isAlive(actor.sessionId).then(
      (isAlive) => (isAlive ? undefined : close('session')),
      (error: unknown) => {
        ctx.log.warn({ err: error }, 'the session of a terminal could not be checked');
        close('goingAway');
      },
    );
  }, heartbeatMs);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    offEnd();
    offDrain();
  };
}

/** Strangers must not be able to fill the log. */
const mayRecord = createRateWindow({ most: 20, windowMs: 60_000 });

/** Every attempt that is refused stands in the audit log, whoever it was. */
export function recordRefusals(ctx: Context) {
  return async (request: FastifyRequest, { code, reason }: AppError): Promise<void> => {
    const actor = request.signedIn?.actor ?? null;
    try {
      mayRecord(actor?.id ?? request.ip, ctx.clock.now());
    } catch {
      return;
    }
    const { terminalId = '' } = (request.params ?? {}) as { terminalId?: string };
    await ctx.audit.record(
      {
        actor,
        action: terminalsApi.connect.id,
        target: /^[a-z2-7]{16}$/.test(terminalId) ? terminalId : '',
        address: request.ip,
        requestId: request.id,
        detail: { failure: { code, reason: reason ?? null } },
      },
      'refused',
    );
  };
}
