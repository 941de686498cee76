import { closeSync, constants, openSync, readFileSync, rmSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { makeFolders } from '../../core/files.ts';
import type { Manifest, TreePart } from '../manifest.ts';
import { checkTree, dressTree } from '../restore/check-tree.ts';
import { mismatch, totalsOf } from '../restore/members.ts';
import { createOwnerOf } from '../restore/owners.ts';
import { bytesNeeded, checkSpace, dropHolder } from '../restore/places.ts';
import type { Core, OpenSet } from '../restore/seam.ts';
import { swapAll } from '../restore/swap.ts';
import { unpackTree } from '../restore/unpack.ts';
import { panelFacts, type PanelFacts } from '../sources/panel-layout.ts';
import type { BackupWork } from '../work.ts';
import { readyRecords } from './panel-records.ts';
import { isPanelReady, stopPanel } from './panel-services.ts';

/*
 * The panel itself: brought and checked while it still runs; then it stands still while records and database change
 * places, and starts on them.
 */

type Part = Manifest['parts'][number];

const readyLimitMs = 60_000;

/** The caller holds the lock of restores. Throws `backup_panel_whole` when records or database are not among the parts. */
export async function restorePanel(
  work: BackupWork,
  core: Pick<Core, 'dumps'>,
  set: OpenSet,
  parts: readonly Part[],
): Promise<PanelFacts> {
  const tree = parts.find((part) => part.kind === 'tree' && part.source.kind === 'panel');
  const dump = parts.find((part) => part.kind === 'dump' && part.source.kind === 'panel');
  // One without the other would be a panel of two moments.
  if (tree?.kind !== 'tree' || dump?.kind !== 'dump')
    throw new AppError('invalid_request', 'Records and database of the panel belong together.', {
      reason: 'backup_panel_whole',
    });
  const staged = `${work.scratch}/panel-restore`;
  rmSync(staged, { recursive: true, force: true });
  try {
    const facts = await bring(work, set, tree, staged);
    const start = await stopPanel(work);
    try {
      await putRecords(work, staged);
      work.log('Restoring the database of the panel.');
      const input = set.repository.readFile(dump.snapshot, dump.fileName);
      await core.dumps.restore(work, dump, input, { kind: 'in_place' });
    } finally {
      // On the old records or on the new ones.
      await start();
    }
    if (work.hasSystemd && !(await isPanelReady(work, readyLimitMs)))
      work.report({ what: 'measured', subject: 'panel', reason: 'panel_not_ready', params: {} });
    work.report({ what: 'changed', subject: 'panel', reason: 'panel_restored', params: { from: facts.hostName } });
    return facts;
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

async function bring(work: BackupWork, set: OpenSet, part: TreePart, staged: string): Promise<PanelFacts> {
  const membersPath = await set.membersOf(part);
  const totals = await totalsOf(membersPath);
  checkSpace(work.scratch, 2 * bytesNeeded(totals));
  work.phase('reading');
  await unpackTree({ work, set, part, membersPath, totals, into: staged, member: undefined });
  const folder = openSync(staged, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    await checkTree({ work, folder, membersPath, only: undefined, totals });
    await dressTree({ work, folder, membersPath, only: undefined }, createOwnerOf());
  } finally {
    closeSync(folder);
  }
  const facts = panelFacts.safeParse(JSON.parse(readFileSync(`${staged}/facts.json`, 'utf8')));
  if (!facts.success) throw mismatch('panel', 'its facts have another form');
  return facts.data;
}

async function putRecords(work: BackupWork, staged: string): Promise<void> {
  work.phase('swapping');
  for (const name of ['keys', 'backups']) makeFolders(`${work.stateFolder}/${name}`);
  const swaps = await readyRecords(work, staged);
  try {
    await swapAll(work.folder, `${work.runId}-panel`, swaps);
  } catch (error) {
    for (const { holder } of swaps) dropHolder(work.folder, holder);
    throw error;
  }
}
