import { createLocks } from '../../core/lock.ts';
import { changePassword, createDatabase } from '../create.ts';

/* create-child.ts PREFIX STATE ID NAME ENGINE: makes a database, then changes its password. Its parent kills it on the way. */

const [prefix = '', stateFolder = '', databaseId = '', name = '', wanted = ''] = process.argv.slice(2);
const isPostgres = wanted === 'postgresql';
const machine = { prefix, stateFolder, locks: createLocks(), now: Date.now };
const given = {
  databaseId,
  engine: isPostgres ? 'postgresql' : 'mariadb',
  name,
  user: name,
  password: null,
  charset: isPostgres ? 'UTF8' : 'utf8mb4',
  locale: null,
  siteId: null,
} as const;
process.stdout.write('begin\n');
await createDatabase(machine, given, Date.now() + 60_000);
await changePassword(machine, { databaseId, password: 'the next password' }, Date.now() + 60_000);
