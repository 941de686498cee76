import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { headPath, auditFolder } from '../../audit/segments.ts';
import { accountsFolder } from '../../certificates/orders.ts';
import { certificatesFolder } from '../../certificates/shelf.ts';
import { look } from '../../core/files.ts';
import { recordsFolder } from '../../databases/records.ts';
import { folderOf, listServers } from '../../remote-databases/servers.ts';
import { passwordsFolder } from '../../sites/site-passwords.ts';
import type { BackupWork } from '../work.ts';
import { copyFile, copyTree } from './copy-tree.ts';
import { backupRecords, leftOutOfData, panelHome, panelKeys, settingsFolder, type PanelFacts } from './panel-layout.ts';
import { readSiteFacts, siteSlugs } from './site-facts.ts';

/** Puts together what the panel is made of (panel-layout.ts) in the scratch folder of the run; answers the folder. */
export function stagePanel(work: BackupWork): string {
  const { stateFolder, scratch } = work;
  const to = `${scratch}/panel`;
  rmSync(to, { recursive: true, force: true });
  for (const folder of ['agent/keys', 'agent/audit', 'agent/backups'])
    mkdirSync(`${to}/${folder}`, { recursive: true, mode: 0o700 });
  const copy = (from: string, name: string): void => {
    if (look(from).type === 'file') copyFile(from, `${to}/agent/${name}`);
  };
  copy(`${stateFolder}/people.json`, 'people.json');
  for (const key of panelKeys) copy(`${stateFolder}/keys/${key}`, `keys/${key}`);
  for (const name of backupRecords) copy(`${work.folder}/${name}`, `backups/${name}`);
  // The head first: it may be behind the lines of the chain, never ahead of them.
  copy(headPath(stateFolder), 'audit/head.json');
  copyTree(auditFolder(stateFolder), `${to}/agent/audit`, ['head.json']);
  // Sites that nobody can reach over HTTPS are not back.
  copyTree(certificatesFolder(work), `${to}/agent/certificates`);
  copyTree(accountsFolder(work), `${to}/agent/acme-accounts`);
  // Sealed, so the key comes along: without it nobody could reach their database again.
  copyTree(recordsFolder(work), `${to}/agent/databases`);
  copy(`${stateFolder}/keys/databases`, 'keys/databases');
  // Each with a key of its own; what lies there while somebody works on it stays.
  for (const { serverId } of listServers(work)) {
    const [from, at] = [folderOf(work, serverId), `${to}/agent/remote-databases/${serverId}`];
    copyTree(from, at, ['databases']);
    copyTree(recordsFolder({ stateFolder: from }), recordsFolder({ stateFolder: at }));
  }
  copyTree(passwordsFolder(work), `${to}/agent/site-passwords`);
  copyTree(settingsFolder(work), `${to}/etc`);
  copyTree(panelHome(work), `${to}/data`, leftOutOfData);
  const sites = siteSlugs(work).flatMap((slug) => readSiteFacts(work, slug) ?? []);
  const facts: PanelFacts = { layout: 1, hostName: hostname(), madeAt: new Date(work.now()).toISOString(), sites };
  writeFileSync(`${to}/facts.json`, `${JSON.stringify(facts)}\n`, { mode: 0o600 });
  return to;
}
