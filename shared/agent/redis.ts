import { z } from 'zod';
import {
  redisChangeElement,
  redisDelete,
  redisExpire,
  redisFind,
  redisKeys,
  redisRead,
  redisServer,
  redisSet,
  redisValue,
} from '../redis.ts';
import type { AgentAction } from './action.ts';

const database = z.int().min(0).max(99_999);
const reading = {
  permission: 'databases.manage',
  ticket: 'never',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 8 * 1024 * 1024,
} as const;
const changing = {
  permission: 'databases.manage',
  ticket: 'never',
  isReadOnly: false,
  timeoutMs: 30_000,
  maxResultBytes: 4 * 1024,
} as const;

export const redisChangeElementAction = {
  ...changing,
  name: 'redis.change_element',
  params: redisChangeElement.extend({ database }),
  result: z.object({}),
  isIdempotent: false,
  summary: 'Add, change or remove one element of a key of Redis that nobody has changed since it was read',
} as const satisfies AgentAction;

export const redisDeleteAction = {
  ...changing,
  name: 'redis.delete',
  params: redisDelete.extend({ database }),
  result: z.object({ deleted: z.int() }),
  isIdempotent: true,
  summary: 'Delete keys of Redis by name',
} as const satisfies AgentAction;

export const redisExpireAction = {
  ...changing,
  name: 'redis.expire',
  params: redisExpire.extend({ database }),
  result: z.object({}),
  isIdempotent: true,
  summary: 'When a key of Redis goes, or that it stays',
} as const satisfies AgentAction;

export const redisFindAction = {
  ...reading,
  name: 'redis.find',
  params: redisFind.extend({ database }),
  result: redisKeys,
  summary: 'Keys of Redis by pattern and type, a piece at a time',
} as const satisfies AgentAction;

/** Nothing of it is kept: the ticket is bound to the database. */
export const redisFlushAction = {
  ...changing,
  name: 'redis.flush',
  ticket: 'always',
  params: z.strictObject({ database }),
  result: z.object({ deleted: z.number() }),
  isIdempotent: true,
  summary: 'Delete all keys of one database of Redis',
} as const satisfies AgentAction;

export const redisReadAction = {
  ...reading,
  name: 'redis.read',
  params: redisRead.extend({ database }),
  result: redisValue,
  summary: 'A piece of the value of a key of Redis',
} as const satisfies AgentAction;

export const redisServerAction = {
  ...reading,
  name: 'redis.server',
  params: z.strictObject({}),
  result: redisServer,
  summary: 'State of Redis and how many keys its databases have',
} as const satisfies AgentAction;

export const redisSetAction = {
  ...changing,
  name: 'redis.set',
  params: redisSet.extend({ database }),
  result: z.object({}),
  isIdempotent: false,
  summary: 'Make a string in Redis, or replace one that nobody has changed since it was read',
} as const satisfies AgentAction;
