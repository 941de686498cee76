import type { CronRun, KnownCronJob } from '#shared/cron.ts';
import { cronLanguages, isGraveCron, type CronFacts } from '#shared/cron-work.ts';
import { nextCronRun, problemOfSchedule } from '#shared/cron-times.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

type CronAction = Extract<keyof FakeActions, `cron.${string}`>;
type Kept = { readonly facts: CronFacts; readonly changedAt: number; readonly runs: Run[] };
type Run = { readonly run: CronRun; readonly isEndless: boolean };

export type FakeCronOptions = {
  readonly now: () => number;
  /** How long a run takes. */
  readonly runMs: number;
  readonly hasSite: (siteId: string) => boolean;
  readonly hasPlan: (planId: string, call: FakeCall) => Promise<boolean>;
  readonly requireTicket: (call: FakeCall, permission?: 'cron.machine') => void;
};

const users = ['root', 'www-data', 'nora'];

/**
 * The part of the fake agent that keeps scheduled jobs. A script with `exit 1` fails, one with `sleep` goes on until it is
 * ended. Nothing runs by itself.
 */
export function createFakeCron({
  now,
  runMs,
  hasSite,
  hasPlan,
  requireTicket,
}: FakeCronOptions): Pick<FakeActions, CronAction> {
  const jobs = new Map<string, Kept>();

  function get(jobId: string): Kept {
    const found = jobs.get(jobId);
    if (found === undefined)
      throw new AppError('not_found', 'There is no such scheduled job.', { reason: 'cron_job_unknown' });
    return found;
  }

  function shownRun(jobId: string, { run, isEndless }: Run): CronRun {
    const passed = now() - Date.parse(run.startedAt);
    if (run.state !== 'running') return run;
    if (isEndless || passed < runMs) return { ...run, durationMs: passed };
    const { work } = get(jobId).facts;
    const isBad =
      work.kind === 'script' ? work.script.includes('exit 1') : work.kind === 'url' && work.url.includes('fail');
    return {
      ...run,
      state: isBad ? 'failed' : 'succeeded',
      cause: isBad ? (work.kind === 'script' ? 'cron_exit_code' : 'cron_url_status') : null,
      code: work.kind === 'url' ? (isBad ? 500 : 200) : work.kind === 'script' ? Number(isBad) : null,
      durationMs: runMs,
      endedAt: new Date(Date.parse(run.startedAt) + runMs).toISOString(),
      cpuMs: work.kind === 'script' ? 12 : null,
      memoryBytes: work.kind === 'script' ? 3_145_728 : null,
      outputBytes: words(run).length,
    };
  }

  const words = ({ jobId }: CronRun): string => {
    const { work } = get(jobId).facts;
    return work.kind === 'url' ? `${work.method} ${work.url}: 200, 12 bytes, 4 ms\n` : 'first line\nsecond line\n';
  };

  function shown(jobId: string): KnownCronJob {
    const { facts, changedAt, runs } = get(jobId);
    const next = facts.isEnabled ? nextCronRun(facts.schedule, now()) : undefined;
    const [last] = runs;
    return {
      id: jobId,
      ...facts,
      changedAt: new Date(changedAt).toISOString(),
      runsAs: facts.work.kind === 'script' ? (facts.work.linuxUser ?? 'site-fake2222') : null,
      nextRunAt: next === undefined ? null : new Date(next).toISOString(),
      lastRun: last === undefined ? null : shownRun(jobId, last),
      skippedAt: null,
    };
  }

  const invalid = (field: string, code: string): AppError =>
    new AppError('invalid_request', 'The job cannot be kept so.', { fields: [{ field, code }] });

  async function check({ schedule, siteId, work }: CronFacts, call: FakeCall): Promise<void> {
    const problem = problemOfSchedule(schedule, now());
    if (problem !== undefined) throw invalid(`schedule.${problem.field}`, problem.code);
    if (siteId !== null && !hasSite(siteId))
      throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    const user = work.kind === 'script' ? work.linuxUser : null;
    if (user !== null && !users.includes(user)) throw invalid('work.linuxUser', 'cron_user_unknown');
    if (work.kind === 'backup' && !(await hasPlan(work.planId, call)))
      throw invalid('work.planId', 'cron_plan_unknown');
    if (work.kind === 'service' && work.unit.startsWith('aapanel')) throw invalid('work.unit', 'cron_unit_guarded');
  }

  function findRun(jobId: string, runId: string): Run {
    const found = get(jobId).runs.find(({ run }) => run.id === runId);
    if (found === undefined) throw new AppError('not_found', 'There is no such run.', { reason: 'cron_run_unknown' });
    return found;
  }

  return {
    async 'cron.list'() {
      const items = [...jobs.keys()].sort().map((jobId) => {
        const { work, ...job } = shown(jobId);
        if (work.kind !== 'script') return { ...job, work };
        const { script: _script, ...listed } = work;
        return { ...job, work: listed };
      });
      return { items, timeZone: 'UTC', users, languages: [...cronLanguages] };
    },
    async 'cron.crontabs'() {
      const own = { source: '/etc/crontab', siteId: null, timeZone: 'UTC', language: 'sh' } as const;
      return {
        items: [
          {
            ...own,
            line: 11,
            text: String.raw`17 * * * * root echo 50\%`,
            user: 'root',
            expression: '17 * * * *',
            script: 'echo 50%\n',
            problem: null,
          },
          {
            ...own,
            line: 12,
            text: '@reboot root date',
            user: 'root',
            expression: '@reboot',
            script: '',
            problem: 'at_boot',
          },
        ],
        isCut: false,
      };
    },
    async 'cron.check'({ facts }, call) {
      await check(facts, call);
      return {};
    },
    async 'cron.read'({ jobIds }) {
      return {
        items: jobIds.flatMap((jobId) => {
          const found = jobs.get(jobId);
          return found === undefined ? [] : [{ jobId, facts: found.facts }];
        }),
      };
    },
    async 'cron.put'({ jobId, isNew, facts }, call) {
      const before = jobs.get(jobId);
      const isGrave = isGraveCron(facts) || (before !== undefined && isGraveCron(before.facts));
      if (isGrave) requireTicket(call, 'cron.machine');
      await check(facts, call);
      if (!isNew && before === undefined) get(jobId);
      jobs.set(jobId, { facts, changedAt: now(), runs: before?.runs ?? [] });
      return shown(jobId);
    },
    async 'cron.enable'({ jobId, isEnabled }) {
      const { facts, runs } = get(jobId);
      jobs.set(jobId, { facts: { ...facts, isEnabled }, changedAt: now(), runs });
      return shown(jobId);
    },
    async 'cron.remove'({ jobId }) {
      jobs.delete(jobId);
      return {};
    },
    async 'cron.runs'({ jobId }) {
      return { job: shown(jobId), runs: get(jobId).runs.map((run) => shownRun(jobId, run)) };
    },
    async 'cron.start'({ jobId, runId }, { actor }) {
      const { facts, runs } = get(jobId);
      const [last] = runs;
      if (!facts.mayOverlap && last !== undefined && shownRun(jobId, last).state === 'running')
        throw new AppError('busy', 'The job is running.', { reason: 'cron_running' });
      const run: CronRun = {
        id: runId,
        jobId,
        state: 'running',
        trigger: 'person',
        actorName: actor.name,
        startedAt: new Date(now()).toISOString(),
        endedAt: null,
        durationMs: 0,
        code: null,
        cause: null,
        attempt: 1,
        cpuMs: null,
        memoryBytes: null,
        outputBytes: 0,
        cutBytes: 0,
      };
      runs.unshift({ run, isEndless: facts.work.kind === 'script' && facts.work.script.includes('sleep') });
      return run;
    },
    async 'cron.cancel'({ jobId, runId }) {
      const found = findRun(jobId, runId);
      const run = shownRun(jobId, found);
      if (run.state !== 'running') return run;
      const ended: CronRun = {
        ...run,
        state: 'cancelled',
        cause: 'cron_cancelled',
        endedAt: new Date(now()).toISOString(),
      };
      const { runs } = get(jobId);
      runs[runs.indexOf(found)] = { run: ended, isEndless: false };
      return ended;
    },
    async 'cron.output'({ jobId, runId, offset }) {
      const run = shownRun(jobId, findRun(jobId, runId));
      const text = words(run).slice(offset);
      return { run, text, nextOffset: offset + text.length };
    },
  };
}
