import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { median, percentile, type Figure } from './figures.ts';
import { dropCaches, fillDatabase, startMariadb } from './mariadb.ts';
import { startPanel, type Code } from './panel-process.ts';

/*
 * Backups beside the bare tool, in one run: the same tree and the same database, first by restic and mariadb-dump alone,
 * then by the panel's engine with its hashes, manifest and checks. Each side has a repository of its own; the page cache is
 * emptied before every timed run where this machine allows it.
 */

const mib = 1024 * 1024;
const port = 15453;

/** `treeMib` of files and a database whose dump has about `databaseMib`. Inside the private machine only. */
export async function measureBackups(
  code: Code,
  folder: string,
  { treeMib, databaseMib }: { readonly treeMib: number; readonly databaseMib: number },
): Promise<Figure[]> {
  const missing = ['restic', 'mariadbd', 'mariadb-dump'].filter((name) => programOf(name) === undefined);
  if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);
  const tree = join(folder, 'tree');
  const files = makeTree(tree, treeMib);
  const database = await startMariadb(folder);
  try {
    fillDatabase(database.socket, databaseMib);
    const bare = bareRestic(join(folder, 'bare'), tree, database.socket);
    const ours = await openEngine(code, join(folder, 'ours'), tree);
    const firstBare = timed(bare.backup);
    const first = await ours.backup();
    changeSome(files);
    const nextBare = timed(bare.backup);
    const next = await ours.backup();
    // One more with somebody at the panel: they take processor time that the bare tool had for itself.
    const panel = await startPanel(code, { port, dataDir: join(folder, 'panel') });
    changeSome(files);
    const beside = await ours.backup(async () => (await panel.call('GET', '/api/v1/sites')).ms);
    await panel.stop();
    const verified = await ours.verify();
    const rate = sequentialRate(join(folder, 'bare'));
    const size = `${treeMib} MiB of files, dump of ${databaseMib} MiB`;
    const figure = (what: string, unit: string, value: number, limit: Figure['limit'], note: string): Figure => ({
      what,
      unit,
      value,
      limit,
      note,
    });
    return [
      figure(
        'backup, first',
        '× bare',
        first.seconds / firstBare,
        { atMost: 1.3 },
        inSeconds(first.seconds, firstBare, size),
      ),
      figure(
        'backup, 1 % changed',
        '× bare',
        next.seconds / nextBare,
        { atMost: 1.3 },
        inSeconds(next.seconds, nextBare, size),
      ),
      figure(
        'backup, memory of the run',
        'MB',
        Math.max(first.peakMb, next.peakMb, beside.peakMb),
        { atMost: 150 },
        'our process at its peak, while the dump streams; restic apart',
      ),
      figure(
        'panel during a backup, p99',
        'ms',
        percentile(beside.panelMs, 0.99),
        { atMost: 100 },
        `${beside.panelMs.length} lists, median ${median(beside.panelMs).toFixed(1)} ms`,
      ),
      figure(
        'backup, full verification',
        'of the disk',
        verified.mibPerSecond / rate,
        { atLeast: 0.8 },
        `${verified.readMib.toFixed(0)} MiB at ${verified.mibPerSecond.toFixed(0)} MiB/s, reading such files alone ${rate.toFixed(0)} MiB/s; the whole run ${verified.seconds.toFixed(1)} s`,
      ),
    ];
  } finally {
    await database.stop();
  }
}

function inSeconds(ours: number, bare: number, size: string): string {
  return `${size}: ${ours.toFixed(1)} s against ${bare.toFixed(1)} s`;
}

function timed(work: () => void): number {
  dropCaches();
  const from = performance.now();
  work();
  return (performance.now() - from) / 1000;
}

/** Small, middle and large files, half of each compressible. Answers the paths. */
function makeTree(root: string, sizeMib: number): string[] {
  const kinds = [
    { share: 0.1, bytes: 8 * 1024 },
    { share: 0.2, bytes: 256 * 1024 },
    { share: 0.7, bytes: 64 * mib },
  ];
  const paths: string[] = [];
  for (const { share, bytes } of kinds) {
    const count = Math.max(1, Math.round((sizeMib * mib * share) / bytes));
    for (let index = 0; index < count; index++) {
      const name = join(root, `size-${bytes}`, `folder-${index % 50}`, `file-${index}`);
      mkdirSync(join(name, '..'), { recursive: true });
      const fd = openSync(name, 'w');
      for (let at = 0; at < bytes; at += mib) writeSync(fd, noise(Math.min(mib, bytes - at)));
      closeSync(fd);
      paths.push(name);
    }
  }
  return paths;
}

function noise(bytes: number): Buffer {
  const block = Buffer.alloc(bytes, 'a line of text that compresses well\n');
  randomFillSync(block, 0, Math.ceil(bytes / 2));
  return block;
}

/** One file in a hundred gets other bytes. */
function changeSome(paths: readonly string[]): void {
  for (let index = 0; index < paths.length; index += 100) {
    const path = paths[index] ?? '';
    const fd = openSync(path, 'r+');
    writeSync(fd, noise(Math.min(mib, statSync(path).size)), 0);
    closeSync(fd);
  }
}

function programOf(name: string): string | undefined {
  return ['/usr/sbin', '/usr/bin'].map((place) => join(place, name)).find((path) => existsSync(path));
}

