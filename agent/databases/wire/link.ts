import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/*
 * A connection to a database server in the server's own protocol, as somebody who has a password. There is no client between
 * that knows commands of its own: whatever is sent is done by the server, with the rights of the account and no others.
 */

export type Login = {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A Unix socket, or a port of this machine's own address. */
  readonly at: { readonly socketPath: string } | { readonly port: number };
};

export type ServerLink = {
  /** By which the server knows this connection. */
  readonly id: number;
  /** Longest statement that the server takes, in bytes. */
  readonly mostBytes: number;
  /**
   * Sends one statement, or several behind each other, and reads what the server answers to its end; rows are dropped.
   * `rows`: asked for when the server wants the data of a COPY. Throws `ServerError`.
   */
  run(sql: Buffer, rows?: () => AsyncIterable<Buffer>): Promise<void>;
  close(): void;
};

/** What a server answered instead of doing it. */
export class ServerError extends Error {
  /** Number of MariaDB, SQLSTATE of PostgreSQL. */
  readonly code: string;
  /** How many statements of those sent together were done before. */
  readonly done: number;
  readonly more: {
    /** Where in what was sent, in characters from 1. */
    readonly character?: number;
    /** Where in the data of a COPY, in rows from 1. */
    readonly row?: number;
    /** The column that it is about, where the server names it. */
    readonly column?: string;
    /** What the server says would help. */
    readonly hint?: string;
    /** It has asked for, or offered, the content of a file. */
    readonly isCopy?: boolean;
  };

  constructor(code: string, message: string, done = 0, more: ServerError['more'] = {}) {
    super(message);
    this.name = 'ServerError';
    this.code = code;
    this.done = done;
    this.more = more;
  }
}

/** A message is longer than the asker takes: nothing can be read after it. */
export class MessageTooLong extends Error {}

const patienceMs = 10_000;

/** Connects and signs in. Rejects when nobody answers there, or not in time; the connection is closed then. */
export async function enter<T>({ at }: Login, signIn: (socket: Socket) => Promise<T>): Promise<T> {
  const socket = 'port' in at ? connect(at.port, '127.0.0.1') : connect(at.socketPath);
  // Whoever reads learns of it there, and of one that comes after the first nobody needs to.
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(new Error('nobody answers')), patienceMs);
  try {
    await once(socket, 'connect');
    socket.setNoDelay(true);
    return await signIn(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits while the other side does not take more. */
export async function write(socket: Socket, ...pieces: readonly Buffer[]): Promise<void> {
  socket.cork();
  let isTaken = true;
  for (const piece of pieces) isTaken = socket.write(piece);
  socket.uncork();
  if (isTaken || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      socket.off('drain', go);
      socket.off('close', go);
      resolve();
    };
    socket.once('drain', go);
    socket.once('close', go);
  });
}
