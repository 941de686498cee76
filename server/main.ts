import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import type { Log } from './core/log.ts';

/** What starting needs from the context; the real one is made by `createContext`. */
export type StartContext = {
  readonly log: Log;
  /** From now on readiness answers 503. */
  readonly health: { drain(): void };
  /** Ends timers, jobs and the database connection. */
  close(): Promise<void>;
};

/** The parts of a server; tests bring their own. */
export type ServerParts<Ctx extends StartContext> = {
  createContext(config: Config): Ctx | Promise<Ctx>;
  buildApp(ctx: Ctx): Promise<FastifyInstance>;
  /** A link while there is no owner account, null afterwards. */
  firstRunLink(ctx: Ctx): Promise<string | null>;
};

export type RunningServer = {
  /** Sign-up link while there is no owner account. Secret: for the console only. */
  readonly firstRunLink: string | null;
  readonly log: Log;
  /** Drains: readiness says 503 at once, open requests end, streams and WebSockets are closed, then it resolves. */
  close(): Promise<void>;
  /** Cuts every connection. */
  destroy(): void;
};

/** The port is taken. */
export class PortInUseError extends Error {
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} is in use`, { cause });
    this.name = 'PortInUseError';
    this.port = port;
  }
}

/** New connections are still answered for this long, so that a load balancer can see the 503 of readiness. */
const drainNoticeMs = 150;

/** Requests still open after this are cut: below the 30 s that systemd grants (TimeoutStopSec). */
const drainLimitMs = 25_000;

/** Builds the application and listens. Throws PortInUseError. */
export async function startServer(config: Config): Promise<RunningServer> {
  const [{ createContext }, { buildApp }, accounts] = await Promise.all([
    import('./context.ts'),
    import('./app.ts'),
    import('./features/accounts/accounts.logic.ts'),
  ]);
  return startParts<Context>(config, { createContext, buildApp, firstRunLink: accounts.firstRunLink });
}

/** `startServer` with its parts given. */
export async function startParts<Ctx extends StartContext>(
  config: Config,
  parts: ServerParts<Ctx>,
): Promise<RunningServer> {
  const ctx = await parts.createContext(config);
  const app = await parts.buildApp(ctx);
  await app.ready();
  const connections = watchConnections(app.server);
  try {
    await app.listen({ host: config.host, port: config.port, backlog: 512 });
  } catch (error) {
    await app.close();
    await ctx.close();
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new PortInUseError(config.port, error);
    }
    throw error;
  }
  for (const { code, variable, message } of config.warnings) ctx.log.warn({ code, variable }, message.en);
  let closing: Promise<void> | undefined;
  return {
    firstRunLink: await parts.firstRunLink(ctx),
    log: ctx.log,
    close() {
      closing ??= drain(ctx, app, connections);
      return closing;
    },
    destroy() {
      connections.destroy();
      app.server.closeAllConnections();
    },
  };
}

async function drain(ctx: StartContext, app: FastifyInstance, connections: Connections): Promise<void> {
  ctx.health.drain();
  ctx.log.info('draining');
  await new Promise((resolve) => setTimeout(resolve, drainNoticeMs));
  const limit = setTimeout(() => {
    ctx.log.warn({ limitMs: drainLimitMs }, 'requests were still open at the end of the drain and are cut');
    connections.destroy();
    app.server.closeAllConnections();
  }, drainLimitMs);
  connections.endStreams();
  // Closing looks for idle connections once; a request that ends later leaves a kept-alive one behind.
  const sweep = setInterval(() => app.server.closeIdleConnections(), 50);
  await app.close();
  clearInterval(sweep);
  clearTimeout(limit);
  await ctx.close();
}

type Connections = {
  /** Ends event streams and closes WebSockets with 1001 (going away). */
  endStreams(): void;
  destroy(): void;
};

/** An unmasked close frame with status 1001 (RFC 6455, 5.5.1): valid between any two frames of any WebSocket library. */
const goingAwayFrame = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Keeps the connections that never end by themselves. */
function watchConnections(server: Server): Connections {
  const streams = new Set<ServerResponse>();
  const sockets = new Set<Duplex>();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!(request.headers.accept ?? '').includes('text/event-stream')) return;
    streams.add(response);
    response.once('close', () => streams.delete(response));
  });
  // With no listener Node treats an upgrade as a plain request: listen only where somebody else does.
  if (server.listenerCount('upgrade') > 0) {
    server.on('upgrade', (_request: IncomingMessage, socket: Duplex) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  return {
    endStreams() {
      for (const response of streams) if (!response.writableEnded) response.end();
      for (const socket of sockets) socket.end(goingAwayFrame);
    },
    destroy() {
      for (const response of streams) response.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}
