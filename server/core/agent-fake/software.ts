import { AppError } from '#shared/errors.ts';
import { isPhpExtensionName, type PhpExtensionName } from '#shared/php-extensions.ts';
import {
  isDatabaseServer,
  isNode,
  isTool,
  phpVersionOf,
  toolNames,
  type DatabaseSoftwareName,
  type InstallableName,
  type NodeSoftwareName,
  type PhpSoftwareName,
  type RemovableName,
  type ToolName,
} from '#shared/software.ts';
import type { FakeActions, FakeAgentOptions } from '../agent-fake.ts';
import type { FakeApps } from './apps.ts';
import type { FakePhp } from './php.ts';
import { fakePlan } from './software-plan.ts';

type SoftwareActionName = Extract<keyof FakeActions, `software.${string}`>;
type Step = 'refresh' | 'install' | 'configure' | 'start' | 'verify' | 'remove' | 'upgrade';
type Run = {
  readonly name: InstallableName | 'updates';
  readonly startedAt: number;
  isCancelled: boolean;
  isFinished: boolean;
};

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
  remove: ['Reading package lists...', 'Removing nginx (1.26.3-3) ...'],
  upgrade: ['To be brought up to date: libssl3t64', 'Setting up libssl3t64 (3.5.1-1+deb13u2) ...'],
};

/** The same story of other software. */
function asPhp(line: string, name: InstallableName): string {
  const isWhole = isTool(name) || isDatabaseServer(name) || isPhpExtensionName(name);
  return line.replaceAll(/\bnginx\b/g, isWhole ? name : `${name}-fpm`);
}

const asNode = (line: string, name: InstallableName): string => line.replaceAll(/\bnginx\b/g, name);

