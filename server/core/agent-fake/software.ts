import { AppError } from '#shared/errors.ts';
import type { FakeActions, FakeAgentOptions } from '../agent-fake.ts';

type SoftwareActionName = Extract<keyof FakeActions, `software.${string}`>;
type Step = 'refresh' | 'install' | 'configure' | 'start' | 'verify';
type Run = { readonly startedAt: number; isCancelled: boolean; isFinished: boolean };

const version = '1.26.3';

const logs: Record<Step, readonly string[]> = {
  refresh: [
    'Hit:1 http://deb.debian.org/debian trixie InRelease',
    'Get:2 http://deb.debian.org/debian trixie-updates InRelease [47.3 kB]',
    'Fetched 47.3 kB in 0s (312 kB/s)',
    'Reading package lists...',
  ],
  install: [
    'Reading package lists...',
    'Building dependency tree...',
    'The following NEW packages will be installed:',
    '  iproute2 nginx nginx-common',
    'Get:1 http://deb.debian.org/debian trixie/main amd64 nginx-common all [106 kB]',
    'Get:2 http://deb.debian.org/debian trixie/main amd64 nginx amd64 [596 kB]',
    'Preparing to unpack .../nginx-common_1.26.3-3_all.deb ...',
    'Unpacking nginx-common (1.26.3-3) ...',
    'Setting up nginx-common (1.26.3-3) ...',
    'Setting up nginx (1.26.3-3) ...',
  ],
  configure: ['/etc/nginx/conf.d/aapanel.conf', 'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok'],
  start: ['nginx.service: active (running)'],
  verify: [`nginx/${version}`, 'GET http://127.0.0.1/ 200'],
};

/** The part of the fake agent that installs. Steps take time and write a log as a real installation does. */
export function createFakeSoftware({ isNginxInstalled = false, installStepMs = 1_500 }: FakeAgentOptions): {
  readonly isRunning: () => boolean;
  readonly actions: Pick<FakeActions, SoftwareActionName>;
} {
  const runs = new Map<string, Run>();
  const installedBy = new Set<string>();
  let isInstalled = isNginxInstalled;
  let isRunning = isNginxInstalled;

  function stateOf(run: Run): 'running' | 'succeeded' | 'failed' {
    if (run.isCancelled) return 'failed';
    return Date.now() - run.startedAt >= installStepMs ? 'succeeded' : 'running';
  }

  function finish(run: Run, operationId: string, step: Step): void {
    if (run.isFinished || stateOf(run) !== 'succeeded') return;
    run.isFinished = true;
    if (step === 'install' && !isInstalled) {
      isInstalled = true;
      installedBy.add(operationId);
    }
    if (step === 'start') isRunning = isInstalled;
  }

  return {
    isRunning: () => isRunning,
    actions: {
      'software.status': () =>
        Promise.resolve({
          items: [
            {
              name: 'nginx',
              isInstalled,
              isRunning,
              version: isInstalled ? version : null,
              isConfigOk: isInstalled ? true : null,
              configError: null,
            },
          ],
          isolated: [],
          port80Owner: null,
        }),
      'software.install'({ operationId, step }) {
        const key = `${operationId}/${step}`;
        const run = runs.get(key) ?? { startedAt: Date.now(), isCancelled: false, isFinished: false };
        runs.set(key, run);
        finish(run, operationId, step);
        return Promise.resolve({ state: stateOf(run) });
      },
      'software.operation'({ operationId, step, offset }) {
        const run = runs.get(`${operationId}/${step}`);
        if (run === undefined) {
          return Promise.resolve({ state: 'unknown', exitCode: null, text: '', nextOffset: offset, progress: null });
        }
        finish(run, operationId, step);
        const state = stateOf(run);
        const share = Math.min(1, (Date.now() - run.startedAt) / installStepMs);
        const lines = logs[step].slice(0, Math.ceil(share * logs[step].length));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const from = Math.min(offset, bytes.length);
        return Promise.resolve({
          state,
          exitCode: state === 'running' ? null : state === 'failed' ? 1 : 0,
          text: bytes.subarray(from, from + 64 * 1024).toString('utf8'),
          nextOffset: Math.min(bytes.length, from + 64 * 1024),
          progress: Math.floor(share * 100),
        });
      },
      'software.cancel'({ operationId }) {
        let wasRunning = false;
        for (const [key, run] of runs) {
          if (!key.startsWith(`${operationId}/`) || stateOf(run) !== 'running') continue;
          run.isCancelled = true;
          wasRunning = true;
        }
        return Promise.resolve({ wasRunning });
      },
      'software.uninstall'({ operationId }) {
        const isBusy = [...runs].some(([key, run]) => key.startsWith(`${operationId}/`) && stateOf(run) === 'running');
        if (isBusy) return Promise.reject(new AppError('busy', 'The operation is still running.'));
        if (!installedBy.delete(operationId)) return Promise.resolve({ removed: [] });
        isInstalled = false;
        isRunning = false;
        return Promise.resolve({ removed: ['nginx', 'nginx-common'] });
      },
    },
  };
}
