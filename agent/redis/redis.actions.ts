import type { Handlers } from '../core/handlers.ts';
import { deleteKeys, expireKey, findKeys, flushDatabase, setKey } from './redis-keys.ts';
import { readRedisServer } from './redis-server.ts';
import { readKey } from './redis-values.ts';

export const redisHandlers: Pick<Handlers, Extract<keyof Handlers, `redis.${string}`>> = {
  'redis.change_element': async (machine, params) =>
    (await import('./redis-elements.ts')).changeElement(machine, params),
  'redis.delete': (machine, params) => deleteKeys(machine, params),
  'redis.expire': (machine, params) => expireKey(machine, params),
  'redis.find': (machine, params) => findKeys(machine, params),
  'redis.flush': (machine, params) => flushDatabase(machine, params),
  'redis.read': (machine, params) => readKey(machine, params),
  'redis.server': (machine) => readRedisServer(machine),
  'redis.set': (machine, params) => setKey(machine, params),
};
