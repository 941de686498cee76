import { hostname } from 'node:os';
import { z } from 'zod';
import { alertEvents, type AlertEvent } from '#shared/backup-alerts.ts';
import { id } from '#shared/http.ts';
import { readText, removeFile } from '../core/files.ts';
import { journalLine } from '../core/machine.ts';
import { listPlans } from '../backups/plans.ts';
import { listTargets } from '../backups/targets.ts';
import { putJsonFile } from '../core/json-file.ts';
import { listHooks } from './hooks.ts';
import { enqueue, type AlertFacts } from './queue.ts';

/*
 * One alert: a line in the journal, and a message for each hook that wants to hear of it. Trouble that stands is noted, so
 * that a plan which fails every half hour does not send 48 messages a day, and so that its end is told.
 */

export type Subject = {
  readonly event: AlertEvent;
  readonly planId: string | null;
  readonly targetId: string | null;
};

type Told = Pick<AlertFacts, 'runId' | 'what' | 'check' | 'reason' | 'dueAt' | 'recoveredFrom'>;

/** `certificate`, `site`, `job`: of those about one. */
export type Alert = Subject & Told & Partial<Pick<AlertFacts, 'certificate' | 'site' | 'job'>>;

const trouble = z.object({
  event: z.enum(alertEvents),
  planId: id.nullable(),
  targetId: id.nullable(),
  reason: z.string().nullable(),
  check: z.enum(['failed', 'not_run']).nullable(),
  dueAt: z.string().nullable(),
  /** Epoch ms of the last message. */
  toldAt: z.number(),
});

/** The same trouble is told again after this. */
const againMs = 24 * 60 * 60 * 1000;

const troublePath = (folder: string, { event, planId, targetId }: Subject): string =>
  `${folder}/alerts/troubles/${event}.${planId ?? 'any'}.${targetId ?? 'any'}.json`;

function findTrouble(folder: string, subject: Subject): z.infer<typeof trouble> | undefined {
  const text = readText(troublePath(folder, subject));
  return text === undefined ? undefined : trouble.safeParse(JSON.parse(text)).data;
}

/** Trouble that stands until it ends: told at once, then once a day while nothing else is wrong. */
export async function raiseTrouble(folder: string, alert: Alert, now: number): Promise<void> {
  const before = findTrouble(folder, alert);
  const { event, planId, targetId, reason, check, dueAt } = alert;
  const isSame =
    before !== undefined &&
    before.reason === reason &&
    before.check === check &&
    before.dueAt === dueAt &&
    // A missed time is told once.
    (event === 'overdue' || (before.toldAt <= now && before.toldAt + againMs > now));
  if (isSame) return;
  await raise(folder, alert, now);
  await putJsonFile(troublePath(folder, alert), { event, planId, targetId, reason, check, dueAt, toldAt: now });
}

/** Ends trouble of these subjects; tells so once, when there was any. */
export async function endTrouble(
  folder: string,
  subjects: readonly Subject[],
  { runId, what, now }: { readonly runId: string; readonly what: string; readonly now: number },
): Promise<void> {
  const ended = subjects.filter((subject) => findTrouble(folder, subject) !== undefined);
  const [first] = ended;
  if (first === undefined) return;
  const { event: recoveredFrom, planId, targetId } = first;
  const none = { check: null, reason: null, dueAt: null };
  await raise(folder, { event: 'recovered', planId, targetId, runId, what, recoveredFrom, ...none }, now);
  for (const subject of ended) removeFile(troublePath(folder, subject));
}

/** Tells an alert once to each hook: the same one is never waiting twice. */
export async function raise(folder: string, alert: Alert, now: number): Promise<void> {
  const facts = factsOf(folder, alert, now);
  const { event, runId, reason, check, plan, target, dueAt, certificate, site, job } = facts;
  const area = job !== null ? 'cron' : site !== null ? 'sites' : certificate !== null ? 'certificates' : 'backups';
  journalLine(event === 'recovered' || event === 'job_succeeded' ? 5 : 3, `${area}: ${event}`, {
    site: site?.name,
    job: job?.name,
    certificate: certificate?.name,
    plan: plan?.name,
    target: target?.name,
    runId,
    reason,
    check,
    dueAt,
  });
  const { certificateId, validUntil, stage } = certificate ?? {};
  const key = [
    event,
    alert.planId,
    alert.targetId,
    runId,
    dueAt,
    certificateId,
    validUntil,
    stage,
    site?.siteId,
    site?.isOver,
  ].join(' ');
  for (const hook of listHooks(folder)) {
    if (!hook.isEnabled || !hook.events.includes(alert.event) || hook.since > now) continue;
    await enqueue(folder, { key, hookId: hook.hookId, alert: facts, now });
  }
}

export function factsOf(
  folder: string,
  {
    planId,
    targetId,
    event,
    certificate = null,
    site = null,
    job = null,
    ...rest
  }: Omit<Alert, 'event'> & { readonly event: AlertFacts['event'] },
  now: number,
): AlertFacts {
  const plan = listPlans(folder).find((each) => each.planId === planId)?.plan.name;
  const target = listTargets(folder).find((each) => each.targetId === targetId)?.name;
  return {
    panel: 'aapanel',
    event,
    at: new Date(now).toISOString(),
    host: hostname(),
    plan: planId === null || plan === undefined ? null : { planId, name: plan },
    target: targetId === null || target === undefined ? null : { targetId, name: target },
    certificate,
    site,
    job,
    ...rest,
  };
}
