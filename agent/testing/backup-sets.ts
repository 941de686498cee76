import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';
import type { ReportLine } from '#shared/backups.ts';
import type { DumpPart, Manifest, TreeMember, TreePart } from '../backups/manifest.ts';
import { newId, newKey, signManifest, type Ring } from '../backups/keys.ts';
import { newRecoveryKey } from '../backups/recovery-key.ts';
import type { OpenSet } from '../backups/restore/seam.ts';
import type { BackupWork, Repository, Saved } from '../backups/work.ts';
import type { World } from './world.ts';

/*
 * For tests of restore, proof and export alone: sets made with plain calls of restic, without keys, catalogue and runs.
 */

export const hasRestic = existsSync('/usr/bin/restic');

export type TestWork = BackupWork & { readonly lines: ReportLine[]; readonly cancel: () => void };

export function makeWork({ settings, prefix }: Pick<World, 'settings' | 'prefix'>, runId = newId()): TestWork {
  const folder = `${settings.stateFolder}/backups`;
  const scratch = `${folder}/scratch`;
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const lines: ReportLine[] = [];
  const stop = new AbortController();
  return {
    settings: { ...settings, program: [process.execPath, join(import.meta.dirname, 'extract-main.ts')] },
    prefix,
    stateFolder: settings.stateFolder,
    hasSystemd: false,
    isRoot: process.getuid?.() === 0,
    now: Date.now,
    runId,
    folder,
    scratch,
    signal: stop.signal,
    log: () => undefined,
    phase: () => undefined,
    report: (line) => void lines.push(line),
    lines,
    cancel: () => stop.abort(),
  };
}

const environment = { PATH: '/usr/bin:/bin', RESTIC_PASSWORD: 'test', RESTIC_CACHE_DIR: '/tmp/aapanel-restic-cache' };

export function plainRepository(path: string): Repository {
  const call = (args: readonly string[], cwd = '/', input?: Buffer): string => {
    const { status, stdout, stderr } = spawnSync('/usr/bin/restic', ['-r', path, '--no-cache', ...args], {
      cwd,
      encoding: 'utf8',
      env: environment,
      ...(input !== undefined && { input }),
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0) throw new Error(`restic ${args[0] ?? ''}: ${stderr}`);
    return stdout;
  };
  const stream = (args: readonly string[]): Readable => {
    const child = spawn('/usr/bin/restic', ['-r', path, '--no-cache', ...args], { env: environment });
    const out = new PassThrough();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.pipe(out, { end: false });
    child.once('close', (code) => (code === 0 ? out.end() : out.destroy(new Error(`restic: ${stderr}`))));
    out.once('close', () => child.kill());
    return out;
  };
  const saved = (text: string): Saved => {
    const last = JSON.parse(text.trim().split('\n').at(-1) ?? '') as {
      snapshot_id: string;
      total_bytes_processed: number;
      data_added: number;
    };
    const snapshot = JSON.parse(call(['cat', 'snapshot', last.snapshot_id])) as { tree: string };
    const found = (JSON.parse(call(['snapshots', '--json'])) as { id: string; short_id: string }[]).find(({ id }) =>
      id.startsWith(last.snapshot_id),
    );
    return {
      snapshot: found?.id ?? '',
      tree: snapshot.tree,
      bytes: last.total_bytes_processed,
      addedBytes: last.data_added,
    };
  };
  if (!existsSync(path)) call(['init', '-q']);
  return {
    targetId: 'targetaaaaaaaaaa',
    saveTree: async ({ root, excludes, tags }) =>
      await Promise.resolve(
        saved(
          call(
            [
              'backup',
              '--json',
              ...excludes.map((each) => `--exclude=${each}`),
              ...tags.map((each) => `--tag=${each}`),
              '.',
            ],
            root,
          ),
        ),
      ),
    saveStream: async ({ fileName, input, tags }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of input) chunks.push(Buffer.from(chunk as Buffer));
      return saved(
        call(
          ['backup', '--json', '--stdin', '--stdin-filename', fileName, ...tags.map((each) => `--tag=${each}`)],
          '/',
          Buffer.concat(chunks),
        ),
      );
    },
    readTar: (snapshot, folder) => stream(['dump', '--archive', 'tar', snapshot, `/${folder ?? ''}`]),
    readFile: (snapshot, file) => stream(['dump', snapshot, `/${file}`]),
    snapshots: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
  };
}

