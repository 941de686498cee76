import { literal, quoted } from '../../backups/dumps/client.ts';
import { nativeHash } from '../seal.ts';
import { markOf, type Owned, type ServerEngine, type Where } from './engine.ts';
import { askMariadb, asUser, lookAtMariadb } from './mariadb-server.ts';
import {
  commentOf,
  contentOf,
  dropDatabase,
  dropUser,
  giveRights,
  hashOf,
  hasOtherRights,
  hasUser,
  listSchemas,
  lockUser,
  makeDatabase,
  makeUser,
  markDatabase,
  setPasswordHash,
  takeRights,
  unlockUser,
} from './mariadb-statements.ts';

async function make(where: Where, record: Owned, password: string): Promise<void> {
  await makeDatabase(where, record);
  await makeUser(where, record.user, nativeHash(password));
  await giveRights(where, record.user, record.name);
}

async function takeBack(where: Where, { databaseId, name, user }: Owned, password: string): Promise<void> {
  if ((await hashOf(where, user)) === nativeHash(password)) await dropUser(where, user);
  if ((await commentOf(where, name)) === markOf(databaseId)) await dropDatabase(where, name);
}

/** A temporary one: it goes with the session, also when we end in the middle. */
async function tryUser(where: Where, { name, user }: Pick<Owned, 'name' | 'user'>, password: string): Promise<void> {
  const address = asUser(where, user, password);
  await askMariadb(where, 'create temporary table aapanel_probe (id int);', {
    address,
    database: name,
  });
}

async function isPassword(where: Where, user: string, password: string): Promise<boolean | undefined> {
  const hash = await hashOf(where, user);
  return hash === undefined ? undefined : hash === nativeHash(password);
}

async function setPassword(where: Where, { name, user }: Owned, password: string): Promise<void> {
  if (await hasUser(where, user)) return await setPasswordHash(where, user, nativeHash(password));
  await makeUser(where, user, nativeHash(password));
  await giveRights(where, user, name);
}

async function adopt(where: Where, { databaseId, name, user }: Owned, password: string): Promise<void> {
  await markDatabase(where, name, databaseId);
  if ((await hashOf(where, user)) === undefined) await makeUser(where, user, nativeHash(password));
  await giveRights(where, user, name);
}

export const mariadb: ServerEngine = {
  engine: 'mariadb',
  quoted: (name) => quoted('mariadb', name),
  literal: (value) => literal('mariadb', value),
  ask: askMariadb,
  asUser,
  look: lookAtMariadb,
  list: listSchemas,
  hasDatabase: async (where, name) => (await commentOf(where, name)) !== undefined,
  hasUser,
  content: contentOf,
  hasOtherRights,
  make,
  takeBack,
  tryUser,
  isPassword,
  setPassword,
  lockUser,
  unlockUser,
  dropDatabase,
  dropUser,
  takeRights,
  makeUser: () => Promise.resolve(),
  adopt,
};
