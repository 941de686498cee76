import { randomBytes } from 'node:crypto';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { redisLimits, type RedisElementChange } from '#shared/redis.ts';
import type { Machine } from '../core/machine.ts';
import type { Command, RedisLink } from '../databases/wire/redis.ts';
import { revisionOf } from './redis-keys.ts';
import { changed, done, gone, isBulk, listOf, withRedis } from './redis-link.ts';

/*
 * Single elements of hashes, lists, sets and sorted sets. An element is only changed while it is what the person has seen:
 * the key is watched from the look to the change, so somebody else's write in between takes the change back as a whole.
 */

const exists = (): AppError =>
  new AppError('already_exists', 'There is such an element.', { reason: 'redis_element_exists' });

const bytesOf = (id: string): Buffer => Buffer.from(id, 'base64url');

export async function changeElement(
  machine: Machine,
  { database, key, change }: ActionParams<AgentActions['redis.change_element']>,
): Promise<ActionResult<AgentActions['redis.change_element']>> {
  const name = Buffer.from(key, 'base64url');
  return await withRedis(machine, database, async (link) => {
    const [, type] = await link.ask([
      ['WATCH', name],
      ['TYPE', name],
    ]);
    if (done(type) === 'none') throw gone();
    if (type !== change.type) throw changed();
    await look(link, name, change);
    const asked: readonly Command[] = commandsOf(name, change);
    const answers = await link.ask([['MULTI'], ...asked, ['EXEC']]);
    // One that the server did not take into the transaction says why by itself.
    for (const answer of answers.slice(0, -1)) done(answer);
    const last = done(answers.at(-1));
    // Null: somebody wrote the key between the look and the change.
    if (last === null) throw changed();
    for (const answer of listOf(last)) done(answer);
    return {};
  });
}

/** Throws unless it is there as it was seen, or not there yet. */
async function look(link: RedisLink, key: Buffer, change: RedisElementChange): Promise<void> {
  if (change.kind === 'add' && change.type === 'list') return;
  const [answer] = await link.ask([lookAt(key, change)], redisLimits.element + 1);
  const found = done(answer);
  if (change.kind === 'add') {
    if (found !== null && found !== 0) throw exists();
    return;
  }
  if (change.type === 'set') {
    if (found !== 1) throw changed();
    return;
  }
  const isSame = isBulk(found) && found.length === found.bytes.length && revisionOf(found.bytes) === change.revision;
  if (!isSame) throw changed();
}

function lookAt(key: Buffer, change: RedisElementChange): Command {
  if (change.kind === 'add') {
    if (change.type === 'hash') return ['HEXISTS', key, change.field];
    if (change.type === 'zset') return ['ZSCORE', key, change.value];
    return ['SISMEMBER', key, change.value];
  }
  if (change.type === 'hash') return ['HGET', key, bytesOf(change.id)];
  if (change.type === 'zset') return ['ZSCORE', key, bytesOf(change.id)];
  if (change.type === 'list') return ['LINDEX', key, indexOf(change.id)];
  return ['SISMEMBER', key, bytesOf(change.id)];
}

function commandsOf(key: Buffer, change: RedisElementChange): readonly Command[] {
  if (change.kind === 'add') return [addition(key, change)];
  if (change.kind === 'remove') return removal(key, change);
  if ('score' in change) return [['ZADD', key, 'XX', change.score, bytesOf(change.id)]];
  if (change.type === 'hash') return [['HSET', key, bytesOf(change.id), change.value]];
  return [['LSET', key, indexOf(change.id), change.value]];
}

function addition(key: Buffer, change: Extract<RedisElementChange, { kind: 'add' }>): Command {
  switch (change.type) {
    case 'hash':
      return ['HSETNX', key, change.field, change.value];
    case 'list':
      return [change.at === 'head' ? 'LPUSHX' : 'RPUSHX', key, change.value];
    case 'set':
      return ['SADD', key, change.value];
    case 'zset':
      return ['ZADD', key, 'NX', change.score, change.value];
  }
}

function removal(key: Buffer, change: Extract<RedisElementChange, { kind: 'remove' }>): readonly Command[] {
  const id = change.id;
  if (change.type === 'hash') return [['HDEL', key, bytesOf(id)]];
  if (change.type === 'set') return [['SREM', key, bytesOf(id)]];
  if (change.type === 'zset') return [['ZREM', key, bytesOf(id)]];
  // Lists lose elements by their value only: this one gets a value that no other has, in the same transaction.
  const mark = randomBytes(24);
  return [
    ['LSET', key, indexOf(id), mark],
    ['LREM', key, '1', mark],
  ];
}

/** Of a list its place, as digits. */
function indexOf(id: string): string {
  const index = bytesOf(id).toString('latin1');
  if (!/^\d{1,15}$/.test(index)) throw changed();
  return index;
}
