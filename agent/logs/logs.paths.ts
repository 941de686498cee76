import { wwwlogs } from '#shared/site-folders.ts';
import { logKinds, type LogKind } from '#shared/site-logs.ts';
import { instancesOf, numbersTo, workersOf } from '../apps/apps.wanted.ts';
import { listNames } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import type { SiteRecord } from '../sites/site-records.ts';

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

/** Of a site: one of each kind, and one for each further program and each further instance of its application. */
export type LogName = LogKind | `app-${string}` | `app@${number}`;

/** The log that is written now. `.1` beside it: the last one, not compressed yet, since a program may still write to it. */
export const logPath = ({ prefix }: Pick<Where, 'prefix'>, slug: string, name: LogName): string =>
  `${prefix}${wwwlogs}/${slug}.${name}.log`;

/** Whether a program holds it open for as long as it runs. */
export const isOfProgram = (name: LogName): boolean => name === 'app' || /^app[-@]/.test(name);

/** Those that a site writes now. */
export const logNamesOf = ({ settings }: Pick<SiteRecord, 'settings'>): LogName[] => [
  ...logKinds,
  ...workersOf(settings).map(({ name }): LogName => `app-${name}`),
  ...numbersTo(instancesOf(settings))
    .slice(1)
    .map((number): LogName => `app@${number}`),
];

/** Names of all files in the folder of logs that are a site's further programs' and instances', also of those gone. */
export function workerLogsIn({ prefix }: Pick<Where, 'prefix'>, slug: string): string[] {
  const beginning = `${slug}.app`;
  return listNames(prefix + wwwlogs).filter(
    (name) =>
      name.startsWith(beginning) && /^(?:-[a-z0-9-]{1,32}|@\d{1,2})\.log(?:\.1)?$/.test(name.slice(beginning.length)),
  );
}

/** Where the older logs of a site lie, without prefix. */
export const keptFolder = (slug: string): string => `${wwwlogs}/kept/${slug}`;

/** The agent's own notes about logs. */
export const logsFolder = ({ stateFolder }: Pick<Where, 'stateFolder'>): string => `${stateFolder}/logs`;
export const figuresFolder = (where: Pick<Where, 'stateFolder'>, siteId: string): string =>
  `${logsFolder(where)}/traffic/${siteId}`;
