import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, type ProcessMark } from '../core/alive.ts';
import { listNames, makeFolders, openForAppend, readText, removeFile } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { unitOwner } from './apps.paths.ts';
import { killSession, measureSession, processesOf } from './apps.sessions.ts';
import { noUnit, type AppHost, type Units, type UnitState } from './apps.unit.ts';

/*
 * Without systemd each application has a supervisor of its own: a process of the agent's program in a session of its own,
 * which reads the same unit file. It tells in a file what it does, and is told by signals.
 */

export type SupervisorNote = {
  readonly supervisor: ProcessMark;
  /** Its session has the same number. */
  readonly child: ProcessMark | null;
  readonly phase: 'running' | 'waiting' | 'stopped' | 'failed';
  readonly since: number;
  readonly restarts: number;
  readonly end: UnitState['end'];
};

const startMs = 8_000;
const stopMs = 70_000;

export const noteFolder = (stateFolder: string): string => `${stateFolder}/apps/units`;
export const notePath = (stateFolder: string, unit: string): string => `${noteFolder(stateFolder)}/${unit}.json`;

export function readNote(stateFolder: string, unit: string): SupervisorNote | undefined {
  const text = readText(notePath(stateFolder, unit));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as SupervisorNote;
  } catch {
    return undefined;
  }
}

export function supervisedUnits(host: AppHost): Units {
  const { stateFolder } = host;
  const note = (unit: string): SupervisorNote | undefined => readNote(stateFolder, unit);

  async function stop(unit: string, { isWaiting } = { isWaiting: true }): Promise<void> {
    const known = note(unit);
    if (known === undefined) return;
    if (isAlive(known.supervisor)) tell(known.supervisor, 'SIGTERM');
    if (!isWaiting) return;
    const endsAt = Date.now() + stopMs;
    while (isAlive(known.supervisor) && Date.now() < endsAt) await wait(20);
    tell(known.supervisor, 'SIGKILL');
    // One that was killed left its application behind.
    if (known.child !== null) await killSession(known.child);
    removeFile(notePath(stateFolder, unit));
  }

  return {
    reload: () => Promise.resolve(),
    async start(unit) {
      await stop(unit);
      makeFolders(noteFolder(stateFolder));
      await launchOwn(
        { ...host, hasSystemd: false },
        {
          args: ['--supervise', unit],
          nodeFlags: ['--max-old-space-size=32'],
          unit: '',
          properties: [],
          openOutput: () => openForAppend(`${stateFolder}/apps/supervisor.log`),
        },
      );
      const endsAt = Date.now() + startMs;
      while (note(unit) === undefined && Date.now() < endsAt) await wait(10);
    },
    stop,
    stateOf: (unit) => Promise.resolve(stateFrom(note(unit))),
    statesOf: (units) => Promise.resolve(units.map((unit) => stateFrom(note(unit)))),
    pidsOf: (units) =>
      units.flatMap((unit) => {
        const child = note(unit)?.child ?? null;
        return child === null ? [] : processesOf(child.pid).map(({ pid }) => pid);
      }),
    list: () =>
      Promise.resolve(
        listNames(noteFolder(stateFolder)).flatMap((name) => {
          const unit = name.replace(/\.json$/, '');
          return unitOwner(unit) === undefined ? [] : [unit];
        }),
      ),
  };
}

function stateFrom(note: SupervisorNote | undefined): UnitState {
  if (note === undefined) return noUnit;
  const { phase, restarts, end } = note;
  if (!isAlive(note.supervisor)) return { ...noUnit, state: phase === 'failed' ? 'failed' : 'stopped', restarts, end };
  if (phase !== 'running' || note.child === null)
    return { ...noUnit, state: phase === 'stopped' ? 'stopping' : 'starting', restarts, end };
  const measured = measureSession(note.child.pid);
  return { state: 'running', pid: note.child.pid, since: note.since, restarts, end, ...measured };
}

function tell(process_: ProcessMark, signal: NodeJS.Signals): void {
  try {
    if (isAlive(process_)) process.kill(process_.pid, signal);
  } catch {
    // It has just ended.
  }
}
