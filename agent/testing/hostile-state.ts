import { existsSync, readdirSync } from 'node:fs';
import { newChangeId, specOf, type World } from './world.ts';

/* For the tests of a web process that was taken over: parts of what it would do, and of what it must not change. */

/** What lies in these folders of the agent's state that ends like this; of one that is not there, nothing. */
export function namesIn({ settings }: World, folders: readonly string[], end = ''): string[] {
  return folders
    .map((name) => `${settings.stateFolder}/${name}`)
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(end)) : []));
}

/** Secrets of a site into a file that the intruder can open. */
export function stolenFile(world: World, site: { readonly siteId: string; readonly slug: string }) {
  const { siteId: _id, ...facts } = specOf(world, 'stolen.test');
  const description = { ...facts, name: 'x', remark: '', category: '' };
  const more = { databaseIds: [], passphrase: 'of the intruder', withSecrets: true };
  return { site, exportId: newChangeId(), description, ...more };
}
