import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { secureContextOf, type Pair } from './doors-certificate.ts';

/** The port is taken. */
export class PortInUseError extends Error {
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} is in use`, { cause });
    this.name = 'PortInUseError';
    this.port = port;
  }
}

/** When a connection was ready for its first request (`performance.now()`), and by which port it came. */
export type ConnectionFacts = { readonly openedAt: number; readonly port: number };

export type DoorsListener = {
  /** Listens on exactly these: new ones are opened before others are closed. Throws PortInUseError; then all is as before. */
  setPorts(ports: readonly number[]): Promise<void>;
  /** Connections from now on; null: plain HTTP. Throws when the pair cannot be used. */
  setPair(pair: Pair | null): void;
  /** Connections on which nobody asks anything just now. */
  closeIdle(): void;
  /** Stops listening; resolves when the last connection has ended. */
  close(): Promise<void>;
  destroy(): void;
};

type ListenerParts = {
  /** Answers requests; it never listens itself. */
  readonly server: HttpServer;
  readonly host: string;
  /** Answers what comes without TLS while the panel has a certificate. */
  readonly onPlain: (request: IncomingMessage, response: ServerResponse) => void;
};

const factsOfSocket = new WeakMap<object, ConnectionFacts>();

/** undefined for what came by no listener of ours. */
export function connectionFactsOf(socket: object): ConnectionFacts | undefined {
  return factsOfSocket.get(socket);
}

/** Somebody who connects must say something within this time. */
const silenceMs = 20_000;
/** What is still open this long after its port was given up is cut. */
const graceMs = 10_000;
const tlsHandshake = 0x16;

/**
 * Several ports and a certificate that may change, all before one HTTP server. With a certificate the first byte tells
 * TLS from plain HTTP, so that both can come by the same port.
 */
export function createListener({ server, host, onPlain }: ListenerParts): DoorsListener {
  const open = new Map<number, { readonly listening: Server; readonly sockets: Set<Socket> }>();
  let hasTls = false;

  const secure = createTlsServer({ ALPNProtocols: ['http/1.1'], handshakeTimeout: silenceMs });
  secure.on('secureConnection', (socket: TLSSocket) => give(server, socket));
  secure.on('tlsClientError', (_error, socket) => socket.destroy());

  const plain = createHttpServer(
    { requestTimeout: silenceMs, headersTimeout: silenceMs, maxHeaderSize: 16_384 },
    onPlain,
  );
  plain.on('clientError', (_error, socket) => socket.destroy());
  // Node looks for slow requests and idle connections once a server says that it listens; these are given theirs.
  for (const each of [server, plain]) each.emit('listening');

  function take(socket: Socket): void {
    if (hasTls) sniff(socket);
    else give(server, socket);
  }

  /** Waits for the first byte, puts it back and hands the connection on. */
  function sniff(socket: Socket): void {
    const cut = (): void => void socket.destroy();
    const look = (): void => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.off('readable', look).off('error', cut).off('end', cut).off('timeout', cut);
      socket.setTimeout(0);
      socket.unshift(first);
      if (first[0] === tlsHandshake) secure.emit('connection', socket);
      else give(plain, socket);
    };
    socket.setTimeout(silenceMs);
    socket.on('readable', look).on('error', cut).on('end', cut).on('timeout', cut);
  }

  async function openPort(port: number): Promise<void> {
    const sockets = new Set<Socket>();
    const listening = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      take(socket);
    });
    await new Promise<void>((resolve, reject) => {
      listening.once('error', (error) =>
        reject('code' in error && error.code === 'EADDRINUSE' ? new PortInUseError(port, error) : error),
      );
      listening.listen({ host, port, backlog: 512 }, resolve);
    });
    open.set(port, { listening, sockets });
  }

  function closePort(port: number): Promise<void> {
    const entry = open.get(port);
    if (entry === undefined) return Promise.resolve();
    open.delete(port);
    const closed = new Promise<void>((resolve) => entry.listening.close(() => resolve()));
    setTimeout(() => destroyAll(entry.sockets), graceMs).unref();
    return closed;
  }

  return {
    async setPorts(ports) {
      const added: number[] = [];
      try {
        for (const port of ports) {
          if (open.has(port)) continue;
          await openPort(port);
          added.push(port);
        }
      } catch (error) {
        for (const port of added) void closePort(port);
        throw error;
      }
      for (const port of open.keys()) if (!ports.includes(port)) void closePort(port);
    },
    setPair(pair) {
      if (pair !== null) {
        secureContextOf(pair);
        secure.setSecureContext({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.2' });
      }
      hasTls = pair !== null;
    },
    closeIdle: () => server.closeIdleConnections(),
    async close() {
      const ended = [...open.values()].map(
        ({ listening }) => new Promise<void>((resolve) => listening.close(() => resolve())),
      );
      const sweep = setInterval(() => {
        for (const each of [server, plain]) each.closeIdleConnections();
      }, 50);
      for (const each of [server, plain]) each.closeIdleConnections();
      await Promise.all(ended);
      clearInterval(sweep);
      // They never listened; this ends their timers.
      for (const each of [server, plain]) each.close(() => undefined);
      open.clear();
    },
    destroy() {
      for (const { sockets } of open.values()) destroyAll(sockets);
    },
  };
}

function give(server: HttpServer, socket: Socket): void {
  factsOfSocket.set(socket, { openedAt: performance.now(), port: socket.localPort ?? 0 });
  server.emit('connection', socket);
}

function destroyAll(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy();
}
