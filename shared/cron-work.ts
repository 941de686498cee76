import { z } from 'zod';
import { id, instant, line } from './http.ts';
import { serviceUnit } from './services.ts';

/** Programs that a script can be for; nothing of a script is ever part of a command line. */
export const cronLanguages = ['bash', 'sh', 'python3', 'php', 'node'] as const;
export const cronMethods = ['GET', 'HEAD', 'POST'] as const;
/** Whose logs are cleaned up. */
export const cronLogs = ['sites', 'journal'] as const;
export const cronVerbs = ['restart', 'reload'] as const;
export const cronNotifies = ['never', 'failure', 'always'] as const;

export const maxScriptLength = 60_000;
export const maxCronJobs = 1_000;
/** Of what a run says so much is kept from its beginning, and as much from its end. */
export const keptOutputBytes = 256 * 1_024;

/** A Linux user as `useradd` takes it. */
export const linuxUserPattern = /^[a-z_][a-z0-9_.-]{0,31}$/i;

const minuteOfDay = z.int().min(0).max(1_439);
const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]*$/, { error: 'time_zone_invalid' });
const times = z.array(minuteOfDay).min(1).max(24);

export const cronSchedule = z.discriminatedUnion('every', [
  /** Counted by the time that passes, whatever clocks do. */
  z.strictObject({ every: z.literal('minutes'), minutes: z.int().min(1).max(1_440), timeZone }),
  z.strictObject({ every: z.literal('hour'), minute: z.int().min(0).max(59), timeZone }),
  z.strictObject({ every: z.literal('day'), times, timeZone }),
  /** 0: Sunday. */
  z.strictObject({ every: z.literal('week'), weekdays: z.array(z.int().min(0).max(6)).min(1).max(7), times, timeZone }),
  /** A day that a month lacks is left out in that month. */
  z.strictObject({ every: z.literal('month'), days: z.array(z.int().min(1).max(31)).min(1).max(31), times, timeZone }),
  z.strictObject({
    every: z.literal('cron'),
    expression: z
      .string()
      .max(200)
      .regex(/^[0-9A-Za-z*,/ -]+$/, { error: 'cron_invalid' }),
    timeZone,
  }),
  z.strictObject({ every: z.literal('once'), at: instant, timeZone }),
]);
export type CronSchedule = z.infer<typeof cronSchedule>;

const checkedUrl = z
  .string()
  .min(1)
  .max(2_048)
  .refine((text) => isCheckable(text), { error: 'cron_url_invalid' });

function isCheckable(text: string): boolean {
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

export const cronWork = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('script'),
    language: z.enum(cronLanguages),
    /** Data: put into a file of its own as it was typed, and given to its program. */
    script: z
      .string()
      .min(1)
      .max(maxScriptLength)
      .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: 'cron_script_invalid' }),
    /** null: the user of the job's site. */
    linuxUser: z.string().regex(linuxUserPattern, { error: 'cron_user_unknown' }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('url'),
    url: checkedUrl,
    method: z.enum(cronMethods),
    /** null: anything from 200 to 399. */
    status: z.int().min(100).max(599).nullable(),
    /** Must stand in the first 256 KiB of the answer; empty: not looked for. */
    keyword: line(200),
    /** Whether it may ask this machine and its private networks. */
    mayBePrivate: z.boolean(),
  }),
  /** A run of a backup plan beside its own schedule; waited for. */
  z.strictObject({ kind: z.literal('backup'), planId: id }),
  z.strictObject({
    kind: z.literal('logs'),
    /** `sites`: of the job's site, or of all when it has none. `journal`: that of systemd. */
    of: z.enum(cronLogs),
    /** Sets the present logs aside first, as the daily look after them does. */
    rotates: z.boolean(),
    /** What is older goes; null: whatever its age. */
    maxAgeDays: z.int().min(1).max(3_650).nullable(),
    /** The oldest go until no more is kept, of each site by itself; null: whatever its size. */
    maxMib: z.int().min(1).max(1_048_576).nullable(),
  }),
  z.strictObject({ kind: z.literal('service'), unit: serviceUnit, verb: z.enum(cronVerbs) }),
]);
export type CronWork = z.infer<typeof cronWork>;

export const cronFacts = z
  .strictObject({
    name: line(80, 1),
    /** null: a job of the machine. */
    siteId: id.nullable(),
    work: cronWork,
    schedule: cronSchedule,
    timeoutSeconds: z.int().min(1).max(86_400),
    /** Further tries of a run that failed. */
    retries: z.int().min(0).max(5),
    retryPauseSeconds: z.int().min(1).max(3_600),
    /** Otherwise a time that comes while it still runs is left out. */
    mayOverlap: z.boolean(),
    /** A time that was missed while the machine was off is made up for once. */
    catchesUp: z.boolean(),
    keepRuns: z.int().min(1).max(200),
    notify: z.enum(cronNotifies),
    isEnabled: z.boolean(),
  })
  .refine(({ siteId, work }) => work.kind !== 'script' || (siteId === null) === (work.linuxUser !== null), {
    path: ['work', 'linuxUser'],
    error: 'cron_user_unknown',
  })
  .refine(({ siteId, work }) => siteId === null || !isOfMachineOnly(work), {
    path: ['siteId'],
    error: 'cron_of_machine',
  })
  .refine(({ work }) => work.kind !== 'logs' || work.rotates || work.maxAgeDays !== null || work.maxMib !== null, {
    path: ['work', 'maxAgeDays'],
    error: 'required',
  });
export type CronFacts = z.output<typeof cronFacts>;

/** Kinds that no site has. */
function isOfMachineOnly(work: CronWork): boolean {
  return work.kind === 'backup' || work.kind === 'service' || (work.kind === 'logs' && work.of === 'journal');
}

/** What root, another user of the machine, or a private address would have to do with: for `cron.machine` and a fresh factor. */
export function isGraveCron({ siteId, work }: Pick<CronFacts, 'siteId' | 'work'>): boolean {
  return work.kind === 'url' ? work.mayBePrivate : siteId === null;
}
