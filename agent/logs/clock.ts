import { makeFolders, openForAppend, trimLog } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { logsFolder } from './logs.paths.ts';

/** As the timer of systemd. */
const everyMs = 5 * 60_000;

/** Looks after the logs now and then, as a process of its own, on machines without systemd; never keeps the agent alive. */
export function startLogsClock(machine: Machine): void {
  const launch = async (): Promise<void> => {
    makeFolders(logsFolder(machine));
    const output = `${logsFolder(machine)}/runs.log`;
    trimLog(output, 1024 * 1024, 128 * 1024);
    const openOutput = (): number => openForAppend(output);
    await launchOwn(machine, { args: ['--logs-due'], unit: 'aapanel-logs', properties: [], openOutput });
  };
  setInterval(() => {
    launch().catch((error: unknown) => logLine('error', 'logs cannot be looked after', { error: String(error) }));
  }, everyMs).unref();
}
