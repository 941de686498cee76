import type { RedisServer } from '#shared/redis.ts';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../core/machine.ts';
import { come, isBulk, isRedisOpen, listOf } from './redis-link.ts';

const shown = 256;
const bare = { version: null, isOpenToNetwork: false, memoryBytes: null, mostMemoryBytes: null, databases: [] };

/** Never throws for a server that is away: that is a state. */
export async function readRedisServer(machine: Machine): Promise<RedisServer> {
  try {
    const link = await come(machine);
    try {
      const [info, most] = await link.ask([['INFO'], ['CONFIG', 'GET', 'databases']], 256 * 1024);
      const text = isBulk(info) ? info.bytes.toString('utf8') : '';
      const count = listOf(most)[1];
      // Where it may not be asked for, what the distribution says.
      const databases = isBulk(count) ? Number(count.bytes.toString('latin1')) : 16;
      return {
        state: 'running',
        version: /^redis_version:([\w.-]{1,40})\r?$/m.exec(text)?.[1] ?? null,
        isOpenToNetwork: isRedisOpen(machine),
        memoryBytes: numberIn(text, 'used_memory'),
        mostMemoryBytes: numberIn(text, 'maxmemory') || null,
        databases: databasesIn(text, Number.isInteger(databases) ? databases : 16),
      };
    } finally {
      link.close();
    }
  } catch (error) {
    const reason = error instanceof AppError ? error.reason : undefined;
    if (reason === 'redis_missing') return { state: 'missing', ...bare };
    return { ...bare, state: reason === 'redis_away' ? 'stopped' : 'other', isOpenToNetwork: isRedisOpen(machine) };
  }
}

function numberIn(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:(\\d{1,18})\\r?$`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}

/** `db0:keys=2,expires=0,avg_ttl=0`; the empty ones are not among them. */
function databasesIn(text: string, count: number): RedisServer['databases'] {
  const all = new Map(Array.from({ length: Math.min(count, shown) }, (_, at) => [at, { keys: 0, expiring: 0 }]));
  for (const [, database, keys, expiring] of text.matchAll(/^db(\d{1,5}):keys=(\d{1,15}),expires=(\d{1,15})/gm))
    if (all.size < shown * 2) all.set(Number(database), { keys: Number(keys), expiring: Number(expiring) });
  return [...all].sort(([one], [two]) => one - two).map(([database, figures]) => ({ database, ...figures }));
}
