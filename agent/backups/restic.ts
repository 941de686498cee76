import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { cutFile } from '../core/files.ts';
import { findProgram, run } from '../core/run.ts';
import { outputOf, type Restic } from './restic-run.ts';
import type { BackupWork, Repository, Saved, SavedStream, SnapshotFacts } from './work.ts';

/*
 * restic, command by command. Its formats stay its own: we give folders and streams, and take tar, bytes and lists.
 */

/** What the core needs of a repository besides the seam. */
export type Vault = Repository & {
  readonly restic: Restic;
  readonly hostId: string;
  /** As `saveTree`, but with a file of patterns; answers the id that restic says (it may be short), undefined when there was
   * nothing to store. */
  saveListed(given: { root: string; excludeFile: string; tags: readonly string[] }): Promise<SavedStream | undefined>;
  /** Id and tree of a snapshot whose id may be short. */
  inFull(snapshot: string): Promise<Pick<Saved, 'snapshot' | 'tree'>>;
  /** Writes `restic ls --json` of a snapshot into an open file. */
  listInto(snapshot: string, fd: number): Promise<void>;
};

export const hostTag = (hostId: string): string => `host:${hostId}`;
export const setTag = (setId: string): string => `set:${setId}`;

const summaryShape = z.object({
  snapshot_id: z.string(),
  total_bytes_processed: z.number(),
  data_added: z.number(),
  data_added_packed: z.number().optional(),
});
const snapshotShape = z.object({
  id: z.string(),
  tree: z.string(),
  tags: z.array(z.string()).nullish(),
  time: z.string(),
});

export function createVault(work: BackupWork, targetId: string, hostId: string, restic: Restic): Vault {
  const common = (tags: readonly string[]): string[] => [
    '--json',
    '--host',
    hostId,
    '--tag',
    'aapanel',
    '--tag',
    hostTag(hostId),
    ...tags.flatMap((tag) => ['--tag', tag]),
  ];
  const vault: Vault = {
    targetId,
    hostId,
    restic,
    async saveListed({ root, excludeFile, tags }) {
      const args = ['backup', ...common(tags), '--exclude-file', excludeFile, '.'];
      const started = restic.start(args, { cwd: root });
      const [summary, end] = await Promise.all([readSummary(work, started.stdout), started.ended]);
      work.signal.throwIfAborted();
      if (end.code === 1 && end.stderr.includes('snapshot is empty')) return undefined;
      // 3: some things could not be read; which ones is seen in the list of what is stored.
      if ((end.code !== 0 && end.code !== 3) || summary === undefined) throw restic.failure(end.stderr);
      return summary;
    },
    async saveTree({ root, excludes, tags }) {
      const patterns = Buffer.concat(excludes.flatMap((each) => excludeLine(root, each)));
      const saved = await restic.withFile(patterns, (excludeFile) => vault.saveListed({ root, excludeFile, tags }));
      if (saved === undefined) throw new Error('there was nothing to store');
      return { ...saved, ...(await vault.inFull(saved.snapshot)) };
    },
    async inFull(snapshot) {
      const [found] = parseSnapshots(await restic.look(['snapshots', '--json', snapshot]));
      if (found === undefined) throw new Error('the snapshot that was just made is not there');
      return { snapshot: found.snapshot, tree: found.tree };
    },
    async saveStream({ fileName, input, tags }) {
      const started = restic.start(['backup', ...common(tags), '--stdin', '--stdin-filename', fileName], {
        stdin: 'pipe',
      });
      let failure: { readonly error: unknown } | undefined;
      let isOver = false;
      const feeding = feed(input, started.stdin, started.ended).catch((error: unknown) => {
        if (isOver) return;
        failure = { error };
        // Before its input ends: it would take that for the end of the dump.
        started.kill();
        started.stdin.destroy();
      });
      const [summary, end] = await Promise.all([readSummary(work, started.stdout), started.ended]);
      isOver = true;
      // Whoever fills it must not wait for a reader that has gone.
      input.destroy();
      await feeding;
      work.signal.throwIfAborted();
      if (failure !== undefined) throw failure.error;
      if (end.code !== 0 || summary === undefined) throw restic.failure(end.stderr);
      return summary;
    },
    readTar: (snapshot, folder = '') => outputOf(restic, ['dump', snapshot, `/${folder}`]),
    readFile: (snapshot, path) => outputOf(restic, ['dump', snapshot, `/${path}`]),
    async snapshots(tag) {
      const filter = tag === undefined ? [] : ['--tag', tag];
      return parseSnapshots(await restic.look(['snapshots', '--json', ...filter]));
    },
    async forget(snapshots, isPruned) {
      if (snapshots.length > 0) await restic.run(['forget', ...snapshots]);
      if (isPruned) await restic.run(['prune']);
    },
    async listInto(snapshot, fd) {
      await restic.look(['ls', '--json', snapshot], { outputFd: fd }, () => cutFile(fd, 0));
    },
  };
  return vault;
}

