import type { AppEnd } from '#shared/apps.ts';
import { pidsOf, unitOf } from '../processes/proc-files.ts';
import { findProgram, run, type RunResult } from '../core/run.ts';
import { unitOwner } from './apps.paths.ts';
import { noUnit, type Units, type UnitState } from './apps.unit.ts';

const asked = [
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ExecMainCode',
  'ExecMainStatus',
  'NRestarts',
  'MemoryCurrent',
  'CPUUsageNSec',
  'TasksCurrent',
  'ActiveEnterTimestamp',
] as const;

/** Longer than the longest time in which an application may end in peace. */
const stopMs = 75_000;

export function systemdUnits(): Units {
  async function statesOf(units: readonly string[]): Promise<UnitState[]> {
    if (units.length === 0) return [];
    const { stdout } = await systemctl(['show', '--timestamp=unix', `--property=${asked.join(',')}`, ...units], 10_000);
    const blocks = stdout.split('\n\n');
    return units.map((_, index) => readState(blocks[index] ?? ''));
  }

  return {
    async reload() {
      await systemctl(['daemon-reload'], 30_000);
    },
    async start(unit) {
      // One that failed before counts its tries anew.
      await systemctl(['reset-failed', unit], 10_000);
      await systemctl(['start', unit], 20_000);
    },
    async stop(unit, { isWaiting } = { isWaiting: true }) {
      await systemctl(['stop', ...(isWaiting ? [] : ['--no-block']), unit], stopMs);
      if (isWaiting) await systemctl(['reset-failed', unit], 10_000);
    },
    async stateOf(unit) {
      const [state = noUnit] = await statesOf([unit]);
      return state;
    },
    statesOf,
    // By what each process says: the path of a control group differs from kernel to kernel.
    pidsOf: (units) => pidsOf('/proc').filter((pid) => units.includes(unitOf('/proc', pid) ?? '')),
    async list() {
      const { stdout } = await systemctl(
        ['list-units', '--all', '--plain', '--no-legend', '--type=service', 'aapanel-app-*'],
        10_000,
      );
      const names = stdout.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '');
      return names.filter((name) => unitOwner(name) !== undefined);
    },
  };
}

async function systemctl(args: readonly string[], timeoutMs: number): Promise<RunResult> {
  const program = findProgram('systemctl');
  if (program === undefined) throw new Error('systemctl is missing');
  return await run(program, args, { timeoutMs });
}

/** As `systemctl show` says it. */
export function readState(text: string): UnitState {
  const said = new Map(
    text
      .split('\n')
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const number = (name: (typeof asked)[number]): number | null => {
    const value = said.get(name) ?? '';
    // What is not measured is said as the largest number or in words.
    return /^\d{1,16}$/.test(value) ? Number(value) : null;
  };
  const active = said.get('ActiveState');
  const isAgain = said.get('SubState') === 'auto-restart';
  const pid = number('MainPID');
  const entered = /^@(\d+)/.exec(said.get('ActiveEnterTimestamp') ?? '')?.[1];
  const nanoseconds = number('CPUUsageNSec');
  const isUp = active === 'active';
  return {
    ...noUnit,
    state: isUp
      ? 'running'
      : active === 'activating'
        ? 'starting'
        : active === 'deactivating'
          ? 'stopping'
          : active === 'failed'
            ? 'failed'
            : 'stopped',
    pid: pid === 0 ? null : pid,
    since: isUp && entered !== undefined ? Number(entered) * 1_000 : null,
    memoryBytes: isUp ? number('MemoryCurrent') : null,
    cpuMs: isUp && nanoseconds !== null ? Math.round(nanoseconds / 1_000_000) : null,
    tasks: isUp ? number('TasksCurrent') : null,
    restarts: number('NRestarts') ?? 0,
    // Of one that runs again systemd only says how often it ended.
    end: endOf(said, active === 'failed' || isAgain),
  };
}

/** 200 and more: systemd itself could not start the program. */
const firstOwnStatus = 200;

function endOf(said: ReadonlyMap<string, string>, hasEnded: boolean): AppEnd | null {
  if (!hasEnded) return null;
  if (said.get('Result') === 'oom-kill') return { kind: 'memory', code: null };
  const status = Number(said.get('ExecMainStatus') ?? '0');
  // 1: exited, 2: killed, 3: killed with a core.
  const code = said.get('ExecMainCode');
  if (code === '2' || code === '3') return { kind: 'signal', code: status };
  if (said.get('Result') === 'resources' || status >= firstOwnStatus) return { kind: 'start', code: status };
  return { kind: 'exit', code: status };
}