/** The part of the fake agent that installs. Steps take time and write a log as a real installation does. */
export function createFakeSoftware(
  {
    isNginxInstalled = false,
    isMariadbInstalled = false,
    isPostgresqlInstalled = false,
    isRedisInstalled = false,
    installStepMs = 1_500,
  }: FakeAgentOptions,
  php: FakePhp,
  apps: FakeApps,
): {
  readonly isRunning: () => boolean;
  readonly hasServer: (name: DatabaseSoftwareName) => boolean;
  readonly hasTool: (name: ToolName) => boolean;
  readonly actions: Pick<FakeActions, SoftwareActionName>;
} {
  const runs = new Map<string, Run>();
  const installedBy = new Map<string, DatabaseSoftwareName | RemovableName | 'nginx'>();
  let isInstalled = isNginxInstalled;
  let isRunning = isNginxInstalled;
  let areUpdated = false;
  const tools = new Set<ToolName>(isRedisInstalled ? ['git', 'redis'] : ['git']);
  const servers = new Set<DatabaseSoftwareName>();
  if (isMariadbInstalled) servers.add('mariadb');
  if (isPostgresqlInstalled) servers.add('postgresql');

  function stateOf(run: Run): 'running' | 'succeeded' | 'failed' {
    if (run.isCancelled) return 'failed';
    return Date.now() - run.startedAt >= installStepMs ? 'succeeded' : 'running';
  }

  function finish(run: Run, operationId: string, step: Step): void {
    if (run.isFinished || stateOf(run) !== 'succeeded') return;
    run.isFinished = true;
    if (run.name === 'updates') {
      areUpdated ||= step === 'upgrade';
      return;
    }
    if (isTool(run.name)) {
      if (step === 'install' && !tools.has(run.name)) {
        tools.add(run.name);
        installedBy.set(operationId, run.name);
      }
      if (step === 'remove') tools.delete(run.name);
      return;
    }
    if (isDatabaseServer(run.name)) {
      if (step !== 'install' || servers.has(run.name)) return;
      servers.add(run.name);
      installedBy.set(operationId, run.name);
      return;
    }
    if (isNode(run.name)) return finishNode(run.name, operationId, step);
    if (run.name !== 'nginx') return finishPhp(run.name, operationId, step);
    if (step === 'install' && !isInstalled) {
      isInstalled = true;
      installedBy.set(operationId, 'nginx');
    }
    if (step === 'start') isRunning = isInstalled;
  }

  const majorOf = (name: InstallableName): number => Number(name.slice('node'.length));

  function finishNode(name: NodeSoftwareName, operationId: string, step: Step): void {
    if (step === 'install' && apps.installNode(majorOf(name))) installedBy.set(operationId, name);
    if (step === 'remove') apps.removeNode(majorOf(name));
  }

  function finishPhp(name: PhpSoftwareName | PhpExtensionName, operationId: string, step: Step): void {
    if (isPhpExtensionName(name)) {
      if (step === 'install' && php.addExtension(name)) installedBy.set(operationId, name);
      if (step === 'remove') php.dropExtension(name);
      return;
    }
    const version = phpVersionOf(name);
    if (step === 'install' && php.install(version)) installedBy.set(operationId, name);
    if (step === 'remove') php.remove(version);
  }

  function usersOf(name: RemovableName): readonly { readonly slug: string }[] {
    if (isNode(name)) return apps.usersOfNode(majorOf(name));
    return isTool(name) || isPhpExtensionName(name) ? [] : php.usersOf(phpVersionOf(name));
  }

  function begin(
    name: InstallableName | 'updates',
    operationId: string,
    step: Step,
  ): { state: 'running' | 'succeeded' | 'failed' } {
    const key = `${operationId}/${step}`;
    const run = runs.get(key) ?? { name, startedAt: Date.now(), isCancelled: false, isFinished: false };
    runs.set(key, run);
    finish(run, operationId, step);
    return { state: stateOf(run) };
  }

  function isThere(name: InstallableName): boolean {
    if (name === 'nginx') return isInstalled;
    if (isTool(name)) return tools.has(name);
    return isDatabaseServer(name) && servers.has(name);
  }

  return {
    isRunning: () => isRunning,
    hasServer: (name) => servers.has(name),
    hasTool: (name) => tools.has(name),
    actions: {
      'software.updates': () =>
        Promise.resolve({
          hasApt: true,
          fetchedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
          items: areUpdated
            ? []
            : [
                { name: 'libssl3t64', from: '3.5.1-1', to: '3.5.1-1+deb13u2', isSecurity: true },
                { name: 'linux-image-6.12.48-amd64', from: null, to: '6.12.48-1', isSecurity: true },
                { name: 'base-files', from: '13.8', to: '13.8+deb13u1', isSecurity: false },
                { name: 'tzdata', from: '2025b-4', to: '2025b-4+deb13u1', isSecurity: false },
              ],
          isInterrupted: false,
          restart: { isNeeded: true, packages: ['linux-image-6.12.43-amd64'] },
          automatic: 'off' as const,
        }),
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
          tools: toolNames.map((name) => ({
            name,
            isInstalled: tools.has(name),
            version: tools.has(name) ? '1:2.4.7-1' : null,
            unit: null,
            isRunning: tools.has(name) && name !== 'git' ? true : null,
          })),
        }),
      'software.install': ({ name, operationId, step }) => Promise.resolve(begin(name, operationId, step)),
      'software.upgrade': ({ operationId, step }) => Promise.resolve(begin('updates', operationId, step)),
      'software.plan': ({ name }) => Promise.resolve(fakePlan(name, isThere(name), areUpdated)),
      'software.remove'({ name, operationId }) {
        const [user] = usersOf(name);
        if (user === undefined) return Promise.resolve(begin(name, operationId, 'remove'));
        return Promise.reject(
          new AppError('in_use', 'A site needs this version.', {
            reason: 'software_in_use',
            params: { name, site: user.slug },
          }),
        );
      },
      'software.operation'({ operationId, step, offset }) {
        const run = runs.get(`${operationId}/${step}`);
        if (run === undefined) {
          return Promise.resolve({ state: 'unknown', exitCode: null, text: '', nextOffset: offset, progress: null });
        }
        finish(run, operationId, step);
        const state = stateOf(run);
        const share = Math.min(1, (Date.now() - run.startedAt) / installStepMs);
        const all = logs[step].map((line) =>
          run.name === 'nginx' || run.name === 'updates'
            ? line
            : isNode(run.name)
              ? asNode(line, run.name)
              : asPhp(line, run.name),
        );
        const lines = all.slice(0, Math.ceil(share * all.length));
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
        const name = installedBy.get(operationId);
        installedBy.delete(operationId);
        if (name === undefined) return Promise.resolve({ removed: [] });
        if (isNode(name)) {
          apps.removeNode(majorOf(name));
          return Promise.resolve({ removed: [name] });
        }
        if (isDatabaseServer(name)) {
          servers.delete(name);
          return Promise.resolve({ removed: [name === 'mariadb' ? 'mariadb-server' : name] });
        }
        if (name !== 'nginx') {
          if (isTool(name)) {
            tools.delete(name);
            return Promise.resolve({ removed: [name] });
          }
          if (isPhpExtensionName(name)) {
            php.dropExtension(name);
            return Promise.resolve({ removed: [name] });
          }
          php.remove(phpVersionOf(name));
          return Promise.resolve({ removed: [`${name}-fpm`] });
        }
        isInstalled = false;
        isRunning = false;
        return Promise.resolve({ removed: ['nginx', 'nginx-common'] });
      },
    },
  };
}
