import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import { MessageTooLong, ServerError } from '../databases/wire/link.ts';
import { openRedis, type Bulk, type RedisLink, type Reply } from '../databases/wire/redis.ts';
import { readOr, userNames } from '../processes/proc-files.ts';
import { socketsIn } from '../processes/sockets.ts';
import { readRedisConf, type RedisConf } from './redis-conf.ts';

/* The way in to the Redis of this machine: over loopback or its Unix socket, with the password that its configuration has. */

/** Accounts that a Redis of the distribution runs as. */
const owners = new Set(['redis', 'root']);

/** Lets `work` speak with one database. Throws `redis_*` when the server is away, or does not do it. */
export async function withRedis<T>(
  machine: Machine,
  database: number,
  work: (link: RedisLink) => Promise<T>,
): Promise<T> {
  const link = await come(machine);
  try {
    const [selected] = await link.ask([['SELECT', String(database)]]);
    if (selected instanceof ServerError && !isDenial(selected))
      throw new AppError('not_found', 'There is no such database.', { reason: 'redis_database_unknown' });
    done(selected);
    return await work(link);
  } catch (error) {
    throw known(error);
  } finally {
    link.close();
  }
}

/** Nobody has said yet which database. Throws `redis_*`. */
export async function come(machine: Machine): Promise<RedisLink> {
  if (findProgram('redis-server', machine.prefix) === undefined)
    throw new AppError('in_use', 'Redis is not installed.', { reason: 'redis_missing' });
  const conf = readRedisConf(machine.prefix);
  const at = addressOf(machine, conf);
  if (at === undefined) throw other();
  let link: RedisLink;
  try {
    link = await openRedis(at);
  } catch (error) {
    throw away(error);
  }
  try {
    const [answer] = await link.ask([conf.password === null ? ['PING'] : ['AUTH', conf.password]]);
    done(answer);
    return link;
  } catch (error) {
    link.close();
    throw known(error);
  }
}

/**
 * While Redis is down, anybody on this machine may listen on its port: the password is for nobody but the server.
 * Undefined: it does not listen in a way that the agent comes in by.
 */
function addressOf({ prefix }: Machine, conf: RedisConf): { port: number } | { socketPath: string } | undefined {
  if (conf.port === 0) return conf.socketPath === null ? undefined : { socketPath: prefix + conf.socketPath };
  const names = userNames(prefix);
  const listening = listenersOf(conf.port).filter(({ address }) => /^(?:127\.0\.0\.1|0\.0\.0\.0|::)$/.test(address));
  if (listening.length === 0) throw away(undefined);
  const isOwn = (uid: number): boolean =>
    uid === 0 || uid === process.getuid?.() || owners.has(names.get(uid) ?? String(uid));
  return listening.every(({ uid }) => isOwn(uid)) ? { port: conf.port } : undefined;
}

const listenersOf = (port: number) =>
  ['tcp', 'tcp6']
    .flatMap((file) => socketsIn(readOr(`/proc/net/${file}`), 'tcp'))
    .filter((socket) => socket.port === port);

/** Whether other machines can reach its port. */
export function isRedisOpen({ prefix }: Machine): boolean {
  const { port } = readRedisConf(prefix);
  return port !== 0 && listenersOf(port).some(({ address }) => !/^(?:127\.|::1$)/.test(address));
}

/** The answer, unless the server refuses. */
export function done(reply: Reply | undefined): Reply {
  if (reply === undefined || reply instanceof ServerError) throw reply ?? new Error('no answer');
  return reply;
}

export function isBulk(reply: Reply | undefined): reply is Bulk {
  return typeof reply === 'object' && reply !== null && 'bytes' in reply;
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

/** A number, or null for what is none. */
export function countOf(reply: Reply | undefined): number | null {
  return typeof reply === 'number' ? reply : null;
}

const isDenial = ({ code }: ServerError): boolean => /^(?:NOAUTH|WRONGPASS|NOPERM|DENIED)$/.test(code);

function known(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof MessageTooLong)
    return new AppError('too_large', 'The answer of Redis is too long.', { reason: 'redis_too_large', cause: error });
  if (!(error instanceof ServerError)) return away(error);
  if (isDenial(error)) return other(error);
  if (error.code === 'WRONGTYPE') return changed();
  return new AppError('in_use', 'Redis refuses.', {
    reason: 'redis_refused',
    params: { said: error.message },
    cause: error,
  });
}

const away = (cause: unknown): AppError =>
  new AppError('in_use', 'Redis does not answer.', { reason: 'redis_away', cause });
const other = (cause?: unknown): AppError =>
  new AppError('in_use', 'Redis does not let root in.', { reason: 'redis_closed', cause });
export const gone = (): AppError => new AppError('not_found', 'The key is gone.', { reason: 'redis_key_gone' });
export const changed = (): AppError =>
  new AppError('changed_meanwhile', 'The key was changed meanwhile.', { reason: 'redis_key_changed' });