function parseSnapshots(output: string): SnapshotFacts[] {
  const list =
    z
      .array(snapshotShape)
      .nullable()
      .parse(JSON.parse(output === '' ? '[]' : output)) ?? [];
  return list.map(({ id, tree, tags, time }) => ({ snapshot: id, tree, tags: tags ?? [], time }));
}

/** Everything of `input` into a program; waits when it is slow, ends early when it is gone. */
async function feed(input: Readable, stdin: NodeJS.WritableStream, ended: Promise<unknown>): Promise<void> {
  let isGone = false;
  void ended.finally(() => (isGone = true)).catch(() => undefined);
  for await (const chunk of input) {
    if (isGone) return;
    if (!stdin.write(chunk as Buffer)) await Promise.race([once(stdin, 'drain'), ended]);
  }
  stdin.end();
}

/** Its status lines become progress; the summary is answered. */
async function readSummary(work: BackupWork, stdout: Readable): Promise<SavedStream | undefined> {
  let summary: z.infer<typeof summaryShape> | undefined;
  let rest = '';
  for await (const chunk of stdout.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = parseLine(line);
      if (message?.message_type === 'status' && message.percent_done !== undefined)
        work.phase('saving', Math.min(100, message.percent_done * 100));
      if (message?.message_type === 'summary') summary = summaryShape.parse(message);
    }
  }
  if (summary === undefined) return undefined;
  const { snapshot_id, total_bytes_processed, data_added, data_added_packed } = summary;
  return { snapshot: snapshot_id, bytes: total_bytes_processed, addedBytes: data_added_packed ?? data_added };
}

const messageShape = z.looseObject({ message_type: z.string(), percent_done: z.number().optional() });

function parseLine(line: string): z.infer<typeof messageShape> | undefined {
  try {
    return messageShape.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/**
 * A line of an exclude file for a pattern relative to a source. restic matches whole paths, takes `$` for a variable and
 * blanks at the end away; a slash at the end keeps those, and changes nothing else.
 */
export function excludeLine(root: string, pattern: string): Buffer[] {
  const base = literalPattern(Buffer.from(root === '/' ? '' : root));
  const own = pattern.replaceAll('$', '$$$$');
  const tail = own.startsWith('/') ? own : `/**/${own}`;
  return [base, Buffer.from(`${tail.replace(/\/+$/, '')}/\n`)];
}

/** A pattern for exactly these bytes; a line end, which no line can hold, becomes any one character. */
export function literalPattern(path: Buffer): Buffer {
  const bytes: number[] = [];
  for (const byte of path) {
    if (byte === 0x0a || byte === 0x0d) bytes.push(0x3f);
    else if (byte === 0x24) bytes.push(0x24, 0x24);
    else if ('*?[\\'.includes(String.fromCharCode(byte))) bytes.push(0x5c, byte);
    else bytes.push(byte);
  }
  return Buffer.from(bytes);
}

let version: string | undefined;

/** `0.18.0`; undefined: not installed. */
export async function findResticVersion(): Promise<string | undefined> {
  const program = findProgram('restic');
  if (program === undefined) return undefined;
  if (version !== undefined) return version;
  const { stdout } = await run(program, ['version'], { timeoutMs: 10_000 });
  version = /^restic (\S+)/.exec(stdout)?.[1];
  return version;
}
