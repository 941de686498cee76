import { z } from 'zod';
import type { Operation } from './http.ts';

/*
 * Looking into the Redis of this machine, and changing single keys. A server is everybody's: it is for people who see all
 * sites; others get 404, as if there were none. Keys and patterns travel in bodies, as names of keys may be secrets.
 */

export const redisLimits = {
  /** A key with a longer name, in bytes, is listed and not opened. */
  name: 1024,
  /** A pattern, in characters. */
  pattern: 200,
  /** Of a string at once, in bytes; what is longer comes window by window and is not edited. */
  window: 64 * 1024,
  /** Of an element of a hash, list or set, in bytes. */
  element: 2 * 1024,
  /** Characters of an element that is added or set. */
  newElement: 64 * 1024,
  /** Elements at once. */
  elements: 100,
  /** Characters of a string that is set. */
  value: 256 * 1024,
  /** Keys deleted at once. */
  keys: 100,
  /** Ten years, in seconds. */
  ttl: 315_360_000,
} as const;

/** Bytes of a name as base64url: no text says all of them. */
export const redisKeyId = z.string().regex(/^[A-Za-z0-9_-]{2,1366}$/);
export const redisCursor = z.string().regex(/^\d{1,20}$/);
/** Where a value goes on; of a stream the number of an entry. */
export const redisPlace = z.string().regex(/^\d{1,20}(?:-\d{1,20})?$/);
/** Of a hash the bytes of the field, of a set those of the member, of a list those of its place as digits. */
export const redisElementId = z.string().regex(/^[A-Za-z0-9_-]{0,2732}$/);
export const redisDatabase = z.coerce.number().int().min(0).max(99_999);

export const redisTypes = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const;
export type RedisType = (typeof redisTypes)[number];
/** `other`: of a module. */
export const redisType = z.enum([...redisTypes, 'other']);

/** Text as it is or, for what is none, hexadecimal digits; perhaps only the beginning. */
export const redisText = z.object({
  text: z.string(),
  isBinary: z.boolean(),
  /** Of the whole, in bytes. */
  length: z.int(),
  isCut: z.boolean(),
});
export type RedisText = z.infer<typeof redisText>;

export const redisServer = z.object({
  /** `other`: it is there, and does not let root in with what its configuration says, or is not what it should be. */
  state: z.enum(['missing', 'stopped', 'other', 'running']),
  version: z.string().nullable(),
  /** Other machines reach its port. */
  isOpenToNetwork: z.boolean(),
  memoryBytes: z.number().nullable(),
  /** null: it may take what there is. */
  mostMemoryBytes: z.number().nullable(),
  /** Each that there can be; at most the first 256 and those with keys. */
  databases: z.array(z.object({ database: z.int(), keys: z.number(), expiring: z.number() })),
});
export type RedisServer = z.infer<typeof redisServer>;

export const redisKey = z.object({
  /** null: its name is too long to ask for it. */
  id: redisKeyId.nullable(),
  name: redisText,
  type: redisType,
  /** null: it stays. */
  expiresInMs: z.number().nullable(),
  /** Of memory, as the server estimates it. */
  sizeBytes: z.number().nullable(),
});
export type RedisKey = z.infer<typeof redisKey>;

export const redisKeys = z.object({
  items: z.array(redisKey),
  /** Where the search goes on; null: everything was looked at. A page may be empty and not be the last. */
  next: redisCursor.nullable(),
});
export type RedisKeys = z.infer<typeof redisKeys>;

export const redisValue = z.object({
  type: redisType,
  expiresInMs: z.number().nullable(),
  sizeBytes: z.number().nullable(),
  /** Bytes of a string, elements of the others; null: not known. */
  length: z.number().nullable(),
  /** Of a string: the window that was asked for. */
  text: redisText.nullable(),
  entries: z.array(
    z.object({
      /** Of a hash. */
      field: redisText.nullable(),
      value: redisText,
      /** Of a sorted set, as the server writes it. */
      score: z.string().nullable(),
      /** What it is changed by; null: it is too long for that. */
      id: redisElementId.nullable(),
      /** Given back when it is changed; of a set none is needed. */
      revision: z.string().nullable(),
    }),
  ),
  next: redisPlace.nullable(),
  /** Of a string that is here as a whole and is text: given back when it is set. */
  revision: z.string().nullable(),
});
export type RedisValue = z.infer<typeof redisValue>;

