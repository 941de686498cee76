import { siteFileDatabase } from '#shared/site-files.ts';
import type { Handlers } from '../core/handlers.ts';
import { beginUpload, dataPath, dropUpload, writePiece } from '../site-archives/uploads.ts';
import { dropExport, followExport, readExportPiece, readExports, startExport } from './exports.ts';
import { getOwnUpload, getOwnWhole, siteFilesOwner } from './incoming.ts';

const uploadsLock = 'site_files';
/** Exports of one site begin one after another. */
const lockOf = ({ siteId }: { readonly siteId: string }): string => `site_files.${siteId}`;

export const siteFilesHandlers: Pick<Handlers, Extract<keyof Handlers, `site_files.${string}`>> = {
  'site_files.begin': (machine, { uploadId, fileName, sizeBytes }, { actor, deadlineAt }) =>
    machine.locks.hold(uploadsLock, deadlineAt, () =>
      beginUpload(machine, { siteId: siteFilesOwner, uploadId, fileName, sizeBytes, actor: actor.id }),
    ),
  'site_files.discard': (machine, { uploadId }, call) =>
    machine.locks.hold(uploadsLock, call.deadlineAt, () => {
      getOwnUpload(machine, uploadId, call);
      dropUpload(machine, siteFilesOwner, uploadId);
      return Promise.resolve({});
    }),
  'site_files.drop': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, async () => {
      await dropExport(machine, params, call);
      return {};
    }),
  'site_files.export': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => startExport(machine, params, call)),
  'site_files.exports': (machine, params) => Promise.resolve(readExports(machine, params)),
  'site_files.follow': (machine, params) => Promise.resolve(followExport(machine, params)),
  async 'site_files.inspect'(machine, { uploadId }, call) {
    getOwnWhole(machine, uploadId, call);
    const { inspectWithCertificate } = await import('./file-certificate.ts');
    const { seen, certificate } = await inspectWithCertificate(machine, uploadId);
    const { origin, manifest, isSealed } = seen;
    const { createdAt, panelVersion, site, content } = manifest;
    const secrets = manifest.secrets?.variables ?? 0;
    const databases = (manifest.databases ?? []).map((each) => siteFileDatabase.strip().parse(each));
    return {
      origin,
      createdAt,
      panelVersion,
      site,
      files: content.files,
      bytes: content.bytes,
      databases,
      secrets,
      certificate,
      isSealed,
    };
  },
  'site_files.read': (machine, params) => Promise.resolve(readExportPiece(machine, params)),
  'site_files.unlock': (machine, { uploadId, passphrase }, call) =>
    machine.locks.hold(uploadsLock, call.deadlineAt, async () => {
      getOwnWhole(machine, uploadId, call);
      await (await import('./sealing.ts')).unlock(dataPath(machine, siteFilesOwner, uploadId), passphrase);
      return {};
    }),
  'site_files.write': (machine, { uploadId, offset, data }, call) =>
    machine.locks.hold(uploadsLock, call.deadlineAt, () => {
      getOwnUpload(machine, uploadId, call);
      return writePiece(machine, { siteId: siteFilesOwner, uploadId, offset, bytes: Buffer.from(data, 'base64') });
    }),
};
