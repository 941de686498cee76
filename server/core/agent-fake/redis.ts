import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { redisLimits, type RedisKey, type RedisText, type RedisValue } from '#shared/redis.ts';
import type { FakeActions } from '../agent-fake.ts';

/* The Redis of the fake agent: a shop's cache in database 0, nothing in the others. */

type Kept = {
  readonly type: RedisKey['type'];
  readonly bytes: Buffer;
  readonly entries: RedisValue['entries'];
  /** Epoch ms; null: it stays. */
  ends: number | null;
};

const databases = 16;
const pageKeys = 50;

function textOf(bytes: Buffer): RedisText {
  const text = bytes.toString('utf8');
  const isBinary = !Buffer.from(text).equals(bytes) || text.includes('\0');
  return { text: isBinary ? bytes.toString('hex').toUpperCase() : text, isBinary, length: bytes.length, isCut: false };
}
const said = (text: string): RedisText => textOf(Buffer.from(text));
const idOf = (name: Buffer | string): string => Buffer.from(name).toString('base64url');
const revisionOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

type Entry = RedisValue['entries'][number];

function entry(value: string, more: { readonly field?: string; readonly score?: string } = {}): Entry {
  const { field, score } = more;
  return {
    field: field === undefined ? null : said(field),
    value: said(value),
    score: score ?? null,
    id: idOf(field ?? value),
    revision: revisionOf(Buffer.from(score ?? value)),
  };
}

/** Of a list, what they are changed by is their place. */
const placed = (type: Kept['type'], entries: readonly Entry[]): Entry[] =>
  entries.map((each, at) => (type === 'list' ? { ...each, id: idOf(String(at)) } : each));

function firstKeys(now: number): Map<string, Kept> {
  const string = (text: string, ends: number | null = null): Kept => ({
    type: 'string',
    bytes: Buffer.from(text),
    entries: [],
    ends,
  });
  const of = (type: RedisKey['type'], entries: RedisValue['entries']): Kept => ({
    type,
    bytes: Buffer.alloc(0),
    entries,
    ends: null,
  });
  const pages = Array.from(
    { length: 60 },
    (_, at) => [`page:${at + 1}`, string(`<h1>${at + 1}</h1>`, now + 3_600_000)] as const,
  );
  const keys: (readonly [Buffer | string, Kept])[] = [
    ['shop:greeting', string('أهلًا بكم في المتجر')],
    ['shop:customer:7', of('hash', [entry('سارة', { field: 'name' }), entry('Amman', { field: 'city' })])],
    [
      'shop:queue',
      of(
        'list',
        ['mail:1', 'mail:2'].map((each) => entry(each)),
      ),
    ],
    ['shop:best', of('zset', [entry('قهوة', { score: '12.5' })])],
    [Buffer.from('ff00c3', 'hex'), string('bytes')],
    ...pages,
  ];
  return new Map(keys.map(([name, kept]) => [idOf(name), kept]));
}

