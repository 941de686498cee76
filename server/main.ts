import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { redirectPlain } from './core/doors-gate.ts';
import { createListener, type DoorsListener } from './core/doors-listener.ts';
import type { Log } from './core/log.ts';
import { releaseMemoryWhenQuiet } from './core/idle-memory.ts';

export { PortInUseError } from './core/doors-listener.ts';

/** What starting needs from the context; the real one is made by `createContext`. */
export type StartContext = {
  readonly log: Log;
  /** From now on readiness answers 503. */
  readonly health: { drain(): void };
  /** Lets go of what runs; the next process takes it up. */
  readonly jobs?: { close(): Promise<void> };
  /** Where it listens; without them at the address of the configuration, over plain HTTP. */
  readonly doors?: {
    attach(listener: DoorsListener): Promise<void>;
    current(): { readonly port: number };
    origin(): string;
  };
  /** Ends timers, jobs and the database connection. */
  close(): Promise<void>;
};

/** The parts of a server; tests bring their own. */
export type ServerParts<Ctx extends StartContext> = {
  createContext(config: Config): Ctx | Promise<Ctx>;
  buildApp(ctx: Ctx): Promise<FastifyInstance>;
  /** Answers plain HTTP where TLS is spoken. */
  readonly onPlain?: (ctx: Ctx) => (request: IncomingMessage, response: ServerResponse) => void;
  /** A link while there is no owner account, null afterwards. */
  firstRunLink(ctx: Ctx): Promise<string | null>;
};

export type RunningServer = {
  /** Sign-up link while there is no owner account. Secret: for the console only. */
  readonly firstRunLink: string | null;
  /** Where people reach it: what the doors say, which may differ from the configuration. */
  readonly place: { readonly port: number; readonly publicUrl: string };
  readonly log: Log;
  /** Drains: readiness says 503 at once, open requests end, streams and WebSockets are closed, then it resolves. */
  close(): Promise<void>;
  /** Cuts every connection. */
  destroy(): void;
};

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
  return startParts<Context>(config, {
    createContext,
    buildApp,
    firstRunLink: accounts.firstRunLink,
    onPlain: redirectPlain,
  });
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
  releaseMemoryWhenQuiet(app.server);
  const listener = createListener({
    server: app.server,
    host: config.host,
    onPlain: parts.onPlain?.(ctx) ?? ((request) => request.socket.destroy()),
  });
  try {
    if (ctx.doors === undefined) await listener.setPorts([config.port]);
    else await ctx.doors.attach(listener);
  } catch (error) {
    const closed = app.close();
    await listener.close();
    await closed;
    await ctx.close();
    throw error;
  }
  for (const { code, variable, message } of config.warnings) ctx.log.warn({ code, variable }, message.en);
  let closing: Promise<void> | undefined;
  return {
    firstRunLink: await parts.firstRunLink(ctx),
    place: {
      port: ctx.doors?.current().port ?? config.port,
      publicUrl: ctx.doors?.origin() ?? config.publicUrl,
    },
    log: ctx.log,
    close() {
      closing ??= drain(ctx, app, listener, connections);
      return closing;
    },
    destroy() {
      connections.destroy();
      listener.destroy();
    },
  };
}

async function drain(
  ctx: StartContext,
  app: FastifyInstance,
  listener: DoorsListener,
  connections: Connections,
): Promise<void> {
  ctx.health.drain();
  ctx.log.info('draining');
  // At once: jobs that follow something of the agent's would take what goes down with the machine for failed.
  ctx.jobs?.close().catch((error: unknown) => ctx.log.warn({ err: error }, 'jobs could not be given free'));
  await new Promise((resolve) => setTimeout(resolve, drainNoticeMs));
  const limit = setTimeout(() => {
    ctx.log.warn({ limitMs: drainLimitMs }, 'requests were still open at the end of the drain and are cut');
    connections.destroy();
    listener.destroy();
  }, drainLimitMs);
  connections.endStreams();
  // From here on every answer closes its connection.
  const closed = app.close();
  await listener.close();
  await closed;
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
