import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { sealedFileEnd, siteFileEnd, type SiteExport } from '#shared/site-files.ts';
import { baseOf } from '../copies/copy-paths.ts';
import { newId } from '../backups/keys.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { closeFile, openFile, readAt } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import type { Machine } from '../core/machine.ts';
import { siteOf } from '../deployments/deployments.ts';
import {
  askToCancel,
  exportPath,
  findExport,
  forgetExport,
  forgetOldExports,
  isInterrupted,
  isUnderWay,
  listExports,
  maxAttempts,
  openExportLog,
  readExportLog,
  shownExport,
  writeExport,
  type ExportRecord,
} from './export-records.ts';

/** Files of one site that wait at the same time. */
const mostPerSite = 3;
const pieceBytes = 512 * 1024;
const cancelPatienceMs = 25_000;

/** Starts an export as a process of its own, finds it, or takes it up again when its process died. */
export async function startExport(
  machine: Machine,
  {
    site: ref,
    exportId,
    description,
    databaseIds,
    passphrase,
    withSecrets,
    withCertificate,
  }: ActionParams<AgentActions['site_files.export']>,
  call: Call,
): Promise<SiteExport> {
  const site = siteOf(machine, ref);
  const now = Date.now();
  const present = findExport(machine, site.siteId, exportId);
  if (present !== undefined && !isInterrupted(present, now)) return shownExport(present);
  if (present !== undefined && present.attempt >= maxAttempts) {
    const failure = { reason: 'site_export_interrupted', params: {} };
    return shownExport(
      await writeExport(machine, { ...present, state: 'failed', failure, sealing: null, endedAt: now }),
    );
  }
  const record = present === undefined ? await newRecord() : { ...present, attempt: present.attempt + 1 };
  const begun = { ...record, state: 'starting' as const, attemptedAt: now, process: null };
  await writeExport(machine, begun);
  await launchOwn(machine, {
    args: ['--site-export', site.siteId, exportId],
    unit: `aapanel-site-export-${exportId}-${begun.attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=30', 'UMask=0077', 'CPUWeight=50', 'IOWeight=50'],
    openOutput: () => openExportLog(machine, begun),
  });
  return shownExport(begun);

  async function newRecord(): Promise<ExportRecord> {
    // Its files come from a repository: the file would hold releases without what makes new ones.
    if (site.release != null || site.settings?.deploy != null)
      throw new AppError('in_use', 'The files of this site come from a repository.', {
        reason: 'site_export_deployed',
      });
    forgetOldExports(machine, now);
    const others = listExports(machine, site.siteId);
    if (others.some((each) => isUnderWay(each, now)))
      throw new AppError('busy', 'A file of this site is being made.', { reason: 'site_export_under_way' });
    if (withSecrets || withCertificate) {
      requireTicket(call, withCertificate ? 'certificates.write' : undefined);
      if (passphrase === null)
        throw new AppError('invalid_request', 'Secrets go into sealed files only.', {
          fields: [{ field: 'passphrase', code: 'required' }],
        });
    }
    const tls = withCertificate
      ? (await import('./file-certificate.ts')).usableForFile(machine, site.settings?.tls)
      : null;
    if (databaseIds.length > 0) {
      if (!call.may('databases.manage'))
        throw new AppError('not_allowed', 'Databases are not for this person.', {
          params: { permission: 'databases.manage' },
        });
      const { checkOfSite } = await import('./dump-databases.ts');
      const { mustRun } = await import('../databases/engines/engines.ts');
      for (const { engine } of checkOfSite(machine, site.siteId, databaseIds)) await mustRun(machine, engine);
    }
    for (const old of others.slice(mostPerSite - 1)) forgetExport(machine, old);
    return {
      exportId,
      siteId: site.siteId,
      slug: site.slug,
      linuxUser: site.linuxUser,
      from: baseOf(site),
      description,
      databaseIds,
      sealing: passphrase === null ? null : await (await import('./sealing.ts')).sealingOf(passphrase, newId()),
      withSecrets,
      tls,
      fileName: `${site.slug}-${new Date(now).toISOString().slice(0, 10)}${passphrase === null ? siteFileEnd : sealedFileEnd}`,
      state: 'starting',
      progress: null,
      attempt: 1,
      process: null,
      sizeBytes: null,
      files: null,
      failure: null,
      startedAt: now,
      attemptedAt: now,
      endedAt: null,
    };
  }
}

export function readExports(
  machine: Machine,
  { site: ref }: ActionParams<AgentActions['site_files.exports']>,
): ActionResult<AgentActions['site_files.exports']> {
  const site = siteOf(machine, ref);
  forgetOldExports(machine, Date.now());
  return { items: listExports(machine, site.siteId).map(shownExport) };
}

export function followExport(
  machine: Machine,
  { site: ref, exportId, offset }: ActionParams<AgentActions['site_files.follow']>,
): ActionResult<AgentActions['site_files.follow']> {
  const record = findExport(machine, siteOf(machine, ref).siteId, exportId);
  if (record === undefined) return { export: null, isInterrupted: false, text: '', nextOffset: offset };
  const { text, next } = readExportLog(machine, record, offset);
  return { export: shownExport(record), isInterrupted: isInterrupted(record, Date.now()), text, nextOffset: next };
}

/** Stops what runs; what was made of it goes. One that is not there is gone already. */
export async function dropExport(
  machine: Machine,
  { site: ref, exportId }: ActionParams<AgentActions['site_files.drop']>,
  { deadlineAt }: Pick<Call, 'deadlineAt'>,
): Promise<void> {
  const { siteId } = siteOf(machine, ref);
  let record = findExport(machine, siteId, exportId);
  if (record === undefined) return;
  if (record.endedAt === null) askToCancel(machine, record);
  const endsAt = Math.min(Date.now() + cancelPatienceMs, deadlineAt - 5_000);
  while (isUnderWay(record, Date.now())) {
    if (Date.now() > endsAt)
      throw new AppError('busy', 'The export has not stopped yet.', { reason: 'site_export_under_way' });
    await wait(100);
    record = findExport(machine, siteId, exportId) ?? record;
  }
  forgetExport(machine, record);
}

export function readExportPiece(
  machine: Machine,
  { site: ref, exportId, offset }: ActionParams<AgentActions['site_files.read']>,
): ActionResult<AgentActions['site_files.read']> {
  const record = findExport(machine, siteOf(machine, ref).siteId, exportId);
  const file = record?.state === 'ready' ? openFile(exportPath(machine, record, 'tar')) : undefined;
  if (record === undefined || file === undefined)
    throw new AppError('not_found', 'The file is gone.', { reason: 'site_export_gone' });
  try {
    const { size } = file.stats;
    const data = readAt(file.fd, Math.min(offset, size), Math.max(0, Math.min(pieceBytes, size - offset)));
    return { fileName: record.fileName, sizeBytes: size, data: data.toString('base64') };
  } finally {
    closeFile(file.fd);
  }
}
