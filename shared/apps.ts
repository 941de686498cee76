import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';

export const appStates = ['running', 'starting', 'stopping', 'stopped', 'failed'] as const;

/** Why the processes of an application ended by themselves. */
export const appEndKinds = ['exit', 'signal', 'memory', 'start'] as const;

export const appEnd = z.object({
  kind: z.enum(appEndKinds),
  /** Exit code, or number of the signal; null for the others. */
  code: z.int().nullable(),
});
export type AppEnd = z.infer<typeof appEnd>;

/** What a further program of an application does now. */
const appWorkerStatus = z.object({
  name: z.string(),
  state: z.enum(appStates),
  since: instant.nullable(),
  memoryBytes: z.number().nullable(),
  restarts: z.int(),
  end: appEnd.nullable(),
});
export type AppWorkerStatus = z.infer<typeof appWorkerStatus>;

/** One of several processes of an application that answer beside each other. */
const appInstanceStatus = z.object({
  /** From 1 on; it stands in its environment. */
  number: z.int(),
  state: z.enum(appStates),
  since: instant.nullable(),
  pid: z.int().nullable(),
  memoryBytes: z.number().nullable(),
  cpuMs: z.number().nullable(),
  restarts: z.int(),
  end: appEnd.nullable(),
  /** Where nginx finds it: a port of this machine or the path of a socket. */
  listensOn: z.string(),
});
export type AppInstanceStatus = z.infer<typeof appInstanceStatus>;

/** What an application does now; of several instances it is all together, and it runs while one of them does. */
export const appStatus = z.object({
  /** `failed`: it ended by itself and is not started any more. */
  state: z.enum(appStates),
  /** It is meant to run: started, and not stopped since. */
  isOn: z.boolean(),
  since: instant.nullable(),
  pid: z.int().nullable(),
  memoryBytes: z.number().nullable(),
  /** Processor time since its start. */
  cpuMs: z.number().nullable(),
  tasks: z.int().nullable(),
  /** Files, pipes and sockets that its processes hold open. */
  openFiles: z.int().nullable(),
  /** Network connections, and those to its own socket, that are open now. */
  connections: z.int().nullable(),
  /** Times it was started again by itself. */
  restarts: z.int(),
  /** The last time that it ended by itself, in this life. */
  end: appEnd.nullable(),
  /** Where nginx finds it: a port of this machine or the path of a socket; of several, the first. */
  listensOn: z.string().nullable(),
  /** Other sites of this machine are kept from its port; null: it has none, or is off. */
  isPortClosed: z.boolean().nullable(),
  /** Names of secret variables whose values are not on this machine. */
  missingSecrets: z.array(z.string()),
  /** Each by itself; one where it runs once. */
  instances: z.array(appInstanceStatus),
  /** In the order in which they are set. */
  workers: z.array(appWorkerStatus),
  /** When it is started anew by the clock; null: never, or nothing would do it now. */
  nextRestartAt: instant.nullable(),
});
export type AppStatus = z.infer<typeof appStatus>;

export const appWishes = ['start', 'stop', 'restart'] as const;
export type AppWish = (typeof appWishes)[number];

/** One line of Node, and what of it is in the panel's store. */
export const nodeLine = z.object({
  major: z.int(),
  /** Newest first. */
  versions: z.array(z.object({ version: z.string(), /** That need it, also those that are off. */ sites: z.int() })),
});
export type NodeLine = z.infer<typeof nodeLine>;

const siteParams = z.object({ siteId: id });
const base = '/api/v1/sites/{siteId}/app' as const;

export const appsApi = {
  nodeVersions: {
    id: 'listNodeVersions',
    method: 'GET',
    path: '/api/v1/node/versions',
    access: 'sites.read',
    summary: 'Lines of Node that applications can use, and their installed versions',
    response: z.object({ /** Newest first. */ items: z.array(nodeLine) }),
  },
  status: {
    id: 'getSiteApp',
    method: 'GET',
    path: base,
    access: 'sites.read',
    summary: "What a site's application does now",
    params: siteParams,
    response: appStatus,
  },
  start: {
    id: 'startSiteApp',
    method: 'POST',
    path: `${base}/start`,
    access: 'sites.write',
    summary: "Start a site's application and wait until it answers",
    params: siteParams,
    response: appStatus,
  },
  stop: {
    id: 'stopSiteApp',
    method: 'POST',
    path: `${base}/stop`,
    access: 'sites.write',
    summary: "Stop a site's application until it is started again",
    params: siteParams,
    response: appStatus,
  },
  restart: {
    id: 'restartSiteApp',
    method: 'POST',
    path: `${base}/restart`,
    access: 'sites.write',
    summary: "Start a site's application anew; the old one serves until the new one answers",
    params: siteParams,
    response: appStatus,
  },
} as const satisfies Record<string, Operation>;
