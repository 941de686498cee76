import { z } from 'zod';
import { instant, type Operation } from './http.ts';

/** A service of systemd by its full name. No pattern, no path: systemd takes `*` and `?` as such. */
export const serviceUnitPattern = /^[A-Za-z0-9:_.@\\-]{1,240}\.service$/;
export const serviceUnit = z.string().regex(serviceUnitPattern);

export const unitStates = [
  'active',
  'activating',
  'deactivating',
  'failed',
  'inactive',
  'maintenance',
  'reloading',
  'unknown',
] as const;

/** Whether it starts at boot, as systemd says it; `static`: only others start it. */
export const bootStates = [
  'alias',
  'disabled',
  'enabled',
  'generated',
  'indirect',
  'masked',
  'static',
  'transient',
  'unknown',
] as const;

/** Why it ended badly: `Result` of systemd (systemd.exec(5)); `other` for what is not in the list. */
export const serviceResults = [
  'condition',
  'core-dump',
  'exec-condition',
  'exit-code',
  'oom-kill',
  'other',
  'protocol',
  'resources',
  'signal',
  'start-limit-hit',
  'timeout',
  'watchdog',
] as const;

/**
 * Who answers for a service: `essential` ones keep the machine reachable and need a fresh factor, those of the panel and of
 * sites are led elsewhere.
 */
export const serviceGuards = ['none', 'essential', 'panel', 'site'] as const;

export const service = z.object({
  unit: serviceUnit,
  description: z.string(),
  state: z.enum(unitStates),
  /** systemd's finer word, such as `running`, `exited`, `dead`. */
  subState: z.string(),
  boot: z.enum(bootStates),
  guard: z.enum(serviceGuards),
  mainPid: z.int().nullable(),
  memoryBytes: z.number().nullable(),
  /** Processor time since its start. */
  cpuMs: z.number().nullable(),
  tasks: z.int().nullable(),
  /** Of the last change of `state`. */
  since: instant.nullable(),
  /** Times that systemd started it again by itself. */
  restarts: z.int(),
  failure: z
    .object({
      result: z.enum(serviceResults),
      /** Exit code, or number of the signal with `signal` and `core-dump`. */
      code: z.int().nullable(),
    })
    .nullable(),
  canReload: z.boolean(),
});
export type Service = z.infer<typeof service>;

export const serviceDetail = z.object({
  service,
  /** Of the unit file; null for one that has none. */
  path: z.string().nullable(),
  /** The unit file and what was added to it, as systemd reads them; at most 64 KiB. */
  text: z.string(),
});

export const serviceVerbs = ['start', 'stop', 'restart', 'reload', 'enable', 'disable'] as const;
export type ServiceVerb = (typeof serviceVerbs)[number];

export const serviceOutcome = z.object({
  service,
  /** systemd's own words when it did not do it; null when it did. */
  complaint: z.string().nullable(),
});

/** Levels of syslog, 0 (emergency) to 7 (debug); RFC 5424. */
export const journalLine = z.object({
  at: instant,
  priority: z.int().min(0).max(7),
  /** Name of who wrote it. */
  source: z.string(),
  text: z.string(),
});

/** Opaque place in systemd's journal. */
export const journalCursor = z.string().regex(/^[a-z0-9=;]{10,400}$/);

const unitParams = z.object({ unit: serviceUnit });
const base = '/api/v1/services/{unit}' as const;
export const servicesApi = {
  list: {
    id: 'listServices',
    method: 'GET',
    path: '/api/v1/services',
    access: 'services.read',
    summary: 'Services of the machine and their state',
    response: z.object({
      /** Without systemd there are none to show. */
      hasSystemd: z.boolean(),
      items: z.array(service),
    }),
  },
  get: {
    id: 'getService',
    method: 'GET',
    path: base,
    access: 'services.read',
    summary: 'One service and the text of its unit',
    params: unitParams,
    response: serviceDetail,
  },
  journal: {
    id: 'readServiceJournal',
    method: 'GET',
    path: `${base}/journal`,
    access: 'services.read',
    summary: 'Lines of the journal of a service, oldest first',
    params: unitParams,
    query: z.object({
      /** Only what came after this place. */
      after: journalCursor.optional(),
      lines: z.coerce.number().int().min(1).max(1_000).default(200),
      /** Only this level and graver ones. */
      priority: z.coerce.number().int().min(0).max(7).default(7),
    }),
    response: z.object({ lines: z.array(journalLine), cursor: journalCursor.nullable() }),
  },
  start: {
    id: 'startService',
    method: 'POST',
    path: `${base}/start`,
    access: 'services.write',
    summary: 'Start a service',
    params: unitParams,
    response: serviceOutcome,
  },
  stop: {
    id: 'stopService',
    method: 'POST',
    path: `${base}/stop`,
    access: 'services.write',
    summary: 'Stop a service',
    params: unitParams,
    response: serviceOutcome,
  },
  restart: {
    id: 'restartService',
    method: 'POST',
    path: `${base}/restart`,
    access: 'services.write',
    summary: 'Start a service anew',
    params: unitParams,
    response: serviceOutcome,
  },
  reload: {
    id: 'reloadService',
    method: 'POST',
    path: `${base}/reload`,
    access: 'services.write',
    summary: 'Let a service read its configuration again',
    params: unitParams,
    response: serviceOutcome,
  },
  enable: {
    id: 'enableService',
    method: 'POST',
    path: `${base}/enable`,
    access: 'services.write',
    summary: 'Let a service start at boot',
    params: unitParams,
    response: serviceOutcome,
  },
  disable: {
    id: 'disableService',
    method: 'POST',
    path: `${base}/disable`,
    access: 'services.write',
    summary: 'Let a service no longer start at boot',
    params: unitParams,
    response: serviceOutcome,
  },
} as const satisfies Record<string, Operation>;
