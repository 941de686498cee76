import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { redisLimits, type RedisText, type RedisType, type RedisValue } from '#shared/redis.ts';
import type { Machine } from '../core/machine.ts';
import type { Bulk, Command, RedisLink, Reply } from '../databases/wire/redis.ts';
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
    const isAll = from === 0n && bytes.length === whole;
    return {
      ...nothing,
      length: whole,
      text: { ...text, length: whole },
      next: text.isCut && taken > 0 ? String(from + BigInt(taken)) : null,
      revision: isAll && !text.isBinary ? revisionOf(bytes.bytes) : null,
    };
  },

  async hash(link, key, after) {
    const { length, items, next } = await scanned(link, ['HLEN', key], ['HSCAN', key, after]);
    const entries = items.flatMap((value, at) => {
      const field = items[at - 1];
      return at % 2 === 1 && isBulk(field) && isBulk(value)
        ? [{ field: elementOf(field), value: elementOf(value), score: null, id: idOf(field), revision: seen(value) }]
        : [];
    });
    return { ...nothing, length, next, entries };
  },

  async set(link, key, after) {
    const { length, items, next } = await scanned(link, ['SCARD', key], ['SSCAN', key, after]);
    return { ...nothing, length, next, entries: items.filter(isBulk).map((each) => bare(each, idOf(each), null)) };
  },

  async list(link, key, after) {
    const { length, items, next } = await ranged(link, ['LLEN', key], ['LRANGE', key], after);
    return {
      ...nothing,
      length,
      next,
      entries: items.filter(isBulk).map((each, at) => bare(each, idAt(BigInt(after) + BigInt(at)), seen(each))),
    };
  },

  async zset(link, key, after) {
    const { length, items, next } = await ranged(link, ['ZCARD', key], ['ZRANGE', key], after, ['WITHSCORES']);
    const entries = items.flatMap((score, at) => {
      const value = items[at - 1];
      return at % 2 === 1 && isBulk(value) && isBulk(score)
        ? [
            {
              field: null,
              value: elementOf(value),
              score: score.bytes.toString('latin1', 0, 40),
              id: idOf(value),
              revision: seen(score),
            },
          ]
        : [];
    });
    return { ...nothing, length, next, entries };
  },

  /** The newest first. */
  async stream(link, key, after) {
    const [length, answer] = await link.ask(
      [
        ['XLEN', key],
        ['XREVRANGE', key, after === '0' ? '+' : after, '-', 'COUNT', String(redisLimits.elements)],
      ],
      redisLimits.element,
    );
    const found = listOf(done(answer)).flatMap((entry) => {
      const [id, fields] = listOf(entry);
      return isBulk(id) ? [{ id, fields: listOf(fields).filter(isBulk) }] : [];
    });
    const last = found.length < redisLimits.elements ? undefined : found.at(-1)?.id.bytes.toString('latin1');
    const entries = found.map(({ id, fields }) => bare(linesOf(fields), null, null, elementOf(id)));
    return { ...nothing, length: countOf(done(length)), next: last === undefined ? null : before(last), entries };
  },
};

const elementOf = (bulk: Parameters<typeof textOf>[0]) => textOf(bulk, redisLimits.element);
const bare = (bulk: Bulk, id: string | null, revision: string | null, field: RedisText | null = null) => ({
  field,
  value: elementOf(bulk),
  score: null,
  id,
  revision,
});
const isWhole = ({ bytes, length }: Bulk): boolean => bytes.length === length;
/** null: only its beginning is here. */
const idOf = (bulk: Bulk): string | null => (isWhole(bulk) ? bulk.bytes.toString('base64url') : null);
const idAt = (place: bigint): string => Buffer.from(String(place)).toString('base64url');
const seen = (bulk: Bulk): string | null => (isWhole(bulk) ? revisionOf(bulk.bytes) : null);

/** Fields of an entry of a stream, one on a line. */
function linesOf(fields: readonly Bulk[]): Bulk {
  const lines = fields.flatMap((value, at) => {
    const field = fields[at - 1];
    if (at % 2 === 0 || field === undefined) return [];
    return [field.bytes, Buffer.from(': '), value.bytes, Buffer.from(isWhole(value) ? '\n' : '…\n')];
  });
  const bytes = Buffer.concat(lines);
  return { bytes: bytes.subarray(0, Math.max(0, bytes.length - 1)), length: Math.max(0, bytes.length - 1) };
}

const mostOf = 18_446_744_073_709_551_615n;

/** The number right before one of an entry. null: there is none. */
function before(id: string): string | null {
  const [ms = 0n, sequence = 0n] = id.split('-').map(BigInt);
  if (sequence > 0n) return `${ms}-${sequence - 1n}`;
  return ms > 0n ? `${ms - 1n}-${mostOf}` : null;
}

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
