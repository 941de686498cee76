import { randomBytes } from 'node:crypto';
import { makeFolders, putFile, readBytes, Unsynced } from './files.ts';

const keyBytes = 32;

/** A secret key of the agent's own, made once: 256 random bits in a root-only file. Never leaves this process. */
export async function ownKey(
  stateFolder: string,
  name: 'audit' | 'databases' | 'elevation' | 'recovery' | 'releases',
): Promise<Buffer> {
  const path = `${stateFolder}/keys/${name}`;
  const present = readBytes(path, 1024);
  if (present?.length === keyBytes) return present;
  // Another key in its place would silently make everything void that the real one signed.
  if (present !== undefined) throw new Error(`the key ${name} of the agent is damaged`);
  makeFolders(`${stateFolder}/keys`);
  const key = randomBytes(keyBytes);
  const unsynced = new Unsynced();
  putFile(path, key, { mode: 0o600 }, 'key', unsynced);
  await unsynced.flush();
  return key;
}
