import { wwwlogs } from '#shared/site-folders.ts';

/** An application has two places, so that the next one can start beside the present one. */
export const slots = ['a', 'b'] as const;
export type Slot = (typeof slots)[number];

export const otherSlot = (slot: Slot): Slot => (slot === 'a' ? 'b' : 'a');

/** The first of several carries no number: it is named as the only one is. */
const numbered = (mark: string, instance: number): string => (instance === 1 ? '' : `${mark}${instance}`);

/** No site's name ends with a place and a number behind a dot and is followed by a place again: no two mean the same. */
export const unitName = (slug: string, slot: Slot, instance = 1): string =>
  `aapanel-app-${slug}-${slot}${numbered('.', instance)}.service`;

/** No site's name has a colon: it is never another site's unit. */
export const workerUnit = (slug: string, worker: string): string => `aapanel-app-${slug}:${worker}.service`;

const unitPattern = /^aapanel-app-([a-z0-9_][a-z0-9._-]{0,119})(?:-[ab](?:\.(\d{1,2}))?|:([a-z0-9-]{1,32}))\.service$/;

export type UnitOwner = { readonly slug: string; readonly worker: string | null; readonly instance: number };

/** Whose unit a name is, and of which of its workers or instances; undefined: none of ours. */
export function unitOwner(unit: string): UnitOwner | undefined {
  const [, slug, instance = '1', worker] = unitPattern.exec(unit) ?? [];
  return slug === undefined ? undefined : { slug, worker: worker ?? null, instance: Number(instance) };
}

export const unitFolder = '/etc/systemd/system';
/** A link in here makes systemd start the unit at boot. */
export const bootFolder = `${unitFolder}/multi-user.target.wants`;

export const unitPath = (unit: string): string => `${unitFolder}/${unit}`;
export const bootLink = (unit: string): string => `${bootFolder}/${unit}`;

/** Makes the folder of the sockets at every start of the machine. */
export const socketRule = (slug: string): string => `/etc/tmpfiles.d/aapanel-app-${slug}.conf`;

export const socketRoot = '/run/aapanel-apps';
/** Only nginx may go through here; the application gets the inner folder by its mount namespace. */
export const socketFolder = (siteId: string): string => `${socketRoot}/${siteId}`;
/**
 * The site's user makes its socket in here. The folder is root's, sticky and open to all who get so far: in such a folder
 * the kernel lets nginx follow no link that the site's user made, for example to the socket of another site.
 */
export const innerSocketFolder = (siteId: string): string => `${socketFolder(siteId)}/s`;
export const appSocket = (siteId: string, slot: Slot, instance = 1): string =>
  `${innerSocketFolder(siteId)}/${slot}${numbered('', instance)}.sock`;

export const appLog = (slug: string, instance = 1): string => `${wwwlogs}/${slug}.app${numbered('@', instance)}.log`;
export const workerLog = (slug: string, worker: string): string => `${wwwlogs}/${slug}.app-${worker}.log`;

/** Starts the application anew by the clock. */
export const restartTimer = (slug: string): string => `aapanel-restart-${slug}.timer`;
/** Comes with the panel: asks the agent for it. */
export const restartService = (siteId: string): string => `aapanel-app-restart@${siteId}.service`;
/** A link in here makes systemd start the timer at boot. */
export const timerFolder = `${unitFolder}/timers.target.wants`;
export const timerLink = (slug: string): string => `${timerFolder}/${restartTimer(slug)}`;

/** Versions of Node that people installed: root's, and readable to all sites. */
export const nodeStore = '/www/runtimes/node';

/** Of the agent's own state: secret values and what is made of them. */
export const appFolderOf = (stateFolder: string, siteId: string): string => `${stateFolder}/apps/${siteId}`;
export const environmentFile = (stateFolder: string, siteId: string, slot: Slot): string =>
  `${appFolderOf(stateFolder, siteId)}/${slot}.env`;
