import { Readable } from 'node:stream';
import type { Handlers } from '../core/handlers.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { look } from '../core/files.ts';
import { siteOf } from '../deployments/deployments.ts';
import { allRecords } from '../sites/site-records.ts';
import { binName } from './file-names.ts';
import { beginWork, helperWork, measure, readWork, stopWork } from './long-work.ts';
import { beginRights, listRights, rightsChanges, rightsPlace } from './site-rights.ts';
import { searchFiles } from './search.ts';
import { closeUpload, openUpload, sweepUploads } from './opened-uploads.ts';
import { sitePlace } from './site-place.ts';
import { uploadsPath } from './uploads.ts';
import { fetchedName } from './work.ts';
import { askHelper, fetchFromHelper, sendToHelper, type Place } from './workers.ts';

/** A copy that has not ended a while before its answer is due takes back what it made. */
const takeBackMs = 5_000;

/** What a process that died was fetching is taken away. */
async function sweepFetched(machine: Machine, place: Place): Promise<void> {
  if (look(`${place.path}/${binName}/${fetchedName}`).type !== 'folder') return;
  await askHelper(machine, { ...place, hasNetwork: true }, 'sweepFetched');
}

function placeOf(machine: Machine, ref: { readonly siteId: string; readonly slug: string }): Place {
  return sitePlace(machine, siteOf(machine, ref));
}

export const filesHandlers: Pick<Handlers, Extract<keyof Handlers, `files.${string}`>> = {
  'files.archive_preview': (machine, { site, path }) =>
    askHelper(machine, { ...placeOf(machine, site), isLong: true }, 'archivePreview', { path }),
  'files.bin': (machine, { site }) => askHelper(machine, placeOf(machine, site), 'bin'),
  'files.copy': (machine, { site, ...wish }, { deadlineAt }) =>
    askHelper(machine, placeOf(machine, site), 'copy', { ...wish, endsAt: deadlineAt - takeBackMs }),
  'files.discard': (machine, { site, ids }) => askHelper(machine, placeOf(machine, site), 'discard', { ids }),
  async 'files.download'(machine, { site, ...wish }, { giveBytes }) {
    const { facts, stream } = await fetchFromHelper(machine, placeOf(machine, site), 'download', wish);
    if (stream !== null) giveBytes?.(stream);
    return facts;
  },
  async 'files.download_archive'(machine, { site, ...wish }, { giveBytes }) {
    // A process of its own: packing keeps one busy.
    const place = { ...placeOf(machine, site), isLong: true };
    const { facts, stream } = await fetchFromHelper(machine, place, 'archive', wish);
    if (stream !== null) giveBytes?.(stream);
    const { files, bytes, leftOut } = facts;
    return { files, bytes, leftOut };
  },
  'files.find': (machine, { site, ...wish }) =>
    askHelper(machine, { ...placeOf(machine, site), isLong: true }, 'find', wish),
  async 'files.list'(machine, { site, ...wish }) {
    const { ownerIds, ...columns } = await askHelper(machine, placeOf(machine, site), 'list', wish);
    const names = new Map(listAccounts().map(({ uid, name }) => [uid, name]));
    return { ...columns, ownerNames: ownerIds.map((uid) => names.get(uid) ?? String(uid)) };
  },
  'files.make': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'make', wish),
  'files.move': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'move', wish),
  'files.remove': (machine, { site, paths }, { actor }) =>
    askHelper(machine, placeOf(machine, site), 'remove', { paths, deletedBy: actor.name }),
  'files.rename': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'rename', wish),
  'files.restore': (machine, { site, ids }) => askHelper(machine, placeOf(machine, site), 'restore', { ids }),
  async 'files.rights_begin'(machine, { site, workId, wish }, call) {
    await beginRights(machine, siteOf(machine, site), { workId, wish }, call);
    return {};
  },
  'files.rights_changes': async (machine, { site, rightsId }) => ({
    items: await rightsChanges(machine, siteOf(machine, site), rightsId),
  }),
  'files.rights_list': async (machine, { site }) => ({ items: await listRights(machine, siteOf(machine, site)) }),
  async 'files.save'(machine, { site, ...wish }, { actor, bytes = Readable.from([]) }) {
    const named = { ...wish, by: actor.name };
    return await sendToHelper(machine, placeOf(machine, site), 'save', named, bytes);
  },
  async 'files.search'(machine, { site, ...wish }, { giveBytes }) {
    giveBytes?.(await searchFiles(machine, placeOf(machine, site), wish));
    return {};
  },
  'files.set_mode': (machine, { site, ...wish }, { actor }) =>
    askHelper(machine, rightsPlace(machine, siteOf(machine, site)), 'setMode', { ...wish, by: actor.name }),
  async 'files.tidy'(machine) {
    for (const record of allRecords(machine).values())
      try {
        const place = sitePlace(machine, record);
        if (look(`${place.path}/${uploadsPath}`).type === 'folder') await askHelper(machine, place, 'tidy');
        await sweepFetched(machine, place);
      } catch {
        // One whose folder went wrong must not keep the others from it.
      }
    sweepUploads(machine);
    return {};
  },
  'files.upload_begin': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'uploadBegin', wish),
  async 'files.upload_drop'(machine, { site, uploadId }) {
    const place = placeOf(machine, site);
    closeUpload(machine, place, { siteId: site.siteId, uploadId });
    return await askHelper(machine, place, 'uploadDrop', { uploadId });
  },
  async 'files.upload_finish'(machine, { site, ...wish }, { actor }) {
    const place = placeOf(machine, site);
    closeUpload(machine, place, { siteId: site.siteId, uploadId: wish.uploadId });
    return await askHelper(machine, place, 'uploadFinish', { ...wish, by: actor.name });
  },
  async 'files.upload_open'(machine, { site, uploadId }) {
    const place = placeOf(machine, site);
    const upload = await askHelper(machine, place, 'uploadState', { uploadId });
    return { ...upload, writePath: await openUpload(machine, place, { siteId: site.siteId, uploadId }) };
  },
  'files.upload_state': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'uploadState', wish),
  async 'files.upload_write'(machine, { site, ...wish }, { bytes = Readable.from([]) }) {
    return await sendToHelper(machine, placeOf(machine, site), 'uploadWrite', wish, bytes);
  },
  'files.usage': (machine, { site, path }, { signal }) => measure(machine, placeOf(machine, site), path, signal),
  async 'files.version'(machine, { site, ...wish }, { giveBytes }) {
    const { facts, stream } = await fetchFromHelper(machine, placeOf(machine, site), 'version', wish);
    if (stream !== null) giveBytes?.(stream);
    return facts;
  },
  'files.versions': (machine, { site, ...wish }) => askHelper(machine, placeOf(machine, site), 'versions', wish),
  async 'files.work_begin'(machine, { site, workId, wish }, { actor }) {
    const place = placeOf(machine, site);
    const start = () => helperWork(machine, place, { workId, by: actor.name, wish });
    beginWork(machine, { siteId: site.siteId, workId, start });
    return {};
  },
  async 'files.work_state'(machine, { site, workId }) {
    siteOf(machine, site);
    return { work: await readWork(machine, { siteId: site.siteId, workId }) };
  },
  async 'files.work_stop'(machine, { site, workId }) {
    const place = placeOf(machine, site);
    // It may have begun with an agent that was killed.
    if (!(await stopWork(machine, { siteId: site.siteId, workId }))) await sweepFetched(machine, place);
    return {};
  },
};
