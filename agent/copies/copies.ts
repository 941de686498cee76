import { setTimeout as wait } from 'node:timers/promises';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { CertificateLooks } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { secretIdsOf } from '#shared/site-app.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import type { SiteFileDatabaseChoice } from '#shared/site-files.ts';
import { carrySecrets, dropSecrets, keepSecrets } from '../apps/apps.secrets.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { look } from '../core/files.ts';
import { launchOwn } from '../core/launch.ts';
import { logLine, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { applySite } from '../sites/sites.apply.ts';
import { checkPorts, checkSpec, foldersOf } from '../sites/site-checks.ts';
import { carryPasswords, dropPasswords } from '../sites/site-passwords.ts';
import { allRecords, checkOwner, findRecord, selfOwner, takenUsers } from '../sites/site-records.ts';
import { dropUpload } from '../site-archives/uploads.ts';
import { dropReservation, reservationPath, reserveUser } from '../unix-users/reservations.ts';
import { baseOf } from './copy-paths.ts';
import {
  askToCancel,
  findCopy,
  forgetCopy,
  isInterrupted,
  isUnderWay,
  listCopies,
  maxAttempts,
  openCopyLog,
  readCopyLog,
  shownCopy,
  writeCopy,
  type CopyRecord,
} from './copy-records.ts';
import { removeStaged, stagedPath } from './staged.ts';

const cancelPatienceMs = 15_000;
/** What nobody made a site of within this time is not waited for any longer. */
const keptMs = 24 * 60 * 60 * 1000;
/** Records of what is over stay a while, for whoever still asks. */
const rememberedMs = 7 * keptMs;

/** Starts a copy as a process of its own, finds it, or takes it up again when its process died. */
export async function startCopy(
  machine: Machine,
  params: ActionParams<AgentActions['copies.start']>,
  call: Call,
): Promise<SiteCopyState> {
  const { copyId } = params;
  const now = Date.now();
  const present = findCopy(machine, copyId);
  if (present !== undefined && !isInterrupted(present, now)) return shownCopy(present);
  if (present !== undefined && present.attempt >= maxAttempts) {
    await dropCopied(machine, present);
    const failure = { reason: 'copy_interrupted', params: {} };
    return shownCopy(await writeCopy(machine, { ...present, state: 'failed', failure, endedAt: now }));
  }
  const record =
    present === undefined
      ? await newRecord(machine, params, call)
      : { ...present, state: 'starting' as const, attempt: present.attempt + 1, attemptedAt: now, process: null };
  await writeCopy(machine, record);
  await reserve(machine, record, call).catch(async (error: unknown) => {
    await dropCopied(machine, record);
    forgetCopy(machine, copyId);
    throw error;
  });
  await launchOwn(machine, {
    args: ['--site-copy', copyId],
    unit: `aapanel-site-copy-${copyId}-${record.attempt}`,
    properties: ['KillMode=mixed', 'TimeoutStopSec=30', 'UMask=0027', 'CPUWeight=50', 'IOWeight=50'],
    openOutput: () => openCopyLog(machine, copyId),
  });
  return shownCopy(record);
}

/** Names of databases are taken behind the record: a crash in between leaves nothing that nobody knows of. */
async function reserve(machine: Machine, record: CopyRecord, { deadlineAt }: Call): Promise<void> {
  if (record.uploadId === undefined || (record.databases ?? []).length === 0) return;
  const { reserveDatabases } = await import('../site-files/file-databases.ts');
  await reserveDatabases(machine, record, record.uploadId, deadlineAt);
}

async function newRecord(
  machine: Machine,
  { copyId, source, spec, withSecrets }: ActionParams<AgentActions['copies.start']>,
  call: Call,
): Promise<CopyRecord> {
  const { brought, ...origin } =
    'uploadId' in source
      ? await originInFile(machine, source, spec, call)
      : 'base' in source
        ? await originElsewhere(machine, source, call)
        : originHere(machine, source, spec, call);
  const taken = findRecord(machine, spec.slug);
  if (taken !== undefined || [...allRecords(machine).values()].some(({ siteId }) => siteId === spec.siteId))
    throw new AppError('already_exists', 'Another site has this name.', {
      reason: 'slug_taken',
      params: { slug: spec.slug },
    });
  checkSpec(machine, spec, brought);
  checkPorts(machine, spec);
  const to = baseOf(spec);
  checkPlaceFree(machine, to);
  const hasSecrets = withSecrets && spec.app !== null && secretIdsOf(spec.app).length > 0;
  if (spec.customDirectives.trim() !== '') requireTicket(call, 'sites.custom_directives');
  else if (hasSecrets || spec.sftp.keys.length > 0) requireTicket(call);
  const { name: linuxUser } = await reserveUser(machine, takenUsers(machine), copyId);
  return {
    copyId,
    actor: { id: call.actor.id, name: call.actor.name },
    ...origin,
    spec,
    linuxUser,
    withSecrets,
    to,
    state: 'starting',
    progress: null,
    attempt: 1,
    process: null,
    failure: null,
    attemptedAt: Date.now(),
    endedAt: null,
  };
}

type Origin = Pick<
  CopyRecord,
  'from' | 'leaves' | 'reader' | 'release' | 'source' | 'uploadId' | 'databases' | 'certificateId'
> & {
  /** The certificate that comes along, and is not on the shelf yet. */
  readonly brought?: CertificateLooks;
};

function originHere(
  machine: Machine,
  source: { readonly siteId: string; readonly slug: string },
  spec: CopyRecord['spec'],
  call: Call,
): Origin {
  const site = findRecord(machine, source.slug);
  checkOwner(site, source);
  if (site === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  // Everything in its folder can be read through a copy.
  if (!call.may('sites.write')) throw new AppError('not_allowed', 'This needs the permission sites.write.');
  return {
    source: { ...source, linuxUser: site.linuxUser },
    reader: null,
    leaves: [],
    from: baseOf(site),
    release: spec.deploy === null ? null : (site.release ?? null),
  };
}

/** By what stands in the other panel now, whatever the request says of it. */
async function originElsewhere(
  machine: Machine,
  { base, name }: { readonly base: string; readonly name: string },
  call: Call,
): Promise<Origin> {
  requireTicket(call, 'settings.write');
  const { findAapanelSite } = await import('../aapanel/report.ts');
  const { site, reader } = findAapanelSite(machine, base, name);
  // It closes PHP up in the old folder.
  const leaves = ['.user.ini', `${site.runFolder.slice(1)}/.user.ini`.replace(/^\//, '')];
  return { source: null, reader, leaves, from: `${base}${site.path}`, release: null };
}

/** One that the person sent, whole and with a signature that holds if it is ours. */
async function originInFile(
  machine: Machine,
  {
    uploadId,
    databases: wanted,
    certificateId,
  }: {
    readonly uploadId: string;
    readonly databases: readonly SiteFileDatabaseChoice[];
    readonly certificateId: string | null;
  },
  spec: CopyRecord['spec'],
  call: Call,
): Promise<Origin> {
  const { getOwnWhole, inspectSiteFile } = await import('../site-files/incoming.ts');
  getOwnWhole(machine, uploadId, call);
  await inspectSiteFile(machine, uploadId);
  const { wantedDatabases } = await import('../site-files/file-databases.ts');
  const databases = await wantedDatabases(machine, uploadId, wanted, call);
  const origin = {
    source: null,
    reader: null,
    leaves: [],
    from: '',
    release: null,
    uploadId,
    databases,
    certificateId,
  };
  if (certificateId === null) return origin;
  const { checkWanted } = await import('../site-files/file-certificate.ts');
  return { ...origin, brought: await checkWanted(machine, { uploadId, certificateId, spec }, call) };
}

/** Files of a copy never come among others. */
function checkPlaceFree(machine: Machine, path: string): void {
  if (look(machine.prefix + path).type === 'missing') return;
  throw new AppError('in_use', 'A folder stands where the site will be.', {
    reason: 'copy_place_taken',
    params: { path },
  });
}

export function followCopy(
  machine: Machine,
  { copyId, offset }: ActionParams<AgentActions['copies.follow']>,
): ActionResult<AgentActions['copies.follow']> {
  const record = findCopy(machine, copyId);
  if (record === undefined) return { copy: null, isInterrupted: false, text: '', nextOffset: offset };
  const { text, next } = readCopyLog(machine, record, offset);
  return { copy: shownCopy(record), isInterrupted: isInterrupted(record, Date.now()), text, nextOffset: next };
}

/** Stops what runs and removes what was copied, unless a site was made of it. */
export async function cancelCopy(
  machine: Machine,
  { copyId }: ActionParams<AgentActions['copies.cancel']>,
  call: Pick<Call, 'deadlineAt'>,
): Promise<SiteCopyState | null> {
  const first = findCopy(machine, copyId);
  if (first === undefined) return null;
  if (first.endedAt === null) askToCancel(machine, copyId);
  const endsAt = Math.min(Date.now() + cancelPatienceMs, call.deadlineAt - 5_000);
  let record = first;
  while (isUnderWay(record, Date.now()) && Date.now() < endsAt) {
    await wait(100);
    record = findCopy(machine, copyId) ?? record;
  }
  if (isUnderWay(record, Date.now()))
    throw new AppError('busy', 'The copy has not stopped yet.', { reason: 'copy_under_way' });
  if (record.state === 'settled') return shownCopy(record);
  await dropCopied(machine, record);
  if (record.state === 'failed' || record.state === 'cancelled') return shownCopy(record);
  return shownCopy(await writeCopy(machine, { ...record, state: 'cancelled', process: null, endedAt: Date.now() }));
}

/** Everything that was gathered for the site, and the user that was kept for it. */
async function dropCopied(machine: Machine, record: CopyRecord): Promise<void> {
  const { copyId, spec, linuxUser } = record;
  await removeStaged(machine, copyId);
  await settleDatabases(machine, record);
  if (!isMade(machine, record)) {
    dropPasswords(machine, spec.siteId);
    dropSecrets(machine, spec.siteId);
    if (record.certificateId != null)
      (await import('../site-files/file-certificate.ts')).takeCertificateBack(machine, record);
  }
  dropReservation(machine, linuxUser, copyId);
}

const isMade = (machine: Machine, { spec }: CopyRecord): boolean =>
  findRecord(machine, spec.slug)?.siteId === spec.siteId;

/** The site's own when it was made, and taken back otherwise. A server that is away is asked again at the next start. */
async function settleDatabases(machine: Machine, record: CopyRecord): Promise<void> {
  if ((record.databases ?? []).length === 0) return;
  const { giveDatabases, takeDatabasesBack } = await import('../site-files/file-databases.ts');
  try {
    await (isMade(machine, record) ? giveDatabases : takeDatabasesBack)(machine, record);
  } catch (error) {
    logLine('error', 'databases of a site that was not made could not be taken back yet', {
      copyId: record.copyId,
      reason: error instanceof AppError ? error.reason : undefined,
    });
  }
}

/** The site in one transaction: its folder by a rename, and everything that a new site has. */
export async function settleCopy(
  machine: Machine,
  { copyId, changeId }: ActionParams<AgentActions['copies.settle']>,
  call: Call,
): Promise<ActionResult<AgentActions['copies.settle']>> {
  const record = findCopy(machine, copyId);
  if (record === undefined) throw new AppError('not_found', 'There is no such copy.', { reason: 'copy_unknown' });
  const { spec, source, linuxUser, release, to } = record;
  const input = { spec, changeId, isNew: true, onDrift: 'refuse', action: 'copies.settle' } as const;
  // As it was asked for by whoever began it, who was seen to be allowed then.
  const asking: Call = { ...call, isElevated: true, may: () => true };
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed') {
    await settleDatabases(machine, record);
    return await applySite(machine, input, asking);
  }
  if (record.state !== 'copied')
    throw new AppError('in_use', 'The files of the copy are not all there.', { reason: 'copy_not_ready' });
  checkPlaceFree(machine, to);
  if (source !== null) await carryPasswords(machine, source.siteId, spec);
  if (record.uploadId !== undefined && record.withSecrets && spec.app !== null)
    await bringSecrets(machine, record.uploadId, spec);
  if (source !== null && record.withSecrets && spec.app !== null)
    await carrySecrets(machine, { from: source.siteId, to: spec.siteId, secretIds: secretIdsOf(spec.app) });
  if (record.certificateId != null)
    await (await import('../site-files/file-certificate.ts')).bringCertificate(machine, record, call.deadlineAt);
  const result = await applySite(
    machine,
    {
      ...input,
      userName: linuxUser,
      reservedUser: linuxUser,
      release,
      wantsBefore: [
        ...parentsOf(machine, to),
        { kind: 'move', from: stagedPath(machine, copyId), to: machine.prefix + to },
        { kind: 'remove', path: reservationPath(machine, linuxUser) },
      ],
    },
    asking,
  );
  await settleDatabases(machine, record);
  await writeCopy(machine, { ...record, state: 'settled', endedAt: Date.now() });
  if (record.uploadId !== undefined) {
    const { siteFilesOwner } = await import('../site-files/incoming.ts');
    dropUpload(machine, siteFilesOwner, record.uploadId);
  }
  return result;
}

async function bringSecrets(machine: Machine, uploadId: string, spec: CopyRecord['spec']): Promise<void> {
  const { secretsIn } = await import('../site-files/incoming.ts');
  const values = await secretsIn(machine, uploadId);
  const wanted = spec.app === null ? [] : secretIdsOf(spec.app);
  const secrets = wanted.flatMap((secretId) => {
    const value = Object.hasOwn(values, secretId) ? values[secretId] : undefined;
    return value === undefined ? [] : [{ secretId, value }];
  });
  await keepSecrets(machine, spec.siteId, secrets, new Set(wanted));
}

function parentsOf(machine: Machine, path: string): Want[] {
  return foldersOf(path)
    .slice(2, -1)
    .map((each) => ({ kind: 'folder', path: machine.prefix + each, mode: 0o755, ...selfOwner(machine) }));
}

/** For the start of the agent: what nobody came back for, and records of what is long over. */
export async function forgetOldCopies(machine: Machine): Promise<void> {
  const now = Date.now();
  for (const record of listCopies(machine)) {
    if (isUnderWay(record, now)) continue;
    // A crash may have come between the site and its databases, or a server been away.
    if (isMade(machine, record) || ['failed', 'cancelled'].includes(record.state))
      await settleDatabases(machine, record);
    const age = now - (record.endedAt ?? record.attemptedAt);
    const isOver = ['settled', 'failed', 'cancelled'].includes(record.state);
    if (!isOver && age > keptMs) {
      await dropCopied(machine, record);
      await writeCopy(machine, { ...record, state: 'cancelled', process: null, endedAt: now });
    } else if (isOver && age > rememberedMs) forgetCopy(machine, record.copyId);
  }
}
