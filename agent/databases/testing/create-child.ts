import { createLocks } from '../../core/lock.ts';
import { changePassword, createDatabase } from '../create.ts';

/* create-child.ts PREFIX STATE ID NAME: makes a database, then changes its password. Its parent kills it on the way. */

const [prefix = '', stateFolder = '', databaseId = '', name = ''] = process.argv.slice(2);
const machine = { prefix, stateFolder, locks: createLocks(), now: Date.now };
const given = {
  databaseId,
  engine: 'mariadb',
  name,
  user: name,
  password: null,
  charset: 'utf8mb4',
  siteId: null,
} as const;
process.stdout.write('begin\n');
await createDatabase(machine, given, Date.now() + 60_000);
await changePassword(machine, { databaseId, password: 'the next password' }, Date.now() + 60_000);
