import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { median, type Figure } from './figures.ts';
import { ask, startAgent, startPanel, type AgentProcess, type Code, type Panel } from './panel-process.ts';
import { cpuSeconds } from './process-cost.ts';

/*
 * What scheduled jobs cost while none is due. Where there is no systemd the agent stays and looks every second; with systemd
 * one timer waits for the next moment of all jobs, and not even that is left.
 */

const port = 15473;
const jobs = 500;
const few = 50;

/** Inside the private machine only. */
export async function measureCron(code: Code, folder: string, seconds: number): Promise<Figure[]> {
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: join(folder, 'cron'), agentSocket: agent.socket });
  try {
    const { site } = await ask<{ site: { id: string } }>(panel, 'POST', '/api/v1/sites', {
      kind: 'static',
      domains: ['cron.test'],
    });
    const before = await idle(agent, panel, seconds);
    const madeMs: number[] = [];
    for (let number = 0; number < jobs; number++) {
      const from = performance.now();
      await ask(panel, 'POST', '/api/v1/cron/jobs', job(number, site.id));
      madeMs.push(performance.now() - from);
    }
    const first = median(madeMs.slice(0, few));
    const last = median(madeMs.slice(-few));
    const { items } = await ask<{ items: { nextRunAt: string | null }[] }>(panel, 'GET', '/api/v1/cron/jobs');
    const planned = items.filter(({ nextRunAt }) => nextRunAt !== null).length;
    if (planned !== jobs) throw new Error(`${planned} of ${jobs} jobs are planned`);
    const after = await idle(agent, panel, seconds);
    return [
      {
        what: `${jobs} scheduled jobs, none due: processor of web and agent more than without`,
        unit: '% of a core',
        value: after - before,
        // A tick is 10 ms: what is below some of them in a minute cannot be told from nothing.
        limit: { atMost: Math.max(0.1, 3 / seconds) },
        note: `over ${seconds} s each: ${before.toFixed(2)} % without jobs, ${after.toFixed(2)} % with; no systemd, so the agent looks every second`,
      },
      {
        what: `a scheduled job more, ${jobs} present`,
        unit: '× with none',
        value: last / first,
        limit: { atMost: 2 },
        note: `median of the last ${few} that are made: ${last.toFixed(1)} ms, of the first ${few}: ${first.toFixed(1)} ms; all of them: ${(madeMs.reduce((sum, each) => sum + each, 0) / 1_000).toFixed(1)} s`,
      },
    ];
  } finally {
    await panel.stop();
    await agent.stop();
  }
}

/** In percent of a core, once what came before has settled. */
async function idle(agent: AgentProcess, panel: Panel, seconds: number): Promise<number> {
  await wait(20_000);
  const used = (): number => cpuSeconds(panel.pid) + cpuSeconds(agent.process.pid ?? 0);
  const from = used();
  const at = performance.now();
  await wait(seconds * 1_000);
  return (100 * (used() - from) * 1_000) / (performance.now() - at);
}

/** Each at another minute of a day that is not today. */
function job(number: number, siteId: string): object {
  const inHalfAWeek = (new Date().getUTCDay() + 3) % 7;
  return {
    name: `job ${number}`,
    siteId,
    work: { kind: 'script', language: 'sh', script: `echo ${number}`, linuxUser: null },
    schedule: {
      every: 'week',
      weekdays: [inHalfAWeek],
      times: [number % 1_440],
      timeZone: 'UTC',
    },
    timeoutSeconds: 60,
    retries: 0,
    retryPauseSeconds: 10,
    mayOverlap: false,
    catchesUp: false,
    keepRuns: 5,
    notify: 'never',
    isEnabled: true,
  };
}
