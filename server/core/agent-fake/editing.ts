import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { maxEditBytes, mostVersions, type FileVersion } from '#shared/file-editing.ts';
import type { FakeActions } from '../agent-fake.ts';
import { newId } from '../id.ts';
import type { Thing, Tree } from './folders.ts';
import { contentOf, etagOf } from './transfers.ts';

type EditingAction = 'files.save' | 'files.version' | 'files.versions';
type Ref = { readonly siteId: string };
type Parts = { readonly now: () => number; readonly treeOf: (site: Ref) => Tree };

/** Texts that are saved, with their history, in memory. */
export function createFakeEditing({ now, treeOf }: Parts): Pick<FakeActions, EditingAction> {
  const histories = new Map<string, { readonly version: FileVersion; readonly content: Buffer }[]>();
  const historyOf = ({ siteId }: Ref, path: string) => {
    const key = `${siteId}/${path}`;
    const known = histories.get(key) ?? [];
    histories.set(key, known);
    return known;
  };
  const gone = (name: string): AppError =>
    new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name } });

  return {
    async 'files.save'({ site, path, condition }, { actor, bytes = Readable.from([]) }) {
      const tree = treeOf(site);
      const file = tree.get(path);
      if (condition === 'absent' && file !== undefined)
        throw new AppError('already_exists', 'Taken.', { reason: 'file_exists', params: { name: path } });
      if (condition !== 'absent') {
        if (file?.type !== 'file') throw gone(path);
        if (condition !== 'present' && condition !== etagOf(file))
          throw new AppError('changed_meanwhile', 'Changed.', { reason: 'file_changed', params: { name: path } });
      }
      const content = Buffer.concat(await bytes.toArray());
      const at = new Date(now()).toISOString();
      if (file !== undefined && file.sizeBytes > maxEditBytes)
        throw new AppError('too_large', 'Too large.', {
          reason: 'file_edit_large',
          params: { name: path, mostBytes: maxEditBytes },
        });
      if (file !== undefined) {
        const before = contentOf(file);
        const version = { id: newId(), sizeBytes: before.length, replacedAt: at, replacedBy: actor.name };
        const history = historyOf(site, path);
        history.unshift({ version, content: before });
        history.splice(mostVersions);
      }
      const { mode = 0o644, owner = 'site-k3v7q2aa' } = file ?? {};
      const sizeBytes = content.length;
      const saved: Thing = { type: 'file', sizeBytes, mode, owner, modifiedAt: at, target: null, content };
      tree.set(path, saved);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { sizeBytes, etag: etagOf(saved), modifiedAt: at, sha256 };
    },
    async 'files.version'({ site, path, versionId }, { giveBytes }) {
      const found = historyOf(site, path).find(({ version }) => version.id === versionId);
      if (found === undefined) throw gone(path);
      if (found.content.length > 0) giveBytes?.(Readable.from([found.content], { objectMode: false }));
      return { sizeBytes: found.content.length };
    },
    'files.versions': async ({ site, path }) => ({ items: historyOf(site, path).map(({ version }) => version) }),
  };
}
