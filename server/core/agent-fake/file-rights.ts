import { AppError } from '#shared/errors.ts';
import type { RightsChange, RightsRecord } from '#shared/file-rights.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import type { Tree } from './folders.ts';

type RightsAction = `files.rights_${'begin' | 'changes' | 'list'}`;
type Ref = { readonly siteId: string };
type Kept = { readonly siteId: string; readonly record: RightsRecord; readonly changes: RightsChange[] };
type Parts = {
  readonly now: () => number;
  readonly treeOf: (site: Ref) => Tree;
  readonly requireTicket: (call: FakeCall) => void;
  readonly end: (workId: string, files: number) => void;
};

const group = 'www-data';

/** Rights in memory: everything belongs to the site already. */
export function createFakeRights({ now, treeOf, requireTicket, end }: Parts): Pick<FakeActions, RightsAction> {
  const kept = new Map<string, Kept>();

  function of({ siteId }: Ref): Kept[] {
    return [...kept.values()].filter((each) => each.siteId === siteId).reverse();
  }

  return {
    async 'files.rights_begin'({ site, workId, wish }, call) {
      const { actor } = call;
      const tree = treeOf(site);
      if (wish.kind === 'undo') {
        const known = of(site).find(({ record }) => record.id === wish.rightsId);
        if (known?.record.toSite === true) requireTicket(call);
        if (known === undefined) throw new AppError('not_found', 'Not kept.', { reason: 'file_rights_unknown' });
        for (const { path, before } of known.changes) {
          const thing = tree.get(path);
          if (thing !== undefined) tree.set(path, { ...thing, mode: before.mode });
        }
        kept.delete(wish.rightsId);
        end(workId, known.changes.length);
        return {};
      }
      if (wish.toSite) requireTicket(call);
      const changes: RightsChange[] = [];
      for (const [path, thing] of tree) {
        const { type, owner } = thing;
        if (!wish.paths.some((each) => each === '' || path === each || path.startsWith(`${each}/`))) continue;
        if (type !== 'file' && type !== 'folder') continue;
        const mode = (type === 'file' ? wish.fileMode : wish.folderMode) ?? thing.mode;
        if (mode === thing.mode) continue;
        tree.set(path, { ...thing, mode });
        changes.push({ path, type, before: { mode: thing.mode, owner, group }, after: { mode, owner, group } });
      }
      const { kind: _, ...facts } = wish;
      const startedAt = new Date(now()).toISOString();
      const said = { id: workId, state: 'done', startedAt, by: actor.name, changed: changes.length, left: {} } as const;
      if (changes.length > 0)
        kept.set(workId, { siteId: site.siteId, record: { ...facts, ...said, left: { hard_link: 1 } }, changes });
      end(workId, changes.length);
      return {};
    },
    'files.rights_changes': async ({ site, rightsId }) => ({
      items: of(site).find(({ record }) => record.id === rightsId)?.changes ?? [],
    }),
    'files.rights_list': async ({ site }) => ({ items: of(site).map(({ record }) => record) }),
  };
}
