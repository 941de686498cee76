import { z } from 'zod';
import type { Operation } from './http.ts';
import { job } from './jobs.ts';

/** Software the panel can install, sorted: from the distribution, and lines of Node from their makers. */
export const softwareNames = [
  'git',
  'nginx',
  'node22',
  'node24',
  'node26',
  'php8.1',
  'php8.2',
  'php8.3',
  'php8.4',
  'php8.5',
] as const;
export type SoftwareName = (typeof softwareNames)[number];

/** Versions of PHP-FPM with the usual extensions; which of them there are is up to the distribution. */
export const phpSoftwareNames = ['php8.1', 'php8.2', 'php8.3', 'php8.4', 'php8.5'] as const satisfies SoftwareName[];
export type PhpSoftwareName = (typeof phpSoftwareNames)[number];

/** Lines of Node that applications can choose, oldest first; each brings its newest version. */
export const nodeSoftwareNames = ['node22', 'node24', 'node26'] as const satisfies SoftwareName[];
export type NodeSoftwareName = (typeof nodeSoftwareNames)[number];

/** What can be removed again while no site needs it. */
export const removableNames = [...nodeSoftwareNames, ...phpSoftwareNames] as const;
export type RemovableName = (typeof removableNames)[number];

export function isNode(name: SoftwareName): name is NodeSoftwareName {
  return name.startsWith('node');
}

export const software = z.object({
  name: z.enum(softwareNames),
  isInstalled: z.boolean(),
  isRunning: z.boolean(),
  version: z.string().nullable(),
  /** Does the present configuration pass the program's own check? null when it could not be asked. */
  isConfigOk: z.boolean().nullable(),
  /** Plain words of the program when the check fails; at most 4 KiB. */
  configError: z.string().nullable(),
});

export const softwareApi = {
  list: {
    id: 'listSoftware',
    method: 'GET',
    path: '/api/v1/software',
    access: 'system.read',
    summary: 'Managed software and its state',
    response: z.object({
      items: z.array(software),
      /** Sites set aside because their files broke nginx; `reason` in nginx's own words. */
      isolated: z.array(z.object({ slug: z.string(), reason: z.string() })),
      /** Who listens on port 80 when it is not nginx; null when free or nginx. */
      port80Owner: z.string().nullable(),
    }),
  },
  install: {
    id: 'installSoftware',
    method: 'POST',
    path: '/api/v1/software/{name}/install',
    access: 'software.install',
    summary: 'Install from the distribution, as a job',
    params: z.object({ name: z.enum(softwareNames) }),
    response: job,
    status: 202,
  },
  remove: {
    id: 'removeSoftware',
    method: 'POST',
    path: '/api/v1/software/{name}/remove',
    access: 'software.install',
    summary: 'Remove software that no site uses, as a job',
    params: z.object({ name: z.enum(removableNames) }),
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
