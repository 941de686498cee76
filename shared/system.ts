import { z } from 'zod';
import { instant, type Operation } from './http.ts';

/** One second of the machine, read from /proc. Rates are per second over the time since the last sample. */
export const systemSample = z.object({
  at: instant,
  /** 0 to 100 over all cores, and per core. null until two samples exist. */
  cpuPercent: z.number().nullable(),
  coresPercent: z.array(z.number()),
  load: z.tuple([z.number(), z.number(), z.number()]),
  memory: z.object({
    totalBytes: z.number(),
    usedBytes: z.number(),
    availableBytes: z.number(),
    cachedBytes: z.number(),
  }),
  swap: z.object({ totalBytes: z.number(), usedBytes: z.number() }),
  disks: z.array(
    z.object({
      mount: z.string(),
      device: z.string(),
      fsType: z.string(),
      totalBytes: z.number(),
      usedBytes: z.number(),
      availableBytes: z.number(),
      inodesTotal: z.number(),
      inodesUsed: z.number(),
    }),
  ),
  diskIo: z.array(z.object({ device: z.string(), readBytesPerSecond: z.number(), writeBytesPerSecond: z.number() })),
  network: z.array(z.object({ name: z.string(), receivedBytesPerSecond: z.number(), sentBytesPerSecond: z.number() })),
  uptimeSeconds: z.number(),
  /** The panel's own cost (web process). */
  panel: z.object({ cpuPercent: z.number().nullable(), memoryBytes: z.number() }),
});
export type SystemSample = z.infer<typeof systemSample>;

export const serviceStates = ['running', 'stopped', 'not_installed', 'unknown'] as const;

export const systemInfo = z.object({
  hostname: z.string(),
  os: z.string(),
  kernel: z.string(),
  architecture: z.string(),
  cpuModel: z.string(),
  cpuCores: z.int(),
  panelVersion: z.string(),
  environment: z.enum(['development', 'test', 'staging', 'production']),
  nodeVersion: z.string(),
  /** `real`, `fake` (tests and UI work: nothing on the machine changes) or `away`. */
  agent: z.enum(['real', 'fake', 'away']),
  services: z.array(z.object({ name: z.string(), state: z.enum(serviceStates) })),
  siteCounts: z.object({ all: z.int(), enabled: z.int(), failed: z.int() }),
});

export const systemApi = {
  info: {
    id: 'getSystemInfo',
    method: 'GET',
    path: '/api/v1/system',
    access: 'system.read',
    summary: 'The machine, its services and the panel',
    response: systemInfo,
  },
  history: {
    id: 'getSystemHistory',
    method: 'GET',
    path: '/api/v1/system/history',
    access: 'system.read',
    summary: 'The last minutes of samples, oldest first (at most 300)',
    response: z.object({ items: z.array(systemSample) }),
  },
} as const satisfies Record<string, Operation>;
