import { listNames, makeFolders, readText, removeFile, removeOwnFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { allRecords, type RemovalRecord } from '../sites/site-records.ts';

/** For the start of the agent: keys, deployments and archives of sites that are gone for good; a deletion may still be taken back. */
export function forgetGoneSites(machine: Machine): Promise<void> {
  const { stateFolder } = machine;
  const keys = listNames(`${stateFolder}/deploy-keys`);
  const folders = ['dependencies', 'deployments', 'file-rights', 'unpackings', 'uploads'].flatMap((name) =>
    listNames(`${stateFolder}/${name}`).map((siteId) => ({ siteId, path: `${stateFolder}/${name}/${siteId}` })),
  );
  if (keys.length === 0 && folders.length === 0) return Promise.resolve();
  const kept = new Set([...allRecords(machine).values()].map(({ siteId }) => siteId));
  makeFolders(`${stateFolder}/removals`);
  for (const name of listNames(`${stateFolder}/removals`)) {
    const text = name.endsWith('.json') ? readText(`${stateFolder}/removals/${name}`) : undefined;
    if (text !== undefined) kept.add((JSON.parse(text) as RemovalRecord).record.siteId);
  }
  const isGone = (name: string): boolean => {
    const siteId = /^([a-z2-7]{16})(\.pub)?$/.exec(name)?.[1];
    return siteId !== undefined && !kept.has(siteId);
  };
  for (const name of keys.filter(isGone)) removeFile(`${stateFolder}/deploy-keys/${name}`);
  for (const { siteId, path } of folders) if (isGone(siteId)) removeOwnFolder(path);
  return Promise.resolve();
}
