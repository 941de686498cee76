import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportLine } from '#shared/backups.ts';
import { cachePath, settlingNs } from '../hashes.ts';
import { makeWork } from '../work-of.ts';
import type { BackupWork } from '../work.ts';
import { programs } from '../../../test/testing/programs.ts';

/** For tests: what the code of a run works with, below a folder of its own. */
export type TestWork = {
  readonly folder: string;
  readonly work: BackupWork;
  readonly logs: string[];
  readonly reports: ReportLine[];
  readonly path: (name: string) => string;
  readonly hashCache: (root: string) => string;
  /** Until what was just written counts as old. */
  readonly settle: () => Promise<void>;
  readonly background: (script: string) => ChildProcess;
  readonly stop: AbortController;
  readonly destroy: () => void;
};

export function makeTestWork(state = 'state', given?: string): TestWork {
  const folder = given ?? mkdtempSync(join(realpathSync(tmpdir()), 'aapanel-backup-'));
  const stateFolder = join(folder, state);
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  const logs: string[] = [];
  const reports: ReportLine[] = [];
  const stop = new AbortController();
  const children: ChildProcess[] = [];
  const settings = {
    socketPath: join(folder, 'agent.sock'),
    stateFolder,
    group: 'root',
    idleMs: 0,
    rootPrefix: '',
    program: [process.execPath, programs.agent] as const,
  };
  const place = {
    hasSystemd: false,
    isRoot: process.getuid?.() === 0,
    prefix: '',
    settings,
    stateFolder,
    now: Date.now,
  };
  const work = makeWork(place, 'runrunrunrunrunr', stop.signal, {
    log: (line) => void logs.push(line),
    phase: () => undefined,
    report: (line) => void reports.push(line),
  });
  return {
    folder,
    work,
    logs,
    reports,
    path: (name) => join(folder, name),
    hashCache: (root) => cachePath(work.folder, root),
    settle: async () => await new Promise((resolve) => void setTimeout(resolve, Number(settlingNs / 1_000_000n) + 20)),
    background(script) {
      const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
      children.push(child);
      return child;
    },
    stop,
    destroy() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