export const redisFind = z.strictObject({
  /** As of SCAN: `*` any characters, `?` one, `[ab]` one of them, `\` before each to mean itself. */
  pattern: z
    .string()
    .min(1)
    .max(redisLimits.pattern)
    .regex(/^[^\0]+$/),
  type: z.enum(redisTypes).nullable(),
  after: redisCursor.nullable(),
});
export const redisRead = z.strictObject({
  key: redisKeyId,
  /** `next` of what came before. */
  after: redisPlace.nullable(),
});
export const redisRevision = z.string().regex(/^[a-f0-9]{64}$/);
export const redisTtl = z.int().min(1).max(redisLimits.ttl);
export const redisSet = z.strictObject({
  key: redisKeyId,
  value: z.string().max(redisLimits.value),
  /** Of what is replaced, whose time to live stays; null: there is no such key yet. */
  revision: redisRevision.nullable(),
  /** Of a new key, in seconds; null: it stays. */
  ttlSeconds: redisTtl.nullable(),
});
const elementText = z.string().max(redisLimits.newElement);
/** As the server reads a score: a number, or without end. */
export const redisScore = z.string().regex(/^(?:[+-]?(?:\d{1,30}(?:\.\d{1,30})?(?:e[+-]?\d{1,3})?|inf))$/i, {
  error: 'redis_score_invalid',
});
const add = z.literal('add');
const set = z.literal('set');
const seen = { id: redisElementId, revision: redisRevision };

/** One element is added, gets another value or score, or is removed; the latter two only while it is what was seen. */
export const redisElementChange = z.union([
  z.strictObject({ kind: add, type: z.literal('hash'), field: elementText, value: elementText }),
  z.strictObject({ kind: add, type: z.literal('list'), at: z.enum(['head', 'tail']), value: elementText }),
  z.strictObject({ kind: add, type: z.literal('set'), value: elementText }),
  z.strictObject({ kind: add, type: z.literal('zset'), value: elementText, score: redisScore }),
  z.strictObject({ kind: set, type: z.enum(['hash', 'list']), ...seen, value: elementText }),
  z.strictObject({ kind: set, type: z.literal('zset'), ...seen, score: redisScore }),
  z.strictObject({ kind: z.literal('remove'), type: z.enum(['hash', 'list', 'zset']), ...seen }),
  z.strictObject({ kind: z.literal('remove'), type: z.literal('set'), id: redisElementId }),
]);
export type RedisElementChange = z.output<typeof redisElementChange>;
export const redisChangeElement = z.strictObject({ key: redisKeyId, change: redisElementChange });
export const redisExpire = z.strictObject({ key: redisKeyId, ttlSeconds: redisTtl.nullable() });
export const redisDelete = z.strictObject({ keys: z.array(redisKeyId).min(1).max(redisLimits.keys) });

const params = z.object({ database: redisDatabase });
const base = '/api/v1/redis/{database}';

export const redisApi = {
  readServer: {
    id: 'readRedisServer',
    method: 'GET',
    path: '/api/v1/redis',
    access: 'databases.manage',
    summary: 'The Redis of this machine: state, memory and how many keys each of its databases has',
    response: redisServer,
  },
  find: {
    id: 'findRedisKeys',
    method: 'POST',
    path: `${base}/keys/find`,
    access: 'databases.manage',
    summary: 'Keys by pattern and type, a piece at a time, without holding the server up',
    params,
    body: redisFind,
    response: redisKeys,
  },
  read: {
    id: 'readRedisKey',
    method: 'POST',
    path: `${base}/keys/read`,
    access: 'databases.manage',
    summary: 'A piece of the value of a key',
    params,
    body: redisRead,
    response: redisValue,
  },
  set: {
    id: 'setRedisKey',
    method: 'POST',
    path: `${base}/keys/set`,
    access: 'databases.manage',
    summary: 'Make a string, or replace one that nobody has changed since it was read',
    params,
    body: redisSet,
    response: z.undefined(),
    status: 204,
  },
  changeElement: {
    id: 'changeRedisElement',
    method: 'POST',
    path: `${base}/keys/elements`,
    access: 'databases.manage',
    summary:
      'Add, change or remove one element of a hash, list, set or sorted set that nobody has changed since it was read',
    params,
    body: redisChangeElement,
    response: z.undefined(),
    status: 204,
  },
  expire: {
    id: 'expireRedisKey',
    method: 'POST',
    path: `${base}/keys/expire`,
    access: 'databases.manage',
    summary: 'When a key goes, or that it stays',
    params,
    body: redisExpire,
    response: z.undefined(),
    status: 204,
  },
  delete: {
    id: 'deleteRedisKeys',
    method: 'POST',
    path: `${base}/keys/delete`,
    access: 'databases.manage',
    summary: 'Delete keys by name; there is no way back',
    params,
    body: redisDelete,
    response: z.object({ deleted: z.int() }),
  },
  flush: {
    id: 'flushRedisDatabase',
    method: 'POST',
    path: `${base}/flush`,
    access: 'databases.manage',
    summary: 'Delete all keys of one database, after a fresh factor; there is no way back',
    params,
    body: z.strictObject({}),
    response: z.object({ deleted: z.number() }),
  },
} as const satisfies Record<string, Operation>;
