import { closeSync, constants, mkdirSync, openSync, rmSync } from 'node:fs';
import type { z } from 'zod';
import type { backupProof } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { readText } from '../../core/files.ts';
import type { DumpPart, TreePart } from '../manifest.ts';
import { checkTree } from '../restore/check-tree.ts';
import { mismatch, totalsOf } from '../restore/members.ts';
import { bytesNeeded, checkSpace } from '../restore/places.ts';
import type { Core, OpenSet } from '../restore/seam.ts';
import { unpackTree } from '../restore/unpack.ts';
import { panelFacts } from '../sources/panel-layout.ts';
import type { BackupWork } from '../work.ts';
import { askSite } from './serve-site.ts';

/*
 * A real restore into a place that is thrown away: every file brought and hashed, every dump loaded into a server of its
 * own and compared, a site served. What could not be tried is `not_run`, never passed.
 */

export type BackupProof = z.infer<typeof backupProof>;

/** Not the backup's fault, and no word about it: the trial itself could not take place. */
const notRun: ReadonlySet<string> = new Set([
  'action_timeout',
  'agent_busy',
  'archive_extractor_failed',
  'backup_database_unreachable',
  'backup_interrupted',
  'backup_key_missing',
  'backup_no_space',
  'backup_run_cancelled',
  'backup_target_busy',
  'backup_target_locked',
  'backup_target_unreachable',
  'backup_tool_failed',
  'backup_tool_missing',
  'backup_wrong_key',
  'disk_full',
]);

/** `open`: gives the verified set. Never throws but when the run is cancelled. */
export async function proveSet(
  work: BackupWork,
  core: Pick<Core, 'dumps'>,
  open: () => Promise<OpenSet>,
): Promise<BackupProof> {
  const startedAt = performance.now();
  const at = new Date(work.now()).toISOString();
  const end = (state: BackupProof['state'], reason: string | null): BackupProof => ({
    state,
    kind: 'restore',
    at,
    durationMs: Math.round(performance.now() - startedAt),
    reason,
  });
  const folder = `${work.scratch}/proof`;
  try {
    const set = await open();
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
    for (const [index, part] of set.manifest.parts.entries()) {
      work.log(`Trying ${part.name}.`);
      if (part.kind === 'tree') await proveTree(work, set, part, `${folder}/${index}`);
      else await proveDump(work, core, set, part);
    }
    const proof = end('proven', null);
    work.report({
      what: 'measured',
      subject: set.manifest.setId,
      reason: 'restore_time',
      params: { ms: proof.durationMs },
    });
    return proof;
  } catch (error) {
    // A person stopped it: there is nothing to say about the set.
    if (work.signal.aborted) throw error;
    const reason = error instanceof AppError ? (error.reason ?? error.code) : reasonOf(error);
    const state = notRun.has(reason) ? 'not_run' : 'failed';
    work.log(`${state === 'failed' ? 'The backup does not restore' : 'The restore test could not be run'}: ${reason}`);
    work.report({ what: 'measured', subject: 'proof', reason: `proof_${state}`, params: { reason } });
    return end(state, reason);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'internal';
}

async function proveTree(work: BackupWork, set: OpenSet, part: TreePart, folder: string): Promise<void> {
  const membersPath = await set.membersOf(part);
  const totals = await totalsOf(membersPath);
  checkSpace(work.scratch, bytesNeeded(totals));
  mkdirSync(folder, { mode: 0o700 });
  work.phase('reading');
  await unpackTree({ work, set, part, membersPath, totals, into: `${folder}/tree`, member: undefined });
  work.phase('checking', 0);
  const fd = openSync(`${folder}/tree`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await checkTree({ work, folder: fd, membersPath, only: undefined, totals });
  } finally {
    closeSync(fd);
  }
  work.report({
    what: 'unchanged',
    subject: part.name,
    reason: 'files_checked',
    params: { count: totals.count, bytes: totals.bytes },
  });
  if (part.source.kind === 'panel') mustHaveFacts(`${folder}/tree`);
  if (part.source.kind === 'site') await askSite(work, part, membersPath, folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Without them nothing could be put back from the records. */
function mustHaveFacts(tree: string): void {
  const text = readText(`${tree}/facts.json`, 64 * 1024 * 1024) ?? 'null';
  if (!panelFacts.safeParse(JSON.parse(text)).success) throw mismatch('panel', 'its facts have another form');
}

async function proveDump(
  work: BackupWork,
  { dumps }: Pick<Core, 'dumps'>,
  set: OpenSet,
  part: DumpPart,
): Promise<void> {
  work.phase('database');
  await dumps.prove(work, part, set.repository.readFile(part.snapshot, part.fileName));
  const rows = part.tables.reduce((sum, table) => sum + table.rows, 0);
  work.report({
    what: 'unchanged',
    subject: part.name,
    reason: 'tables_checked',
    params: { count: part.tables.length, rows },
  });
}
