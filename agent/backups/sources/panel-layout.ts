import { parseEnv } from 'node:util';
import { z } from 'zod';
import { readText } from '../../core/files.ts';
import type { BackupWork } from '../work.ts';
import { siteFacts } from './site-facts.ts';

/*
 * Layout 1 of the part `panel`:
 *
 *   facts.json   what made it, and the facts of every site
 *   agent/       people.json · keys/ (audit, elevation, recovery; never those of backups) · audit/ · backups/ (plans, targets)
 *                · certificates/ of sites, each whole with its key; backups from before them have none
 *                · acme-accounts/ with their keys: records of the DNS may name the account; older backups have none
 *                · databases/: whose they are and their sealed passwords, with keys/databases; backups from before have none
 *                · remote-databases/: servers on other machines, each whole with its key; older backups have none
 *   etc/         /etc/aapanel
 *   data/        the folder of the web process without its database, logs and caches
 *
 * The panel's database is a dump of its own beside it.
 */

type Where = Pick<BackupWork, 'prefix' | 'settings'>;

export const panelFacts = z.strictObject({
  layout: z.literal(1),
  hostName: z.string(),
  madeAt: z.string(),
  sites: z.array(siteFacts),
});
export type PanelFacts = z.infer<typeof panelFacts>;

export const settingsFolder = ({ prefix }: Pick<Where, 'prefix'>): string => `${prefix}/etc/aapanel`;

export function settingsFile(where: Where): string {
  return where.settings.panelEnvironment ?? `${settingsFolder(where)}/panel.env`;
}

/** The folder that the web process writes to. */
export function panelHome(where: Where): string {
  const values = parseEnv((readText(settingsFile(where)) ?? '').replace(/^\uFEFF/, ''));
  const named = values['DATA_DIR']?.trim() ?? '';
  return named.startsWith('/') ? named.replace(/\/+$/, '') : `${where.prefix}/var/lib/aapanel`;
}

/** Below the panel's folder: made again, or saved another way. */
export const leftOutOfData = ['db', 'logs', 'cache', 'tmp', 'run', 'backups'] as const;
/** Keys of the agent that belong to the panel; the ring of backups is none of them. */
export const panelKeys = ['audit', 'elevation', 'recovery'] as const;
/** Of the agent's folder of backups: what people decided. Secrets of targets and keys stay out. */
export const backupRecords = ['plans.json', 'targets.json'] as const;
