import { AppError } from '#shared/errors.ts';
import { closeFile } from './files.ts';
import { isGoingDown } from './going-down.ts';
import type { Machine } from './machine.ts';
import { findProgram, run, startDetached } from './run.ts';

export type Launch = {
  /** For the agent's own program. */
  readonly args: readonly string[];
  /** For Node itself. */
  readonly nodeFlags?: readonly string[];
  /** Name of the transient unit, without `.service`. */
  readonly unit: string;
  /** Further properties of the unit, `Name=value`. */
  readonly properties: readonly string[];
  /** Epoch ms in whole seconds: a timer of systemd starts it then. Without systemd it starts at once. */
  readonly at?: number;
  /** Where its output goes when no systemd takes it; closed here. */
  readonly openOutput: () => number;
};

/**
 * What streams through such a process lives for a moment. With node's own settings the dump of a gigabyte took 174 MB of
 * memory, with these 97, at the same speed.
 */
export const smallMemory = { NODE_OPTIONS: '--max-semi-space-size=1', MALLOC_ARENA_MAX: '1' } as const;

/**
 * Starts a process of the agent's own program that outlives this one: where systemd is, in a transient unit outside the
 * sandbox and the control group of the agent, otherwise in a session of its own. Throws `agent_unavailable` when the machine
 * goes down: whoever asked asks again when it is back.
 */
export async function launchOwn(
  { settings, stateFolder, prefix, hasSystemd }: Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd'>,
  launch: Launch,
): Promise<void> {
  const [program, ...before] = settings.program;
  const args = [...(launch.nodeFlags ?? []), ...before, ...launch.args];
  const environment = {
    AAPANEL_AGENT_STATE: stateFolder,
    AAPANEL_AGENT_PREFIX: prefix,
    AAPANEL_AGENT_SOCKET: settings.socketPath,
    ...(settings.acme?.directory === undefined ? {} : { AAPANEL_AGENT_ACME_DIRECTORY: settings.acme.directory }),
    ...(settings.acme?.cloudflareApi === undefined
      ? {}
      : { AAPANEL_AGENT_CLOUDFLARE_API: settings.acme.cloudflareApi }),
    ...(settings.acme?.staging === undefined ? {} : { AAPANEL_AGENT_ACME_STAGING: settings.acme.staging }),
    ...(settings.acme?.nameServers === undefined
      ? {}
      : { AAPANEL_AGENT_ACME_DNS: settings.acme.nameServers.join(',') }),
    ...(settings.acme?.caBundle === undefined ? {} : { AAPANEL_AGENT_ACME_CA: settings.acme.caBundle }),
    ...(settings.panelEnvironment === undefined ? {} : { AAPANEL_AGENT_PANEL_ENV: settings.panelEnvironment }),
    ...(settings.nodeMirror === undefined ? {} : { AAPANEL_AGENT_NODE_MIRROR: settings.nodeMirror }),
    ...smallMemory,
  };
  const systemdRun = hasSystemd ? findProgram('systemd-run') : undefined;
  if (systemdRun === undefined) {
    const outputFd = launch.openOutput();
    try {
      await startDetached(program, args, { outputFd, environment });
    } finally {
      closeFile(outputFd);
    }
    return;
  }
  const properties = launch.properties.map((each) => `--property=${each}`);
  const time = launch.at === undefined ? [] : timerArgs(launch.at);
  const variables = Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`);
  const { code, stderr } = await run(
    systemdRun,
    [
      '--quiet',
      '--collect',
      '--no-block',
      ...time,
      `--unit=${launch.unit}`,
      ...properties,
      ...variables,
      '--',
      program,
      ...args,
    ],
    { timeoutMs: 8_000 },
  );
  if (code === 0) return;
  const cause = new Error(`systemd-run: ${stderr.trim().slice(0, 500)}`);
  if (await isGoingDown({ hasSystemd }))
    throw new AppError('agent_unavailable', 'The machine goes down.', { reason: 'agent_not_running', cause });
  throw cause;
}

function timerArgs(at: number): string[] {
  const moment = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  return [`--on-calendar=${moment} UTC`, '--timer-property=AccuracySec=100ms', '--timer-property=WakeSystem=no'];
}