/** A ring with a recovery key, which is kept nowhere. */
export function throwAwayRing(recovery = newRecoveryKey(Date.now())): Ring {
  return { format: 'aapanel-keys/1', hostId: newId(), keys: [newKey(Date.now())], recovery: recovery.kept };
}

/** The list of members of a folder as it lies there, as text and as facts of a part. */
export function listMembers(root: string): { text: string; members: TreeMember[] } {
  const members: TreeMember[] = [];
  const walk = (below: string): void => {
    for (const bytes of readdirSync(Buffer.from(`${root}/${below}`, 'latin1'), 'buffer' as unknown as 'utf8')) {
      const name = (bytes as unknown as Buffer).toString('latin1');
      const key = below === '' ? name : `${below}/${name}`;
      const path = Buffer.from(`${root}/${key}`, 'latin1');
      const stats = lstatSync(path);
      const common = {
        path: Buffer.from(key, 'latin1').toString('base64'),
        mode: stats.mode & 0o7777,
        uid: stats.uid,
        gid: stats.gid,
        user: '',
        group: '',
        modifiedMs: stats.mtimeMs,
      };
      if (stats.isSymbolicLink())
        members.push({ ...common, type: 'link', target: readlinkSync(path, 'buffer').toString('base64') });
      else if (stats.isDirectory()) {
        members.push({ ...common, type: 'folder' });
        walk(key);
      } else {
        const content = readFileSync(path);
        members.push({ ...common, type: 'file', size: content.length, sha256: sum(content) });
      }
    }
  };
  walk('');
  members.sort((a, b) => Buffer.compare(Buffer.from(a.path, 'base64'), Buffer.from(b.path, 'base64')));
  return { text: members.map((each) => `${JSON.stringify(each)}\n`).join(''), members };
}

export const sum = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

export type TestSet = OpenSet & { readonly lists: Map<string, string> };

/** Saves folders as the parts of one set. */
export async function saveSet(
  work: BackupWork,
  repository: Repository,
  trees: readonly { name: string; source: TreePart['source']; root: string }[],
  dumps: readonly DumpPart[] = [],
  ring: Ring = throwAwayRing(),
): Promise<TestSet> {
  const lists = new Map<string, string>();
  const parts: (TreePart | DumpPart)[] = [];
  for (const { name, source, root } of trees) {
    const saved = await repository.saveTree({ root, excludes: [], tags: [] });
    const { text, members } = listMembers(root);
    const bytes = members.reduce((total, { size }) => total + (size ?? 0), 0);
    lists.set(name, text);
    const list = { count: members.length, bytes: Buffer.byteLength(text), sha256: sum(text) };
    parts.push({
      kind: 'tree',
      name,
      source,
      snapshot: saved.snapshot,
      tree: saved.tree,
      bytes,
      members: list,
      leftOutCount: 0,
    });
  }
  const manifest: Manifest = {
    format: 'aapanel-backup/1',
    setId: newId(),
    targetId: repository.targetId,
    planId: null,
    planName: 'test',
    kind: 'manual',
    hostId: 'host',
    hostName: 'host',
    panelVersion: '0.1.0',
    startedAt: new Date().toISOString(),
    endedAt: new Date().toISOString(),
    tools: {},
    previous: null,
    sequence: 1,
    addedBytes: 0,
    parts: [...parts, ...dumps],
  };
  return {
    repository,
    manifest,
    signed: signManifest(ring, manifest),
    lists,
    membersOf: async (part) => {
      const path = `${work.scratch}/members-${sum(part.name).slice(0, 16)}`;
      writeFileSync(path, lists.get(part.name) ?? '');
      return await Promise.resolve(path);
    },
  };
}

export function treeOf(set: OpenSet, name: string): TreePart {
  const part = set.manifest.parts.find((each) => each.name === name);
  if (part?.kind !== 'tree') throw new Error(`no tree ${name}`);
  return part;
}
