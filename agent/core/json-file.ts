import { makeFolders, putFile, Unsynced } from './files.ts';

/** A private file (0600) with a value as JSON; whole and durable when it ends, or as it was before. */
export async function putJsonFile(path: string, value: unknown): Promise<void> {
  makeFolders(path.slice(0, path.lastIndexOf('/')));
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(`${JSON.stringify(value)}\n`), { mode: 0o600 }, 'json', unsynced);
  await unsynced.flush();
}
