import { AppError } from '#shared/errors.ts';
import { defaultRecycleSettings, type KeptAccount, type RecycledSite } from '#shared/recycled-sites.ts';
import type { AccountFate, RemovalFate } from '#shared/sites.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';

const dayMs = 24 * 60 * 60 * 1_000;

type Removed = {
  readonly id: string;
  readonly slug: string;
  readonly root: string;
  readonly user: string;
  readonly files: RemovalFate;
  readonly logs: RemovalFate;
  readonly account: AccountFate;
  readonly by: string;
};

type Item = Removed & { readonly at: number; hasFiles: boolean };

export type FakeRecycleBin = {
  readonly actions: Pick<FakeActions, Extract<keyof FakeActions, `recycled_sites.${string}`>>;
  /** What a deletion left. */
  readonly add: (removed: Removed) => void;
  /** The site has come back with it. */
  readonly takeBack: (id: string) => void;
};

/** The part of the fake agent that knows the recycle bin of sites. Nothing goes from it by itself. */
export function createFakeRecycleBin({
  now,
  isTaken,
  requireTicket,
}: {
  readonly now: () => number;
  /** Whether a site has this folder. */
  readonly isTaken: (root: string) => boolean;
  readonly requireTicket: (call: FakeCall) => void;
}): FakeRecycleBin {
  const items = new Map<string, Item>();
  const accounts = new Map<string, KeptAccount>();
  const restored = new Set<string>();
  let settings = defaultRecycleSettings;
  const isFree = (root: string): boolean => !restored.has(root) && !isTaken(root);
  const shown = ({ id, slug, root, by, at, files, logs, hasFiles }: Item): RecycledSite => ({
    id,
    slug,
    deletedBy: by,
    deletedAt: new Date(at).toISOString(),
    emptiedAt: settings.days === 0 ? null : new Date(at + settings.days * dayMs).toISOString(),
    root,
    isRootFree: files !== 'keep' && isFree(root),
    isWhole: true,
    parts: [
      ...(hasFiles ? [{ kind: 'files' as const, sizeBytes: 1_284, fileCount: 1, isTruncated: false }] : []),
      ...(logs === 'recycle' ? [{ kind: 'logs' as const, sizeBytes: 65_536, fileCount: 2, isTruncated: false }] : []),
    ],
  });
  return {
    add(removed) {
      const at = now();
      const isInBin = removed.files === 'recycle' || removed.logs === 'recycle';
      if (isInBin) items.set(removed.id, { ...removed, at, hasFiles: removed.files === 'recycle' });
      if (removed.account === 'remove') return;
      const { user, slug, by, root, files } = removed;
      const isThere = files === 'keep';
      accounts.set(user, {
        user,
        slug,
        keptBy: by,
        keptAt: new Date(at).toISOString(),
        folder: isThere ? root : null,
        hasSftp: isThere,
      });
    },
    takeBack(id) {
      const item = items.get(id);
      if (item !== undefined) accounts.delete(item.user);
      items.delete(id);
    },
    actions: {
      'recycled_sites.list': () =>
        Promise.resolve({
          items: [...items.values()].map(shown).toReversed(),
          total: items.size,
          accounts: [...accounts.values()],
          settings,
        }),
      'recycled_sites.discard'({ ids }) {
        const known = ids.flatMap((id) => items.get(id) ?? []);
        for (const { id } of known) items.delete(id);
        return Promise.resolve({ sites: known.map(({ slug }) => slug) });
      },
      'recycled_sites.empty_due': () => Promise.resolve({ discarded: 0 }),
      'recycled_sites.put_settings'(wanted, call) {
        if (wanted.days !== 0 && (settings.days === 0 || wanted.days < settings.days)) requireTicket(call);
        settings = wanted;
        return Promise.resolve(wanted);
      },
      'recycled_sites.restore'({ recycledId, root: given }) {
        const item = items.get(recycledId);
        if (item?.hasFiles !== true)
          throw new AppError('not_found', 'There are no files of this site.', { reason: 'recycled_files_unknown' });
        const root = given ?? item.root;
        if (!root.startsWith('/www/wwwroot/'))
          throw new AppError('invalid_request', 'The folder of the site is not allowed.', {
            fields: [{ field: 'root', code: 'root_outside' }],
          });
        if (!isFree(root))
          throw new AppError('in_use', 'Something stands in this place.', {
            reason: 'recycled_place_taken',
            params: { path: root },
          });
        restored.add(root);
        if (item.logs === 'recycle') item.hasFiles = false;
        else items.delete(recycledId);
        return Promise.resolve({ root });
      },
      'recycled_sites.remove_account'({ user }) {
        if (!accounts.delete(user))
          throw new AppError('not_found', 'This account is not kept any more.', { reason: 'kept_account_unknown' });
        return Promise.resolve({});
      },
    },
  };
}
