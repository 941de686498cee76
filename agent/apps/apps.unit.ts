import type { AppEnd } from '#shared/apps.ts';
import type { Machine } from '../core/machine.ts';

/** What working with processes needs of a machine. */
export type AppHost = Pick<Machine, 'settings' | 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot' | 'now'>;

export type UnitState = {
  readonly state: 'running' | 'starting' | 'stopping' | 'stopped' | 'failed';
  readonly pid: number | null;
  /** Epoch ms. */
  readonly since: number | null;
  readonly memoryBytes: number | null;
  readonly cpuMs: number | null;
  readonly tasks: number | null;
  readonly restarts: number;
  /** The last time that it ended by itself. */
  readonly end: AppEnd | null;
};

export const noUnit: UnitState = {
  state: 'stopped',
  pid: null,
  since: null,
  memoryBytes: null,
  cpuMs: null,
  tasks: null,
  restarts: 0,
  end: null,
};

/** Whoever looks after the processes: systemd, or our own supervisor where it is not. */
export type Units = {
  /** Takes up files that have changed. */
  reload(): Promise<void>;
  /** Ends when it was started or could not be; what became of it says `stateOf`. */
  start(unit: string): Promise<void>;
  /** Ends when it is stopped; with `isWaiting: false` when it was told to. */
  stop(unit: string, options?: { readonly isWaiting: boolean }): Promise<void>;
  stateOf(unit: string): Promise<UnitState>;
  /** Of each, in their order. */
  statesOf(units: readonly string[]): Promise<UnitState[]>;
  /** All processes that they have started and that still run. */
  pidsOf(units: readonly string[]): number[];
  /** Units of applications that run or have not been forgotten. */
  list(): Promise<string[]>;
};
