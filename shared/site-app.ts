import { z } from 'zod';
import { maxInstances, maxWorkers, restartHours } from './app-limits.ts';
import { id } from './http.ts';
import { zoneNamePattern } from './machine-settings.ts';
import { isTimeZone } from './zoned.ts';

/*
 * An application of a site: a program of anybody's that answers HTTP on a port of this machine or on a socket. Everything
 * here is a fact: a program and its arguments one by one, never a line for a shell.
 */

/** One name in a path: no way up, no blanks, nothing that a unit file or nginx reads as more than itself. */
const name = '[A-Za-z0-9_.@+-]{1,100}';
const hasDots = (path: string): boolean => path.split('/').some((part) => part === '..' || part === '.');

/** Below the site's folder; empty: that folder itself. */
export const appFolder = z
  .string()
  .max(500)
  .regex(new RegExp(`^(${name}(/${name}){0,20})?$`), { error: 'app_folder_invalid' })
  .refine((path) => !hasDots(path), { error: 'app_folder_invalid' });

/**
 * `node`: by its name, from the chosen version and the folders of the system; `./server` and `venv/bin/gunicorn`: in the
 * working folder; `/usr/bin/java`: where it says.
 */
export const appProgram = z
  .string()
  .min(1)
  .max(500)
  .regex(new RegExp(`^(?:\\./|/)?${name}(?:/${name}){0,20}$`), { error: 'app_program_invalid' })
  .refine((path) => !hasDots(path.replace(/^\.\//, '')), { error: 'app_program_invalid' });

/** `{port}` and `{socket}` stand for where it must listen. */
export const appArgument = z
  .string()
  .max(2_000)
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'control_characters' });

export const appNodeVersion = z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/, { error: 'app_node_version_invalid' });

/** What the panel sets itself. */
const reservedVariables = /^(PORT|SOCKET|AAPANEL_.*)$/;

export const appVariableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, { error: 'app_variable_invalid' })
  .refine((each) => !reservedVariables.test(each), { error: 'app_variable_reserved' });

/** Lines are allowed, for keys; no other control character. */
export const appVariableValue = z
  .string()
  .max(8_192)
  .regex(/^[^\u0000-\u0008\u000b-\u001f\u007f]*$/, { error: 'control_characters' });

const plainVariable = z.strictObject({ name: appVariableName, value: appVariableValue });
/** The value is kept by the agent alone; `secretId` names that value for ever, a new value has a new one. */
const secretVariable = z.strictObject({ name: appVariableName, secretId: id });
/** A new secret value: taken by the agent, and never said again. */
const newSecret = z.strictObject({ name: appVariableName, secret: appVariableValue.min(1, { error: 'required' }) });

const maxVariables = 200;
const areNamedOnce = (list: readonly { readonly name: string }[]): boolean =>
  new Set(list.map((each) => each.name)).size === list.length;
const repeated = { error: 'app_variable_repeated' };

/** The first port for everybody; those below are the system's. */
export const appPort = z.int().min(1_024, { error: 'app_port_low' }).max(65_535);

/** Ports that the panel chooses itself are taken from here: below those that the kernel gives to anybody. */
export const appPorts = { first: 21_000, last: 28_999 } as const;

const appListen = z.discriminatedUnion('kind', [
  /** null: the panel chooses, and can then start the new one beside the old one. */
  z.strictObject({ kind: z.literal('port'), port: appPort.nullable().default(null) }),
  z.strictObject({ kind: z.literal('socket') }),
]);

const appHealth = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    path: z
      .string()
      .max(500)
      .regex(/^\/[A-Za-z0-9._~!&'()*+,;=:@%/?-]*$/, { error: 'path_invalid' })
      .default('/'),
    /** null: anything below 500. */
    status: z.int().min(100).max(599).nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('connect') }),
]);

export const appRestarts = ['always', 'on_failure', 'never'] as const;

const appLimits = z.strictObject({
  memoryMb: z.int().min(32).max(1_048_576).default(1_024),
  /** Hundredths of one core; null: no limit. */
  cpuPercent: z.int().min(5).max(25_600).nullable().default(null),
  /** Processes and threads together. */
  tasks: z.int().min(8).max(32_768).default(512),
});