function bareRestic(repository: string, tree: string, socket: string): { backup: () => void } {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: '/root',
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: `${repository}-cache`,
  };
  execFileSync('/usr/bin/restic', ['init', '-q'], { env });
  return {
    backup() {
      execFileSync('/usr/bin/restic', ['backup', '-q', '.'], { env, cwd: tree });
      const dump = `mariadb-dump --no-defaults --socket=${socket} --single-transaction --quick --routines --triggers --events shop`;
      execFileSync(
        '/bin/bash',
        ['-o', 'pipefail', '-c', `${dump} | restic backup -q --stdin --stdin-filename dump.sql`],
        { env },
      );
    },
  };
}

type Run = {
  readonly seconds: number;
  readonly peakMb: number;
  readonly panelMs: readonly number[];
  readonly log: string;
};
type Asked = {
  readonly ok: boolean;
  readonly result: { readonly run: { readonly state: string; readonly failure: unknown } | null };
  readonly error?: unknown;
};

async function openEngine(code: Code, repository: string, tree: string) {
  const target = idOf('target');
  tell('backup-put-target', [], {
    targetId: target,
    name: 'bench',
    place: { kind: 'local', path: repository },
    limits: { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null },
    secret: { kind: 'none' },
  });
  let count = 0;

  function tell(command: string, args: readonly string[], input: unknown): Asked {
    const { stdout, stderr } = spawnSync(process.execPath, [code.agent, '--console', command, ...args], {
      input: input === undefined ? '' : JSON.stringify(input),
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', AAPANEL_AGENT_STATE: '/var/lib/aapanel-agent' },
      maxBuffer: 16 * mib,
    });
    const answer = JSON.parse(stdout || '{}') as Asked;
    if (!answer.ok) throw new Error(`${command}: ${stdout}${stderr.slice(-1000)}`);
    return answer;
  }

  async function run(request: object, meanwhile?: () => Promise<number>): Promise<Run> {
    const runId = idOf(`run ${(count += 1)}`);
    dropCaches();
    const from = performance.now();
    tell('backup-start', [], { runId, request });
    let peakMb = 0;
    const memoryMb = watchMemory(runId);
    const panelMs: number[] = [];
    for (;;) {
      peakMb = Math.max(peakMb, memoryMb());
      if (meanwhile !== undefined) panelMs.push(await meanwhile());
      // Asking costs a process of its own: the record is looked at instead.
      const state = stateOf(runId);
      if (state === 'succeeded')
        return { seconds: (performance.now() - from) / 1000, peakMb, panelMs, log: fileOf(runId, 'log') };
      if (state !== undefined && state !== 'starting' && state !== 'running')
        throw new Error(
          `the run ended ${state}: ${JSON.stringify(tell('backup-run', [runId, '0'], undefined).result)}`,
        );
      await wait(meanwhile === undefined ? 50 : 10);
    }
  }

  await run({ kind: 'check_target', targetId: target });
  const sources = [
    { kind: 'folder', path: tree },
    { kind: 'database', engine: 'mariadb', name: 'shop' },
  ];
  return {
    backup: async (meanwhile?: () => Promise<number>) =>
      await run({ kind: 'create_now', sources, targetId: target, excludes: [] }, meanwhile),
    async verify() {
      const { seconds, log } = await run({ kind: 'verify', targetId: target, setId: null, isFull: true });
      const [, bytes, rate] = /^Read (\d+) bytes of packs at (\d+) MB\/s/m.exec(log) ?? [];
      if (rate === undefined) throw new Error(`the run says no rate: ${log}`);
      return { seconds, readMib: Number(bytes) / mib, mibPerSecond: (Number(rate) * 1_000_000) / mib };
    },
  };
}

function idOf(text: string): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  const bytes = createHash('sha256').update(text).digest();
  return Array.from(bytes.subarray(0, 16), (byte) => letters[byte & 31]).join('');
}

function stateOf(runId: string): string | undefined {
  try {
    return (JSON.parse(fileOf(runId, 'run.json')) as { state?: string }).state;
  } catch {
    return undefined;
  }
}

const fileOf = (runId: string, name: string): string =>
  readFileSync(`/var/lib/aapanel-agent/backups/runs/${runId}/${name}`, 'utf8');

/** Peak of the resident memory of the process that does the run, in MB. It is looked for once: looking costs time. */
function watchMemory(runId: string): () => number {
  let status: string | undefined;
  const find = (): string | undefined =>
    globSync('/proc/[0-9]*/cmdline')
      .find((path) => {
        const text = textOf(path);
        return text.includes('--backup\0') && text.includes(runId);
      })
      ?.replace('cmdline', 'status');
  return () => {
    status ??= find();
    return status === undefined ? 0 : Number(/^VmHWM:\s+(\d+)/m.exec(textOf(status))?.[1] ?? 0) / 1024;
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has just ended.
    return '';
  }
}

function repositoryMib(repository: string): number {
  return globSync(`${repository}/data/*/*`).reduce((sum, path) => sum + statSync(path).size, 0) / mib;
}

/** MiB/s of reading the same kind of files one after the other, and nothing else. */
function sequentialRate(repository: string): number {
  const seconds = timed(() => execFileSync('/bin/sh', ['-c', `cat ${repository}/data/*/* >/dev/null`]));
  return repositoryMib(repository) / seconds;
}
