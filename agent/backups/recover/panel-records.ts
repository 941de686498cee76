import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { accountsFolder } from '../../certificates/orders.ts';
import { certificatesFolder } from '../../certificates/shelf.ts';
import { listNames, look, makeFolders, readBytes } from '../../core/files.ts';
import { recordsFolder } from '../../databases/records.ts';
import { serversFolder } from '../../remote-databases/servers.ts';
import { passwordsFolder } from '../../sites/site-passwords.ts';
import { makeHolder } from '../restore/places.ts';
import type { Swap } from '../restore/swap.ts';
import { copyTree } from '../sources/copy-tree.ts';
import { panelHome, panelKeys, settingsFile, settingsFolder } from '../sources/panel-layout.ts';
import type { BackupWork } from '../work.ts';

/*
 * The panel's records from their staged layout (sources/panel-layout.ts) to their places: every file changes places with
 * what lies there, all of them or none. What belongs to this very machine stays: address, port, its own certificate, sites.
 */

/** Settings that say where this machine is; the others come from the backup. */
const ofThisMachine = ['HOST', 'PORT', 'PUBLIC_URL', 'SSL_CERT_PATH', 'SSL_KEY_PATH'] as const;

/** What has to change places, made ready beside each target. The caller swaps or drops. */
export async function readyRecords(work: BackupWork, staged: string): Promise<Swap[]> {
  const pairs: { from: string; to: string; text?: string }[] = [];
  const one = (from: string, to: string): void => {
    if (look(from).type === 'file') pairs.push({ from, to });
  };
  const { stateFolder } = work;
  one(`${staged}/agent/people.json`, `${stateFolder}/people.json`);
  for (const key of panelKeys) one(`${staged}/agent/keys/${key}`, `${stateFolder}/keys/${key}`);
  one(`${staged}/agent/backups/plans.json`, `${work.folder}/plans.json`);
  // What a site on this machine has may be newer.
  for (const name of listNames(`${staged}/agent/site-passwords`)) {
    const to = `${passwordsFolder(work)}/${name}`;
    if (look(to).type === 'missing') one(`${staged}/agent/site-passwords/${name}`, to);
  }
  pairs.push(...databaseRecords(work, `${staged}/agent`));
  const settings = settingsFile(work);
  const hasOwnCertificate = look(`${settingsFolder(work)}/tls`).type === 'folder';
  for (const { from, below } of filesOf(`${staged}/etc`)) {
    const to = `${settingsFolder(work)}/${below}`;
    if (below.startsWith('tls/') && hasOwnCertificate) continue;
    if (below === 'panel.env') pairs.push({ from, to: settings, text: mergedSettings(from, settings) });
    else pairs.push({ from, to });
  }
  for (const { from, below } of filesOf(`${staged}/data`)) pairs.push({ from, to: `${panelHome(work)}/${below}` });
  const swaps: Swap[] = [];
  for (const { from, to, text } of pairs) {
    makeParents(work, dirname(to), dirname(from));
    const holder = await makeHolder(work.folder, to);
    copyWithLooks(from, holder.at('new'), text);
    swaps.push({ holder, target: to });
  }
  if (look(`${staged}/agent/audit`).type === 'folder') {
    // The chain is whole or it is none: all of it changes places.
    const target = `${stateFolder}/audit`;
    const holder = await makeHolder(work.folder, target);
    mkdirSync(holder.at('new'), { mode: 0o700 });
    for (const { from, below } of filesOf(`${staged}/agent/audit`)) copyWithLooks(from, holder.at(`new/${below}`));
    swaps.push({ holder, target });
  }
  swaps.push(...(await readyWhole(work, `${staged}/agent/certificates`, certificatesFolder(work))));
  swaps.push(...(await readyWhole(work, `${staged}/agent/remote-databases`, serversFolder(work))));
  swaps.push(...(await readyAccounts(work, `${staged}/agent/acme-accounts`)));
  return swaps;
}

/** One that is here may be newer: it stays. Under another key of this machine's own nothing of the backup could be read. */
function databaseRecords({ stateFolder }: BackupWork, staged: string): { from: string; to: string }[] {
  const key = { from: `${staged}/keys/databases`, to: `${stateFolder}/keys/databases` };
  const [theirs, ours] = [readBytes(key.from, 1024), readBytes(key.to, 1024)];
  if (theirs === undefined || (ours !== undefined && !ours.equals(theirs))) return [];
  const records = listNames(`${staged}/databases`).map((name) => ({
    from: `${staged}/databases/${name}`,
    to: `${recordsFolder({ stateFolder })}/${name}`,
  }));
  const missing = records.filter(({ to }) => look(to).type === 'missing');
  return ours === undefined ? [key, ...missing] : missing;
}

/**
 * Certificates with their versions and the link to the one that counts, servers on other machines with their keys: each
 * whole. One that is here already may be newer: it stays.
 */
async function readyWhole(work: BackupWork, staged: string, folder: string): Promise<Swap[]> {
  const swaps: Swap[] = [];
  for (const id of listNames(staged)) {
    const target = `${folder}/${id}`;
    if (look(target).type !== 'missing' || look(`${staged}/${id}`).type !== 'folder') continue;
    makeFolders(folder);
    const holder = await makeHolder(work.folder, target);
    copyTree(`${staged}/${id}`, holder.at('new'));
    swaps.push({ holder, target });
  }
  return swaps;
}

/** Accounts at authorities, unless this machine has some: those are in use. */
async function readyAccounts(work: BackupWork, staged: string): Promise<Swap[]> {
  const target = accountsFolder(work);
  if (look(target).type !== 'missing' || look(staged).type !== 'folder') return [];
  makeFolders(dirname(target));
  const holder = await makeHolder(work.folder, target);
  copyTree(staged, holder.at('new'));
  return [{ holder, target }];
}

/** The lines of the backup, with this machine's own values for what says where it is. */
export function mergedSettings(fromBackup: string, inPlace: string): string {
  const text = readFileSync(fromBackup, 'utf8');
  if (look(inPlace).type !== 'file') return text;
  const here = readFileSync(inPlace, 'utf8');
  const present = parseEnv(here.replace(/^\uFEFF/, ''));
  const own = here.split('\n').filter((line) => ofThisMachine.some((name) => line.startsWith(`${name}=`)));
  const kept = text
    .split('\n')
    .filter((line) => !ofThisMachine.some((name) => present[name] !== undefined && line.startsWith(`${name}=`)));
  while (kept.at(-1) === '') kept.pop();
  return `${[...kept, ...own].join('\n')}\n`;
}

function* filesOf(root: string, below = ''): Generator<{ from: string; below: string }> {
  const folder = below === '' ? root : `${root}/${below}`;
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesOf(root, path);
    else if (entry.isFile()) yield { from: `${root}/${path}`, below: path };
  }
}

/** Missing folders on the way, with the looks of those in the backup. */
function makeParents({ isRoot }: BackupWork, to: string, like: string): void {
  if (look(to).type === 'folder') return;
  if (look(dirname(to)).type === 'missing') makeParents({ isRoot } as BackupWork, dirname(to), dirname(like));
  mkdirSync(to, { mode: 0o700 });
  const { uid, gid, mode } = statSync(like);
  if (isRoot) chownSync(to, uid, gid);
  chmodSync(to, mode & 0o777);
}

function copyWithLooks(from: string, to: string, text?: string): void {
  const { uid, gid, mode, atime, mtime } = statSync(from);
  if (text === undefined) copyFileSync(from, to);
  else writeFileSync(to, text, { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(to, uid, gid);
  chmodSync(to, mode & 0o777);
  utimesSync(to, atime, mtime);
}
