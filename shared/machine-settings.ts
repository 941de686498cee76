import { z } from 'zod';
import type { Operation } from './http.ts';

/** Name of the machine: labels of RFC 1123 in lower case, at most the 64 bytes of Linux (`HOST_NAME_MAX`). */
export const hostnamePattern =
  /^(?=.{1,64}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** Name in the database of time zones, such as `Asia/Riyadh` or `UTC`. */
export const zoneNamePattern = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,32}){0,2}$/;

/** Sizes of the panel's swap file in MiB. */
export const swapMib = { least: 64, most: 65_536 } as const;

const swapArea = z.object({
  path: z.string(),
  kind: z.enum(['file', 'partition']),
  sizeBytes: z.number(),
  usedBytes: z.number(),
  /** The file that the panel made, and can change. */
  isOurs: z.boolean(),
});

export const machineSettings = z.object({
  /** As `/etc/hostname` has it; the kernel's where there is none. */
  hostname: z.string(),
  clock: z.object({
    /** Null where `/etc/localtime` is no link into the database of zones. */
    zone: z.string().nullable(),
    /** Null where nobody can say. */
    isSynchronized: z.boolean().nullable(),
  }),
  swap: z.object({
    areas: z.array(swapArea),
    /** MiB of the panel's own file; 0 without one. */
    ownMib: z.int(),
    /** Largest size for which the disk has room, MiB; 0 where the file system cannot hold swap. */
    mostMib: z.int(),
  }),
  memoryBytes: z.number(),
  /** Whether the distribution's unattended-upgrades installs security updates by itself. */
  automaticUpdates: z.enum(['on', 'off', 'not_installed']),
});
export type MachineSettings = z.infer<typeof machineSettings>;

export const hostnameChange = z.strictObject({ hostname: z.string().regex(hostnamePattern) });
export const zoneChange = z.strictObject({ zone: z.string().regex(zoneNamePattern) });
/** 0 takes the file away. */
export const swapChange = z.strictObject({
  mib: z.union([z.literal(0), z.int().min(swapMib.least).max(swapMib.most)]),
});
export const automaticUpdatesChange = z.strictObject({ isOn: z.boolean() });

const base = '/api/v1/machine' as const;
export const machineSettingsApi = {
  get: {
    id: 'getMachineSettings',
    method: 'GET',
    path: base,
    access: 'services.read',
    summary: 'Name, time zone, swap and automatic updates of the machine',
    response: machineSettings,
  },
  setHostname: {
    id: 'setMachineHostname',
    method: 'PUT',
    path: `${base}/hostname`,
    access: 'services.write',
    summary: 'Give the machine another name',
    body: hostnameChange,
    response: machineSettings,
  },
  setTimeZone: {
    id: 'setMachineTimeZone',
    method: 'PUT',
    path: `${base}/time-zone`,
    access: 'services.write',
    summary: 'Set the time zone of the machine',
    body: zoneChange,
    response: machineSettings,
  },
  setSwap: {
    id: 'setMachineSwap',
    method: 'PUT',
    path: `${base}/swap`,
    access: 'services.write',
    summary: 'Make, resize or take away the swap file of the panel',
    body: swapChange,
    response: machineSettings,
  },
  setAutomaticUpdates: {
    id: 'setAutomaticUpdates',
    method: 'PUT',
    path: `${base}/automatic-updates`,
    access: 'services.write',
    summary: 'Let security updates be installed by themselves, or no longer',
    body: automaticUpdatesChange,
    response: machineSettings,
  },
} as const satisfies Record<string, Operation>;
