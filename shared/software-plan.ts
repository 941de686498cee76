import { z } from 'zod';
import type { Operation } from './http.ts';
import { job } from './jobs.ts';
import { installableName, planConfirmed, updatableName } from './software.ts';

export const planKinds = ['install', 'update', 'nothing'] as const;

/** What is there already and could have something to say about what comes. */
export const neighbourKinds = ['web_server', 'database', 'firewall', 'ftp_server'] as const;

/** What an installation or an update would change, as the package manager and the machine say before anything happens. */
export const softwarePlan = z.object({
  /** `nothing`: it is there, and nothing newer waits. */
  kind: z.enum(planKinds),
  /** `node`: an archive of Node's makers, whose sizes are not known before. */
  source: z.enum(['distribution', 'node', 'sury']),
  /** At most 500. */
  packages: z.array(
    z.object({
      name: z.string(),
      /** The version that is there; null for what comes new. */
      from: z.string().nullable(),
      to: z.string(),
      /** Null when the lists do not say. */
      downloadBytes: z.int().nullable(),
      diskBytes: z.int().nullable(),
    }),
  ),
  /** Sums of what is known; null when nothing is. */
  downloadBytes: z.int().nullable(),
  /** More on the disk afterwards; less than zero when an update is smaller. */
  diskBytes: z.int().nullable(),
  /** Services that run from then on, also after a restart of the machine. */
  services: z.array(z.string()),
  /** Ports that will be opened: by others than this machine, or by it alone. */
  ports: z.array(
    z.object({
      first: z.int(),
      last: z.int(),
      isPublic: z.boolean(),
      /** Who has it now; null when it is free or not known. */
      heldBy: z.string().nullable(),
    }),
  ),
  neighbours: z.array(z.object({ kind: z.enum(neighbourKinds), name: z.string() })),
  memory: z.object({ totalBytes: z.int(), availableBytes: z.int() }),
  /** Of the disk that packages go to. */
  freeDiskBytes: z.int(),
  /** Names this plan: sent along with the confirmation, which is refused when it would be another one by then. */
  mark: z.string(),
});
export type SoftwarePlan = z.infer<typeof softwarePlan>;

export const softwarePlansApi = {
  get: {
    id: 'getSoftwarePlan',
    method: 'GET',
    path: '/api/v1/software/{name}/plan',
    access: 'software.install',
    summary: 'What installing or updating would change',
    params: z.object({ name: installableName }),
    response: softwarePlan,
  },
  update: {
    id: 'updateSoftware',
    method: 'POST',
    path: '/api/v1/software/{name}/update',
    access: 'software.install',
    summary: 'Bring one program up to date, as a job',
    params: z.object({ name: updatableName }),
    query: planConfirmed,
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
