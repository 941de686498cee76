import type { SiteSpec } from '#shared/agent/sites.ts';
import type { ArchiveUpload, Unpacking } from '#shared/archives.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';

type ArchivesAction = Extract<keyof FakeActions, `archives.${string}`>;
type Ref = { readonly siteId: string; readonly slug: string };
type Kept = { readonly siteId: string; upload: ArchiveUpload };
type Run = { readonly siteId: string; unpacking: Unpacking; readonly beganAt: number };

/**
 * The part of the fake agent that takes archives: bytes are counted and thrown away, and every archive holds the same.
 * File names with a meaning: `hostile…` (an entry leads out of the archive), `fails…` (the disk is full while it is unpacked).
 */
export function createFakeArchives({
  runMs,
  now,
  specs,
}: {
  /** How long an unpacking takes. */
  readonly runMs: number;
  readonly now: () => number;
  readonly specs: () => readonly SiteSpec[];
}): Pick<FakeActions, ArchivesAction> {
  const uploads = new Map<string, Kept>();
  const runs = new Map<string, Run>();

  function checkSite({ siteId, slug }: Ref): SiteSpec {
    const spec = specs().find((each) => each.siteId === siteId && each.slug === slug);
    if (spec === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
    return spec;
  }

  function getUpload(site: Ref, uploadId: string): Kept {
    const kept = uploads.get(uploadId);
    if (kept === undefined || kept.siteId !== checkSite(site).siteId)
      throw new AppError('not_found', 'There is no such archive.', { reason: 'archive_unknown' });
    return kept;
  }

  function getWhole(site: Ref, uploadId: string): ArchiveUpload {
    const { upload } = getUpload(site, uploadId);
    const { receivedBytes, sizeBytes } = upload;
    if (receivedBytes < sizeBytes)
      throw new AppError('in_use', 'The archive was not sent to its end.', {
        reason: 'archive_not_whole',
        params: { receivedBytes, sizeBytes },
      });
    const spec = checkSite(site);
    if (spec.kind === 'proxy')
      throw new AppError('in_use', 'This site has no folder.', { reason: 'archive_no_folder' });
    if (spec.deploy?.source != null)
      throw new AppError('in_use', 'The files of this site come from a repository.', {
        reason: 'archive_site_deployed',
      });
    return upload;
  }

  const progressOf = (beganAt: number): number =>
    Math.min(100, Math.floor(((now() - beganAt) / Math.max(runMs, 1)) * 200));

  function seen({ unpacking, beganAt }: Run): Unpacking {
    if (unpacking.state !== 'running') return unpacking;
    if (now() - beganAt < runMs)
      return { ...unpacking, phase: now() - beganAt < runMs / 2 ? 'read' : 'place', progress: progressOf(beganAt) };
    const endedAt = new Date(beganAt + runMs).toISOString();
    if (unpacking.fileName.startsWith('fails'))
      return { ...unpacking, state: 'failed', endedAt, failure: { reason: 'disk_full', params: {} } };
    const replaced = unpacking.onConflict === 'keep' ? 0 : 1;
    const kept = 1 - replaced;
    return {
      ...unpacking,
      state: 'succeeded',
      phase: 'tidy',
      progress: 100,
      files: 3_340,
      bytes: 68_157_440,
      replaced,
      kept,
      endedAt,
      canBeUndone: true,
    };
  }

  function getRun(site: Ref, unpackingId: string): Run {
    const run = runs.get(unpackingId);
    if (run === undefined || run.siteId !== checkSite(site).siteId)
      throw new AppError('not_found', 'There is no such unpacking.', { reason: 'archive_undo_gone' });
    return run;
  }

  return {
    async 'archives.state'({ site }) {
      const { siteId } = checkSite(site);
      return {
        uploads: [...uploads.values()].filter((each) => each.siteId === siteId).map(({ upload }) => upload),
        unpackings: [...runs.values()]
          .filter((each) => each.siteId === siteId)
          .sort((one, other) => other.beganAt - one.beganAt)
          .map(seen),
      };
    },
    async 'archives.begin'({ site, uploadId, fileName, sizeBytes }) {
      const { siteId } = checkSite(site);
      const present = uploads.get(uploadId);
      if (present !== undefined) return present.upload;
      const startedAt = new Date(now()).toISOString();
      const upload = { id: uploadId, fileName, sizeBytes, receivedBytes: 0, startedAt };
      uploads.set(uploadId, { siteId, upload });
      return upload;
    },
    async 'archives.write'({ site, uploadId, offset, data }) {
      const kept = getUpload(site, uploadId);
      const { receivedBytes, sizeBytes } = kept.upload;
      if (offset > receivedBytes)
        throw new AppError('in_use', 'The piece before this one is missing.', {
          reason: 'archive_piece_gap',
          params: { receivedBytes },
        });
      const end = offset + Buffer.from(data, 'base64').length;
      if (end > sizeBytes)
        throw new AppError('too_large', 'The archive is longer than announced.', { reason: 'archive_longer' });
      kept.upload = { ...kept.upload, receivedBytes: Math.max(receivedBytes, end) };
      return kept.upload;
    },
    async 'archives.discard'({ site, uploadId }) {
      checkSite(site);
      uploads.delete(uploadId);
      return {};
    },
    async 'archives.preview'({ site, uploadId, choices }) {
      const { fileName } = getWhole(site, uploadId);
      if (fileName.startsWith('hostile'))
        throw new AppError('invalid_request', 'The name of an entry leads out of the archive.', {
          reason: 'archive_path_escape',
          params: { name: '../../etc/cron.d/x' },
        });
      const inside = [
        { name: 'wp-admin', type: 'folder', files: 990, bytes: 20_971_520, isThere: false },
        { name: 'wp-content', type: 'folder', files: 1_400, bytes: 31_457_280, isThere: false },
        { name: 'index.php', type: 'file', files: 1, bytes: 405, isThere: true },
        { name: 'wp-login.php', type: 'file', files: 1, bytes: 51_414, isThere: false },
      ] as const;
      const top = { name: 'wordpress', type: 'folder', files: 3_340, bytes: 68_157_440, isThere: false } as const;
      const items = choices.stripsTopFolder ? [...inside] : [top];
      return {
        files: 3_340,
        folders: 410,
        bytes: 68_157_440,
        topFolder: 'wordpress',
        items,
        itemCount: items.length,
        changes: [],
      };
    },
    async 'archives.unpack'({ site, unpackingId, uploadId, choices }, call) {
      const { siteId } = checkSite(site);
      const present = runs.get(unpackingId);
      if (present !== undefined) return seen(present);
      const { fileName } = getWhole(site, uploadId);
      if ([...runs.values()].some((run) => run.siteId === siteId && seen(run).state === 'running'))
        throw new AppError('busy', 'Another archive is being unpacked.', { reason: 'archive_under_way' });
      uploads.delete(uploadId);
      const unpacking: Unpacking = {
        id: unpackingId,
        fileName,
        folder: choices.folder,
        onConflict: choices.onConflict,
        actorName: call.actor.name,
        state: 'running',
        phase: 'read',
        progress: 0,
        files: null,
        bytes: null,
        replaced: 0,
        kept: 0,
        failure: null,
        startedAt: new Date(now()).toISOString(),
        endedAt: null,
        canBeUndone: false,
      };
      runs.set(unpackingId, { siteId, unpacking, beganAt: now() });
      return unpacking;
    },
    async 'archives.follow'({ site, unpackingId, offset }) {
      checkSite(site);
      const run = runs.get(unpackingId);
      const whole = 'Unpacked: 3340 files in 410 folders, 68157440 bytes.\nMoving it into the site.\n';
      if (run === undefined) return { unpacking: null, isInterrupted: false, text: '', nextOffset: offset };
      const unpacking = seen(run);
      return { unpacking, isInterrupted: false, text: whole.slice(offset), nextOffset: whole.length };
    },
    async 'archives.cancel'({ site, unpackingId }) {
      checkSite(site);
      const run = runs.get(unpackingId);
      if (run === undefined) return { unpacking: null };
      run.unpacking = { ...seen(run), state: 'cancelled', canBeUndone: false, endedAt: new Date(now()).toISOString() };
      return { unpacking: run.unpacking };
    },
    'archives.settle': () => Promise.resolve({}),
    async 'archives.undo'({ site, unpackingId }) {
      const run = getRun(site, unpackingId);
      const present = seen(run);
      if (present.state === 'undone') return present;
      if (!present.canBeUndone)
        throw new AppError('in_use', 'This cannot be taken back any more.', { reason: 'archive_undo_gone' });
      run.unpacking = { ...present, state: 'undone', canBeUndone: false };
      return run.unpacking;
    },
  };
}
