import { createHash } from 'node:crypto';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { redisLimits, redisTypes, type RedisKey, type RedisText } from '#shared/redis.ts';
import type { Machine } from '../core/machine.ts';
import type { Bulk, RedisLink, Reply } from '../databases/wire/redis.ts';
import { changed, countOf, done, gone, isBulk, listOf, withRedis } from './redis-link.ts';

/*
 * Finding and changing keys. Nothing here walks the whole server at once: SCAN goes on by pieces of bounded work, so that no
 * site waits, whatever the pattern and however many keys there are.
 */

type Params<N extends keyof AgentActions> = ActionParams<AgentActions[N]>;
type Result<N extends keyof AgentActions> = ActionResult<AgentActions[N]>;

/** How long one page goes on looking, and for how many keys. */
const lookMs = 1_000;
const wanted = 100;
/** Shown of a name, in bytes. */
const mostName = 512;

const nameOf = (id: string): Buffer => Buffer.from(id, 'base64url');

export async function findKeys(
  machine: Machine,
  { database, pattern, type, after }: Params<'redis.find'>,
): Promise<Result<'redis.find'>> {
  return await withRedis(machine, database, async (link) => {
    const narrow = pattern === '*' && type === null ? [] : ['MATCH', pattern];
    // Most of what is looked at does not match then.
    const count = narrow.length === 0 ? '100' : '1000';
    const found = new Map<string, Bulk>();
    let cursor = after ?? '0';
    for (const endsAt = performance.now() + lookMs; ; ) {
      const asked = ['SCAN', cursor, ...narrow, 'COUNT', count, ...(type === null ? [] : ['TYPE', type])] as const;
      const [answer] = await link.ask([asked], redisLimits.name + 1);
      const [next, names] = listOf(done(answer));
      for (const name of listOf(names)) if (isBulk(name)) found.set(name.bytes.toString('latin1'), name);
      cursor = isBulk(next) ? next.bytes.toString('latin1') : '0';
      if (!/^\d{1,20}$/.test(cursor)) throw new Error('this is no cursor');
      if (cursor === '0' || found.size >= wanted || performance.now() > endsAt) break;
    }
    return { items: await factsOf(link, [...found.values()]), next: cursor === '0' ? null : cursor };
  });
}

/** Those that are gone meanwhile are left out. */
async function factsOf(link: RedisLink, names: readonly Bulk[]): Promise<RedisKey[]> {
  const whole = names.filter(({ length }) => length > 0 && length <= redisLimits.name);
  const replies = await link.ask(whole.flatMap(({ bytes }) => factsAsked(bytes)));
  const items: RedisKey[] = whole.flatMap((name, at) => {
    const facts = factsIn(replies.slice(at * 3, at * 3 + 3));
    return facts === undefined
      ? []
      : [{ id: name.bytes.toString('base64url'), name: textOf(name, mostName), ...facts }];
  });
  const none = { type: 'other', expiresInMs: null, sizeBytes: null } as const;
  const rest = names.filter((name) => !whole.includes(name));
  return [...items, ...rest.map((name) => ({ id: null, name: textOf(name, mostName), ...none }))];
}

export function factsAsked(key: Buffer) {
  return [
    ['TYPE', key],
    ['PTTL', key],
    ['MEMORY', 'USAGE', key, 'SAMPLES', '5'],
  ] as const;
}

type Facts = Pick<RedisKey, 'expiresInMs' | 'sizeBytes' | 'type'>;

/** Undefined: there is no such key. */
export function factsIn([said, ttl, size]: readonly Reply[]): Facts | undefined {
  if (said === 'none') return undefined;
  const type = redisTypes.find((each) => each === said) ?? 'other';
  const left = countOf(ttl) ?? -1;
  return { type, expiresInMs: left < 0 ? null : left, sizeBytes: countOf(size) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
// Tabs and ends of lines are text; every other control character makes a value one of bytes.
const isPlain = (text: string): boolean => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text);

/** As text where it is UTF-8 without control characters, else its bytes; the beginning where it is longer than `most`. */
export function textOf({ bytes, length }: Bulk, most: number): RedisText {
  const isCut = length > most || bytes.length < length;
  const shown = bytes.subarray(0, most);
  // The last character may have been cut through: it has at most four bytes.
  for (let end = shown.length; end >= Math.max(0, shown.length - (isCut ? 3 : 0)); end -= 1) {
    try {
      const text = utf8.decode(shown.subarray(0, end));
      if (isPlain(text)) return { text, isBinary: false, length, isCut };
    } catch {
      continue;
    }
    break;
  }
  return { text: shown.toString('hex').toUpperCase(), isBinary: true, length, isCut };
}

export const revisionOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A new string, or one in the place of a string that is still what it was. */
export async function setKey(machine: Machine, given: Params<'redis.set'>): Promise<Result<'redis.set'>> {
  const { database, key, value, revision, ttlSeconds } = given;
  const name = nameOf(key);
  return await withRedis(machine, database, async (link) => {
    if (revision === null) {
      const lives = ttlSeconds === null ? [] : ['EX', String(ttlSeconds)];
      const [answer] = await link.ask([['SET', name, value, 'NX', ...lives]]);
      if (done(answer) !== null) return {};
      throw new AppError('already_exists', 'There is such a key.', { reason: 'redis_key_exists' });
    }
    const [, type, before] = await link.ask(
      [
        ['WATCH', name],
        ['TYPE', name],
        ['GETRANGE', name, '0', String(redisLimits.window)],
      ],
      redisLimits.window + 1,
    );
    if (type === 'none') throw gone();
    if (type !== 'string' || !isBulk(before) || revisionOf(before.bytes) !== revision) throw changed();
    const [, , answer] = await link.ask([['MULTI'], ['SET', name, value, 'KEEPTTL'], ['EXEC']]);
    // Null: somebody wrote it between the look and the change.
    if (done(answer) === null) throw changed();
    done(listOf(answer)[0]);
    return {};
  });
}

export async function expireKey(machine: Machine, given: Params<'redis.expire'>): Promise<Result<'redis.expire'>> {
  const { database, key, ttlSeconds } = given;
  const name = nameOf(key);
  return await withRedis(machine, database, async (link) => {
    const command =
      ttlSeconds === null ? (['PERSIST', name] as const) : (['EXPIRE', name, String(ttlSeconds)] as const);
    const [answer, exists] = await link.ask([command, ['EXISTS', name]]);
    done(answer);
    if (exists !== 1) throw gone();
    return {};
  });
}

/** How many of them there were. Their memory is given back beside other work of the server. */
export async function deleteKeys(machine: Machine, given: Params<'redis.delete'>): Promise<Result<'redis.delete'>> {
  return await withRedis(machine, given.database, async (link) => {
    const [answer] = await link.ask([['UNLINK', ...given.keys.map(nameOf)]]);
    return { deleted: countOf(done(answer)) ?? 0 };
  });
}

/** How many there were, counted in the same instant. */
export async function flushDatabase(
  machine: Machine,
  { database }: Params<'redis.flush'>,
): Promise<Result<'redis.flush'>> {
  return await withRedis(machine, database, async (link) => {
    const [, , , answer] = await link.ask([['MULTI'], ['DBSIZE'], ['FLUSHDB', 'ASYNC'], ['EXEC']]);
    const [size, flushed] = listOf(done(answer));
    done(flushed);
    return { deleted: countOf(size) ?? 0 };
  });
}