/** Its service and its log carry this name, and no site's name has a colon: nothing is named twice. */
export const appWorkerName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, {
  error: 'app_worker_name_invalid',
});

/** A further program beside the one that answers: takes jobs out of a queue, sends mail. It listens nowhere. */
const appWorker = z.strictObject({
  name: appWorkerName,
  program: appProgram,
  arguments: z.array(appArgument).max(60).default([]),
});
export type AppWorker = z.infer<typeof appWorker>;

const restartZone = z
  .string()
  .max(64)
  .regex(zoneNamePattern, { error: 'time_zone_invalid' })
  .refine(isTimeZone, { error: 'time_zone_invalid' });

const appTimedRestart = z.discriminatedUnion('every', [
  /** `minute`: of the day, as clocks of the zone show it. */
  z.strictObject({ every: z.literal('day'), minute: z.int().min(0).max(1_439), timeZone: restartZone }),
  z.strictObject({ every: z.literal('hours'), hours: z.literal(restartHours), timeZone: restartZone }),
]);
export type AppTimedRestart = z.infer<typeof appTimedRestart>;

/** Everything but the environment. */
const parts = {
  program: appProgram,
  arguments: z.array(appArgument).max(60).default([]),
  folder: appFolder.default(''),
  /** Of the panel's own store: stands first where programs are looked for. null: what the system has. */
  nodeVersion: appNodeVersion.nullable().default(null),
  listen: appListen.prefault({ kind: 'port' }),
  health: appHealth.prefault({ kind: 'http' }),
  /** So long it may take until it answers. */
  healthSeconds: z.int().min(1).max(60).default(30),
  restart: z.enum(appRestarts).default('always'),
  limits: appLimits.prefault({}),
  /** So long it may take to end in peace. */
  stopSeconds: z.int().min(1).max(60).default(10),
  /** The new one starts beside the old one, and no request is lost; not with a given port. */
  isOverlapping: z.boolean().default(true),
  isAtBoot: z.boolean().default(true),
  isWebsocket: z.boolean().default(true),
  /** So many run at once, each with these limits and on a port or socket of its own; a given port is the first of them. */
  instances: z.int().min(1).max(maxInstances).default(1),
  /** Started and stopped with it, each with the same user, environment and limits. */
  workers: z
    .array(appWorker)
    .max(maxWorkers, { error: 'app_workers_too_many' })
    .refine(areNamedOnce, { error: 'app_worker_repeated' })
    .default([]),
  /** null: it is only started anew when somebody asks. */
  timedRestart: appTimedRestart.nullable().default(null),
};

/** What is stored, shown and rendered. */
export const siteApp = z.strictObject({
  ...parts,
  environment: z
    .array(z.union([plainVariable, secretVariable]))
    .max(maxVariables)
    .refine(areNamedOnce, repeated)
    .default([]),
});
export type SiteApp = z.infer<typeof siteApp>;

/** What is sent: new values of secrets besides. Never stored. */
export const siteAppInput = z.strictObject({
  ...parts,
  environment: z
    .array(z.union([plainVariable, secretVariable, newSecret]))
    .max(maxVariables)
    .refine(areNamedOnce, repeated)
    .default([]),
});
export type SiteAppInput = z.infer<typeof siteAppInput>;

/** What came later than the rest. */
type Late = 'workers' | 'timedRestart' | 'instances';

/** As stored before an application could have them, with what came later. */
export function completeApp(stored: Omit<SiteApp, Late> & Partial<Pick<SiteApp, Late>>): SiteApp {
  const { environment, workers, timedRestart, instances, ...rest } = stored;
  return {
    ...rest,
    instances: instances ?? 1,
    workers: workers ?? [],
    timedRestart: timedRestart ?? null,
    environment,
  };
}

export type AppVariable = SiteApp['environment'][number];

/** Ids of the secret values that an application uses. */
export function secretIdsOf(app: Pick<SiteApp, 'environment'>): string[] {
  return app.environment.flatMap((each) => ('secretId' in each ? [each.secretId] : []));
}
