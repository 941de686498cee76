import type { Handlers } from '../core/handlers.ts';
import { look, removeOwnFolder } from '../core/files.ts';
import { siteOf } from '../deployments/deployments.ts';
import {
  cancelUnpacking,
  followUnpacking,
  previewArchive,
  readState,
  settleUnpacking,
  startUnpacking,
  undoUnpacking,
} from './unpacking.ts';
import { beginUpload, dropUpload, lookPath, writePiece } from './uploads.ts';

/** One after another for a site: pieces that come at once, and archives that are unpacked at once, must see each other. */
const lockOf = ({ siteId }: { readonly siteId: string }): string => `archives.${siteId}`;

export const archivesHandlers: Pick<Handlers, Extract<keyof Handlers, `archives.${string}`>> = {
  'archives.begin': (machine, { site: ref, uploadId, fileName, sizeBytes }, { actor, deadlineAt }) =>
    machine.locks.hold(lockOf(ref), deadlineAt, () => {
      const { siteId } = siteOf(machine, ref);
      return beginUpload(machine, { siteId, uploadId, fileName, sizeBytes, actor: actor.id });
    }),
  'archives.cancel': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, async () => ({
      unpacking: await cancelUnpacking(machine, params, call),
    })),
  'archives.discard': (machine, { site: ref, uploadId }, call) =>
    machine.locks.hold(lockOf(ref), call.deadlineAt, () => {
      const { siteId } = siteOf(machine, ref);
      dropUpload(machine, siteId, uploadId);
      const left = lookPath(machine, siteId, uploadId);
      if (look(left).type !== 'missing') removeOwnFolder(left);
      return Promise.resolve({});
    }),
  'archives.follow': (machine, params) => Promise.resolve(followUnpacking(machine, params)),
  'archives.preview': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => previewArchive(machine, params, call)),
  'archives.settle': async (machine, params, call) => {
    await settleUnpacking(machine, params, call);
    return {};
  },
  'archives.state': (machine, { site }) => Promise.resolve(readState(machine, siteOf(machine, site))),
  'archives.undo': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => undoUnpacking(machine, params, call)),
  'archives.unpack': (machine, params, call) =>
    machine.locks.hold(lockOf(params.site), call.deadlineAt, () => startUnpacking(machine, params, call)),
  'archives.write': (machine, { site: ref, uploadId, offset, data }, call) =>
    machine.locks.hold(lockOf(ref), call.deadlineAt, () => {
      const { siteId } = siteOf(machine, ref);
      return writePiece(machine, { siteId, uploadId, offset, bytes: Buffer.from(data, 'base64') });
    }),
};
