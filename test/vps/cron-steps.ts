// Scheduled jobs of an installed server: on time by systemd's timers, whatever becomes of the panel.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

type Run = {
  id: string;
  state: string;
  trigger: string;
  startedAt: string;
  code: number | null;
  cause: string | null;
  cpuMs: number | null;
  memoryBytes: number | null;
};
type Job = { id: string; runsAs: string | null };

const facts = (name: string, text: string, linuxUser: string) => ({
  name,
  siteId: null,
  work: { kind: 'script', language: 'bash', script: text, linuxUser },
  schedule: { every: 'minutes', minutes: 1, timeZone: 'Asia/Riyadh' },
  timeoutSeconds: 30,
  retries: 0,
  retryPauseSeconds: 1,
  mayOverlap: false,
  catchesUp: false,
  keepRuns: 50,
  notify: 'never',
  isEnabled: true,
});

export function cronSteps(step: Step, server: () => Server): void {
  const owner = () => server().owner;
  const call = <T>(method: string, path: string, body?: unknown, status?: number) =>
    panel.call<T>(owner(), method, `/api/v1/cron/jobs${path}`, body, status === undefined ? {} : { status });
  const runsOf = async (jobId: string) => (await call<{ runs: Run[] }>('GET', `/${jobId}`)).runs;

  step(
    'CRON-1 CRON-4 a job runs on time with the web process stopped, and after kill -9 of web and agent',
    async () => {
      const { machine } = server();
      const text = [
        'id -un; id -Gn',
        'cat /var/lib/aapanel-agent/cron/next.json 2>&1 | head -c 100',
        'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done',
        'setsid sleep 4712 &',
        'date +%s >> /tmp/cron-job-times',
      ].join('\n');
      const { id, runsAs } = await call<Job>('POST', '', facts('minutely', text, 'www-data'), 201);
      expect(runsAs).toBe('www-data');
      // Nothing of the panel is there from here on: both are killed, and the web process is kept from coming back.
      await mustExec(machine, ['systemctl', 'kill', '--signal=KILL', 'aapanel.service']);
      await mustExec(machine, ['systemctl', 'stop', 'aapanel.service']);
      await script(machine, 'systemctl kill --signal=KILL aapanel-agent.service 2>/dev/null || true');
      const times = async () =>
        (await script(machine, 'cat /tmp/cron-job-times 2>/dev/null || true'))
          .split('\n')
          .filter((line) => line !== '');
      await until('a run', async () => ((await times()).length > 0 ? true : undefined), 90_000);
      // In the second of its minute or the next ones.
      for (const at of await times()) expect(Number(at) % 60).toBeLessThan(10);
      await mustExec(machine, ['systemctl', 'start', 'aapanel.service']);
      await until('an answer', async () =>
        (await panel.request(owner(), 'GET', '/api/v1/me')).status === 200 ? true : undefined,
      );
      await call('PUT', `/${id}/enabled`, { isEnabled: false });
      const runs = await until('their end', async () => {
        const found = await runsOf(id);
        return found.every(({ state }) => state !== 'running') ? found : undefined;
      });
      expect(runs.length).toBeGreaterThan(0);
      for (const run of runs) {
        expect(run).toMatchObject({ state: 'succeeded', trigger: 'schedule', code: 0 });
        expect(run.cpuMs).toBeGreaterThan(0);
        expect(run.memoryBytes).toBeGreaterThan(100_000);
      }
      const output = await call<{ text: string }>('GET', `/${id}/runs/${runs[0]?.id ?? ''}/output`);
      expect(output.text).toMatch(/^www-data\nwww-data\n.*(Permission denied|No such file)/);
      // Whatever left the script's own group ended with its unit.
      expect(await script(machine, 'pgrep -f "[s]leep 4712" || true')).toBe('');
      expect(await script(machine, 'ls /run/aapanel-cron')).toBe('');
    },
  );

  step('CRON-4 a run is at work until it has ended, and that word comes with all that it said', async () => {
    const { id } = await call<Job>('POST', '', facts('at once', 'sleep 0.2; id -un', 'www-data'), 201);
    await call('PUT', `/${id}/enabled`, { isEnabled: false });
    for (let round = 0; round < 5; round += 1) {
      const run = await call<Run>('POST', `/${id}/runs`, undefined, 201);
      const end = await until('its end', async () => {
        const seen = await call<{ run: Run; text: string }>('GET', `/${id}/runs/${run.id}/output`);
        return seen.run.state === 'running' ? undefined : seen;
      });
      expect(end).toMatchObject({ run: { state: 'succeeded', outputBytes: 9 }, text: 'www-data\n' });
    }
    await call('DELETE', `/${id}`);
  });

  step(
    'one of root is ended with everything it started, and one whose process is killed is told as cut off',
    async () => {
      const { machine } = server();
      const { id } = await call<Job>('POST', '', facts('long', 'setsid sleep 4713 & sleep 4713', 'root'), 201);
      await call('PUT', `/${id}/enabled`, { isEnabled: false });
      const sleeps = async () => (await script(machine, 'pgrep -fc "[s]leep 4713" || true')).trim();
      const start = async () => {
        const run = await call<Run>('POST', `/${id}/runs`, undefined, 201);
        await until('its processes', async () => ((await sleeps()) === '2' ? true : undefined));
        return run.id;
      };
      const first = await start();
      expect(await call<Run>('POST', `/${id}/runs/${first}/cancel`)).toMatchObject({ state: 'cancelled' });
      expect(await sleeps()).toBe('0');
      const second = await start();
      await mustExec(machine, ['systemctl', 'kill', '--signal=KILL', `aapanel-cron-${second}.service`]);
      await until('the word of it', async () =>
        (await runsOf(id)).find((run) => run.id === second)?.state === 'interrupted' ? true : undefined,
      );
      await until('their end', async () => ((await sleeps()) === '0' ? true : undefined));
      // Work of the agent itself, beside the panel.
      const work = async (name: string, what: object) => {
        const job = await call<Job>('POST', '', { ...facts(name, '', ''), work: what, isEnabled: false }, 201);
        const run = await call<Run>('POST', `/${job.id}/runs`, undefined, 201);
        const ended = await until('its end', async () => {
          const found = (await runsOf(job.id)).find((each) => each.id === run.id);
          return found !== undefined && found.state !== 'running' ? found : undefined;
        });
        return { ended, text: (await call<{ text: string }>('GET', `/${job.id}/runs/${run.id}/output`)).text };
      };
      const since = () => script(machine, 'systemctl show --property=ActiveEnterTimestampMonotonic nginx.service');
      const before = await since();
      const restart = { kind: 'service', unit: 'nginx.service', verb: 'restart' };
      const restarted = await work('restart', restart);
      expect(restarted.ended.state, restarted.text).toBe('succeeded');
      expect(restarted.text).toContain('nginx.service: active');
      expect(await since()).not.toBe(before);
      // A broken configuration is left alone: what serves goes on serving.
      await script(machine, 'echo "no such directive;" > /etc/nginx/conf.d/zz-broken.conf');
      const refused = await work('restart', restart);
      await script(machine, 'rm /etc/nginx/conf.d/zz-broken.conf');
      expect(refused.ended).toMatchObject({ state: 'failed', cause: 'cron_service_config' });
      expect((await script(machine, 'systemctl is-active nginx.service')).trim()).toBe('active');
      const journal = { kind: 'logs', of: 'journal', rotates: true, maxAgeDays: 1, maxMib: 64 };
      const cleaned = await work('journal', journal);
      expect(cleaned.ended.state, cleaned.text).toBe('succeeded');
      expect(cleaned.text).toContain('Vacuuming done');
      const { items } = await call<{ items: Job[] }>('GET', '');
      for (const job of items) await call('DELETE', `/${job.id}`, undefined, 204);
      expect(await script(machine, 'systemctl list-units "aapanel-cron*" --state=running --no-legend || true')).toBe(
        '',
      );
    },
  );
}
