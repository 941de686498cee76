import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { redisLimits, type RedisType, type RedisValue } from '#shared/redis.ts';
import type { Machine } from '../core/machine.ts';
import type { Command, RedisLink, Reply } from '../databases/wire/redis.ts';
import { factsAsked, factsIn, revisionOf, textOf } from './redis-keys.ts';
import { changed, countOf, done, gone, isBulk, listOf, withRedis } from './redis-link.ts';

/* The value of a key, a window of it at a time: no value is so long that the server or the agent would have to hold it. */

type Piece = Pick<RedisValue, 'entries' | 'length' | 'next' | 'revision' | 'text'>;
type Reader = (link: RedisLink, key: Buffer, after: string) => Promise<Piece>;

const nothing: Piece = { entries: [], length: null, next: null, revision: null, text: null };

export async function readKey(
  machine: Machine,
  { database, key, after }: ActionParams<AgentActions['redis.read']>,
): Promise<ActionResult<AgentActions['redis.read']>> {
  const name = Buffer.from(key, 'base64url');
  return await withRedis(machine, database, async (link) => {
    const facts = factsIn(await link.ask(factsAsked(name)));
    if (facts === undefined) throw gone();
    const piece = facts.type === 'other' ? nothing : await readers[facts.type](link, name, after ?? '0');
    return { ...facts, ...piece };
  });
}

const readers: Readonly<Record<RedisType, Reader>> = {
  async string(link, key, after) {
    const from = BigInt(after);
    const [length, bytes] = await link.ask(
      [
        ['STRLEN', key],
        ['GETRANGE', key, String(from), String(from + BigInt(redisLimits.window - 1))],
      ],
      redisLimits.window,
    );
    const whole = countOf(done(length)) ?? 0;
    done(bytes);
    if (!isBulk(bytes)) throw changed();
    const left = whole - Number(from);
    const text = textOf({ bytes: bytes.bytes, length: Math.max(bytes.length, left) }, redisLimits.window);
    const taken = text.isBinary ? bytes.length : Buffer.byteLength(text.text);
    const isWhole = from === 0n && bytes.length === whole;
    return {
      ...nothing,
      length: whole,
      text: { ...text, length: whole },
      next: text.isCut && taken > 0 ? String(from + BigInt(taken)) : null,
      revision: isWhole && !text.isBinary ? revisionOf(bytes.bytes) : null,
    };
  },

  async hash(link, key, after) {
    const { length, items, next } = await scanned(link, ['HLEN', key], ['HSCAN', key, after]);
    const entries = items.flatMap((value, at) => {
      const field = items[at - 1];
      return at % 2 === 1 && isBulk(field) && isBulk(value)
        ? [{ field: elementOf(field), value: elementOf(value), score: null }]
        : [];
    });
    return { ...nothing, length, next, entries };
  },

  async set(link, key, after) {
    const { length, items, next } = await scanned(link, ['SCARD', key], ['SSCAN', key, after]);
    return { ...nothing, length, next, entries: items.filter(isBulk).map(bare) };
  },

  async list(link, key, after) {
    const { length, items, next } = await ranged(link, ['LLEN', key], ['LRANGE', key], after);
    return { ...nothing, length, next, entries: items.filter(isBulk).map(bare) };
  },

  async zset(link, key, after) {
    const { length, items, next } = await ranged(link, ['ZCARD', key], ['ZRANGE', key], after, ['WITHSCORES']);
    const entries = items.flatMap((score, at) => {
      const value = items[at - 1];
      return at % 2 === 1 && isBulk(value) && isBulk(score)
        ? [{ field: null, value: elementOf(value), score: score.bytes.toString('latin1', 0, 40) }]
        : [];
    });
    return { ...nothing, length, next, entries };
  },

  async stream(link, key) {
    const [length] = await link.ask([['XLEN', key]]);
    return { ...nothing, length: countOf(done(length)) };
  },
};

const elementOf = (bulk: Parameters<typeof textOf>[0]) => textOf(bulk, redisLimits.element);
const bare = (bulk: Parameters<typeof textOf>[0]) => ({ field: null, value: elementOf(bulk), score: null });

type Items = { readonly length: number | null; readonly items: readonly Reply[]; readonly next: string | null };

async function scanned(link: RedisLink, size: Command, scan: Command): Promise<Items> {
  const [length, answer] = await link.ask(
    [size, [...scan, 'COUNT', String(redisLimits.elements)]],
    redisLimits.element,
  );
  const [cursor, items] = listOf(done(answer));
  const next = isBulk(cursor) ? cursor.bytes.toString('latin1') : '0';
  return { length: countOf(done(length)), items: listOf(items), next: /^[1-9]\d{0,19}$/.test(next) ? next : null };
}

async function ranged(
  link: RedisLink,
  size: Command,
  range: Command,
  after: string,
  more: readonly string[] = [],
): Promise<Items> {
  const from = BigInt(after);
  const end = from + BigInt(redisLimits.elements);
  const asked: Command = [...range, String(from), String(end - 1n), ...more];
  const [count, answer] = await link.ask([size, asked], redisLimits.element);
  const length = countOf(done(count)) ?? 0;
  return { length, items: listOf(done(answer)), next: end < BigInt(length) ? String(end) : null };
}
