import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { ErrorReason } from '#shared/error-reasons.ts';
import { errnoOf } from '../core/files.ts';

/*
 * Why a client did not come in. Clients say it in sentences that change with their version and the language of the server:
 * the way to it is gone once more, without a name or a password, as far as it goes.
 */

export type ProbedServer = {
  readonly engine: 'mariadb' | 'postgresql';
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly tls: 'off' | 'require' | 'verify';
  /** Certificates as PEM; null: those of the system. */
  readonly authority: string | null;
};

/** undefined: up to where names and passwords are asked for, everything is well. */
export async function whyUnreached(server: ProbedServer, stepMs = 8_000): Promise<AppError | undefined> {
  const { host, address, port } = server;
  const said = (reason: ErrorReason, params: Record<string, string | number>, cause?: unknown): AppError =>
    new AppError('in_use', 'The database server is not reached.', { reason, params, cause });
  const socket = connect({ host: address, port });
  try {
    const fault = await connected(socket, stepMs);
    if (fault === 'timeout') return said('remote_server_silent', { host, port });
    if (fault === 'ECONNREFUSED') return said('remote_server_refused', { host, port });
    if (fault === 'ETIMEDOUT') return said('remote_server_silent', { host, port });
    if (fault !== undefined) return said('remote_server_unreachable', { host });
    const greeting =
      server.engine === 'mariadb' ? await greetMariadb(socket, stepMs) : await greetPostgresql(socket, stepMs);
    if (greeting === 'silent') return said('remote_server_silent', { host, port });
    if (greeting === 'other') return said('remote_server_kind', {});
    if (greeting === 'closed' || server.tls === 'off') return undefined;
    if (greeting === 'plain') return said('remote_server_no_tls', {});
    return await whyUntrusted(socket, server, stepMs);
  } finally {
    socket.destroy();
  }
}

async function connected(socket: Socket, stepMs: number): Promise<string | undefined> {
  const done = Promise.withResolvers<string | undefined>();
  socket.once('connect', () => done.resolve(undefined));
  socket.on('error', (error) => done.resolve(errnoOf(error)));
  return await Promise.race([done.promise, wait(stepMs, 'timeout', { ref: false })]);
}

/** `closed`: it does not talk to this machine, and says why only to who comes in. */
type Greeting = 'tls' | 'plain' | 'closed' | 'other' | 'silent';

/** The next bytes, at least so many; fewer when it hangs up. */
async function read(socket: Socket, least: number, stepMs: number): Promise<Buffer | undefined> {
  const done = Promise.withResolvers<Buffer | undefined>();
  let bytes = Buffer.alloc(0);
  const take = (piece: Buffer): void => {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length >= least) done.resolve(bytes);
  };
  const end = (): void => done.resolve(bytes);
  socket.on('data', take).once('end', end).once('close', end);
  const found = await Promise.race([done.promise, wait(stepMs, undefined, { ref: false })]);
  socket.off('data', take).off('end', end).off('close', end);
  socket.pause();
  return found;
}

const tlsCapability = 0x0800;

/** https://mariadb.com/kb/en/connection/: a greeting with what the server can; the answer asks for TLS. */
async function greetMariadb(socket: Socket, stepMs: number): Promise<Greeting> {
  const head = await read(socket, 5, stepMs);
  if (head === undefined) return 'silent';
  if (head.length < 5 || head[4] === 0xff) return 'closed';
  if (head[4] !== 10) return 'other';
  const length = head.readUIntLE(0, 3);
  const rest =
    head.length >= length + 4
      ? head
      : Buffer.concat([head, (await read(socket, length + 4 - head.length, stepMs)) ?? Buffer.alloc(0)]);
  const end = rest.indexOf(0, 5);
  // After the version: a number of four bytes, eight of a challenge, a zero.
  const at = end + 1 + 4 + 8 + 1;
  if (end < 0 || rest.length < at + 2) return 'other';
  if ((rest.readUInt16LE(at) & tlsCapability) === 0) return 'plain';
  const request = Buffer.alloc(36);
  request.writeUIntLE(32, 0, 3);
  request[3] = 1;
  request.writeUInt32LE(0x0020_8a00 | 0x8000 | tlsCapability, 4);
  request.writeUInt32LE(1 << 24, 8);
  request[12] = 45;
  socket.write(request);
  return 'tls';
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: SSLRequest, answered with one letter. */
async function greetPostgresql(socket: Socket, stepMs: number): Promise<Greeting> {
  const request = Buffer.alloc(8);
  request.writeInt32BE(8, 0);
  request.writeInt32BE(80_877_103, 4);
  socket.write(request);
  const answer = (await read(socket, 1, stepMs))?.toString('latin1', 0, 1);
  if (answer === undefined) return 'silent';
  if (answer === '') return 'closed';
  return answer === 'S' ? 'tls' : answer === 'N' ? 'plain' : 'other';
}

async function whyUntrusted(socket: Socket, server: ProbedServer, stepMs: number): Promise<AppError | undefined> {
  const { host, port } = server;
  const done = Promise.withResolvers<string | undefined>();
  const name = isIP(host) === 0 ? { servername: host } : {};
  const tls = connectTls({
    socket,
    host,
    ...name,
    ...(server.authority === null ? {} : { ca: server.authority }),
  });
  tls.once('secureConnect', () => done.resolve(undefined));
  tls.on('error', (error) => done.resolve(errnoOf(error)));
  const fault = await Promise.race([done.promise, wait(stepMs, 'timeout', { ref: false })]);
  tls.destroy();
  if (fault === undefined) return undefined;
  const reason: ErrorReason =
    fault === 'timeout'
      ? 'remote_server_silent'
      : fault === 'ERR_TLS_CERT_ALTNAME_INVALID'
        ? 'remote_server_other_name'
        : fault === 'CERT_HAS_EXPIRED' || fault === 'CERT_NOT_YET_VALID'
          ? 'remote_server_expired'
          : /^(ERR_SSL_|EPROTO|ECONNRESET)/.test(fault)
            ? 'remote_server_no_tls'
            : 'remote_server_untrusted';
  return new AppError('in_use', 'The certificate of the database server is not believed.', {
    reason,
    params: { host, port },
    cause: new Error(fault),
  });
}
