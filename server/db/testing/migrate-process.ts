import type { Log } from '../../core/log.ts';
import { loadConfig } from '../../config.ts';
import { openDatabase } from '../connect.ts';
import { migrateToLatest } from '../migrate.ts';

/*
 * A process of its own that migrates; with `dieAfter` it kills itself, as hard as anybody could, after so many statements.
 */

type Task = { env: Record<string, string>; cwd: string; dieAfter: number };

const { env, cwd, dieAfter } = JSON.parse(process.argv[2] ?? '{}') as Task;
let statements = 0;
const log = {
  debug(_fields: unknown, message: string) {
    if (message !== 'sql') return;
    statements += 1;
    if (statements === dieAfter) process.kill(process.pid, 'SIGKILL');
  },
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as Log;
const config = loadConfig({ argv: [], cwd, env: { ...env, DB_SHOW_SQL: 'true' } });
const db = await openDatabase(config, log, { isMaintenance: true });
const applied = await migrateToLatest(db);
await db.destroy();
console.log(JSON.stringify({ applied, statements }));