/** As a pattern of SCAN, as much of it as a shop needs. */
const matcher = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[$()+.^{|}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

export function createFakeRedis({
  now,
  isInstalled,
}: {
  readonly now: () => number;
  readonly isInstalled: () => boolean;
}): Pick<FakeActions, Extract<keyof FakeActions, `redis.${string}`>> {
  const kept = new Map<number, Map<string, Kept>>([[0, firstKeys(now())]]);

  function of(database: number): Map<string, Kept> {
    if (!isInstalled()) throw new AppError('in_use', 'Redis is not installed.', { reason: 'redis_missing' });
    if (database >= databases)
      throw new AppError('not_found', 'There is no such database.', { reason: 'redis_database_unknown' });
    const found = kept.get(database) ?? new Map<string, Kept>();
    kept.set(database, found);
    return found;
  }
  function get(database: number, key: string): Kept {
    const found = of(database).get(key);
    if (found === undefined) throw new AppError('not_found', 'The key is gone.', { reason: 'redis_key_gone' });
    return found;
  }
  const factsOf = ({ type, bytes, ends }: Kept) => ({
    type,
    expiresInMs: ends === null ? null : Math.max(1, ends - now()),
    sizeBytes: bytes.length + 56,
  });

  return {
    'redis.server': () =>
      Promise.resolve(
        isInstalled()
          ? {
              state: 'running',
              version: '7.0.15',
              isOpenToNetwork: false,
              memoryBytes: 1_048_576,
              mostMemoryBytes: null,
              databases: Array.from({ length: databases }, (_, database) => ({
                database,
                keys: kept.get(database)?.size ?? 0,
                expiring: [...(kept.get(database)?.values() ?? [])].filter(({ ends }) => ends !== null).length,
              })),
            }
          : {
              state: 'missing',
              version: null,
              isOpenToNetwork: false,
              memoryBytes: null,
              mostMemoryBytes: null,
              databases: [],
            },
      ),
    'redis.find': ({ database, pattern, type, after }) => {
      const isWanted = matcher(pattern);
      const all = [...of(database)].filter(
        ([id, each]) =>
          (type === null || each.type === type) && isWanted.test(Buffer.from(id, 'base64url').toString('utf8')),
      );
      const from = Number(after ?? 0);
      const items = all.slice(from, from + pageKeys).map(([id, each]) => ({
        id,
        name: textOf(Buffer.from(id, 'base64url')),
        ...factsOf(each),
      }));
      return Promise.resolve({ items, next: from + pageKeys < all.length ? String(from + pageKeys) : null });
    },
    'redis.read': ({ database, key }) => {
      const found = get(database, key);
      const isString = found.type === 'string';
      return Promise.resolve({
        ...factsOf(found),
        length: isString ? found.bytes.length : found.entries.length,
        text: isString ? textOf(found.bytes) : null,
        entries: placed(found.type, found.entries),
        next: null,
        revision:
          isString && !textOf(found.bytes).isBinary && found.bytes.length <= redisLimits.window
            ? revisionOf(found.bytes)
            : null,
      });
    },
    'redis.set': ({ database, key, value, revision, ttlSeconds }) => {
      const before = of(database).get(key);
      if (revision === null && before !== undefined)
        throw new AppError('already_exists', 'There is such a key.', { reason: 'redis_key_exists' });
      if (revision !== null && revisionOf(get(database, key).bytes) !== revision)
        throw new AppError('changed_meanwhile', 'The key was changed meanwhile.', { reason: 'redis_key_changed' });
      const ends =
        revision === null ? (ttlSeconds === null ? null : now() + ttlSeconds * 1_000) : (before?.ends ?? null);
      of(database).set(key, { type: 'string', bytes: Buffer.from(value), entries: [], ends });
      return Promise.resolve({});
    },
    'redis.change_element': ({ database, key, change }) => {
      const found = get(database, key);
      const entries = placed(found.type, found.entries);
      const changedMeanwhile = (): AppError =>
        new AppError('changed_meanwhile', 'The key was changed meanwhile.', { reason: 'redis_key_changed' });
      if (found.type !== change.type) throw changedMeanwhile();
      if (change.kind === 'add') {
        const added = entry(change.value, {
          ...(change.type === 'hash' ? { field: change.field } : {}),
          ...(change.type === 'zset' ? { score: change.score } : {}),
        });
        if (change.type !== 'list' && entries.some(({ id }) => id === added.id))
          throw new AppError('already_exists', 'There is such an element.', { reason: 'redis_element_exists' });
        const isFirst = change.type === 'list' && change.at === 'head';
        of(database).set(key, { ...found, entries: isFirst ? [added, ...entries] : [...entries, added] });
        return Promise.resolve({});
      }
      const at = entries.findIndex(({ id }) => id === change.id);
      const before = entries[at];
      if (before === undefined || (change.type !== 'set' && before.revision !== change.revision))
        throw changedMeanwhile();
      const next =
        change.kind === 'remove'
          ? []
          : [
              change.type === 'zset'
                ? entry(before.value.text, { score: change.score })
                : entry(change.value, before.field === null ? {} : { field: before.field.text }),
            ];
      const left = entries.toSpliced(at, 1, ...next);
      if (left.length === 0) of(database).delete(key);
      else of(database).set(key, { ...found, entries: left });
      return Promise.resolve({});
    },
    'redis.expire': ({ database, key, ttlSeconds }) => {
      get(database, key).ends = ttlSeconds === null ? null : now() + ttlSeconds * 1_000;
      return Promise.resolve({});
    },
    'redis.delete': ({ database, keys }) =>
      Promise.resolve({ deleted: keys.filter((key) => of(database).delete(key)).length }),
    'redis.flush': ({ database }) => {
      const deleted = of(database).size;
      of(database).clear();
      return Promise.resolve({ deleted });
    },
  };
}
