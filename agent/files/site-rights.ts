import type { ActionParams } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import type { FileRights, RightsChange, RightsRecord } from '#shared/file-rights.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { closeFile, look, makeFolders, openFolder } from '../core/files.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import { groupName, poolIdentity } from '../php/php.user.ts';
import { nginxGroup } from '../sites/sites.apply.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { instantOf } from './listing.ts';
import { beginWork, helperWork, isRunning, type Going } from './long-work.ts';
import type { KeptRights, Rights, RightsFacts, RightsLine } from './rights-record.ts';
import type { RightsPlace } from './rights.ts';
import { sitePlace } from './site-place.ts';
import { createProgress, stateOf } from './work.ts';
import { askHelper, type Place } from './workers.ts';

/*
 * Rights of a site's folders. Modes are changed by the site's own user. What belongs to others is given to the site by root,
 * after that was confirmed with a fresh factor, and root keeps the way back.
 */

type Wish = ActionParams<AgentActions['files.rights_begin']>['wish'];
type Asked = { readonly workId: string; readonly wish: Wish };

/** The site's user, with the group that its folders belong to. */
export function rightsPlace(machine: Machine, record: SiteRecord): Place {
  const place = sitePlace(machine, record);
  const gid = machine.isRoot ? nginxGroup(machine) : undefined;
  return gid === undefined || gid === place.gid || gid === 0 ? place : { ...place, alsoGid: gid };
}

export async function beginRights(
  machine: Machine,
  record: SiteRecord,
  { workId, wish }: Asked,
  call: Call,
): Promise<void> {
  const { siteId } = record;
  const by = call.actor.name;
  const ofRoot = async (id: string): Promise<RightsFacts | undefined> => await rootFacts(machine, record, id);
  if (wish.kind === 'set' && !wish.toSite) {
    const place = rightsPlace(machine, record);
    const start = (): Going => helperWork(machine, place, { workId, by, wish: { kind: 'rights', ...modesOf(wish) } });
    return beginWork(machine, { siteId, workId, start });
  }
  const kept = await ofRoot(wish.kind === 'set' ? workId : wish.rightsId);
  if (wish.kind === 'undo' && kept === undefined) {
    const place = rightsPlace(machine, record);
    const { items } = await askHelper(machine, { ...place, isLong: true }, 'rightsList');
    if (!items.some(({ id }) => id === wish.rightsId)) throw unknown();
    const start = (): Going =>
      helperWork(machine, place, { workId, by, wish: { kind: 'undoRights', rightsId: wish.rightsId } });
    return beginWork(machine, { siteId, workId, start });
  }
  // What was confirmed, and was cut off with the agent, goes on.
  const isGoingOn = wish.kind === 'set' ? kept !== undefined : kept?.undoneBy === workId;
  if (!isGoingOn) requireTicket(call);
  beginWork(machine, { siteId, workId, start: () => rootWork(machine, record, { workId, wish, by }) });
}

function modesOf({ paths, fileMode, folderMode, keepsRun }: FileRights) {
  return { paths, fileMode, folderMode, keepsRun };
}

function unknown(): AppError {
  return new AppError('not_found', 'This change is not kept any more.', { reason: 'file_rights_unknown' });
}

/** In this process, as root: by handles below the site's folder, a little at a time. */
function rootWork(machine: Machine, record: SiteRecord, { workId, wish, by }: Asked & { readonly by: string }): Going {
  const stop = new AbortController();
  const progress = createProgress(stop.signal);
  const work = async (): Promise<void> => {
    const { changeRights, undoRights } = await import('./rights.ts');
    await inRootStore(machine, record, async (on) => {
      if (wish.kind === 'set') await changeRights(on, { id: workId, by, wish: modesOf(wish) }, progress);
      else await undoRights(on, { id: wish.rightsId, workId }, progress);
    });
  };
  const done = work().then(
    () => ({ ...stateOf(progress), paths: [], leftOutNames: progress.leftOutNames }),
    (error: unknown) => {
      if (!stop.signal.aborted) throw error;
      throw new AppError('in_use', 'The work was stopped; nothing was kept.', { reason: 'file_work_stopped' });
    },
  );
  return {
    done,
    state: () => Promise.resolve(stateOf(progress)),
    stop: () => {
      stop.abort();
      return Promise.resolve();
    },
  };
}

const storeOf = ({ stateFolder }: Machine, { siteId }: SiteRecord): string => `${stateFolder}/file-rights/${siteId}`;

async function inRootStore<T>(
  machine: Machine,
  record: SiteRecord,
  use: (on: RightsPlace) => T | Promise<T>,
): Promise<T> {
  const { path, uid, gid } = sitePlace(machine, record);
  makeFolders(storeOf(machine, record));
  const store = openFolder(storeOf(machine, record));
  try {
    const root = openFolder(path);
    try {
      const owner = { uid, gid: (machine.isRoot ? nginxGroup(machine) : undefined) ?? gid };
      return await use({ root, store, owner, foreign: othersOf(machine, record, uid) });
    } finally {
      closeFile(root);
    }
  } finally {
    closeFile(store);
  }
}

/** Users of the other sites: a folder of theirs may lie in this one's. */
function othersOf(machine: Machine, { siteId }: SiteRecord, uid: number): ReadonlySet<number> {
  const others = [...allRecords(machine).values()].filter((each) => each.siteId !== siteId);
  return new Set(others.map((each) => poolIdentity(machine, each.linuxUser).uid).filter((each) => each !== uid));
}

/** undefined: root keeps no such change. */
async function rootFacts(machine: Machine, record: SiteRecord, id: string): Promise<RightsFacts | undefined> {
  if (look(storeOf(machine, record)).type !== 'folder') return undefined;
  const { readFacts } = await import('./rights-record.ts');
  return await inRootStore(machine, record, ({ store }) => readFacts(store, id));
}

/** Newest first. */
export async function listRights(machine: Machine, record: SiteRecord): Promise<RightsRecord[]> {
  const place = { ...rightsPlace(machine, record), isLong: true };
  const { items } = await askHelper(machine, place, 'rightsList');
  const all: RightsRecord[] = items.map((each) => recordOf(each, false));
  if (look(storeOf(machine, record)).type === 'folder') {
    const { listRights: ofStore } = await import('./rights-record.ts');
    const kept = await inRootStore(machine, record, ({ store }) => ofStore(store, (id) => isRunning(machine, id)));
    all.push(...kept.map((each) => recordOf(each, true)));
  }
  return all.sort((one, other) => (one.startedAt < other.startedAt ? 1 : -1));
}

function recordOf(
  { id, paths, fileMode, folderMode, keepsRun, by, startedAt, state, isRunning, changed, left }: KeptRights,
  toSite: boolean,
): RightsRecord {
  const now = isRunning ? 'running' : state === 'done' ? 'done' : 'broken';
  const facts = { id, paths, fileMode, folderMode, keepsRun, toSite, by, changed, left };
  return { ...facts, startedAt: instantOf(startedAt), state: now };
}

/** The first lines. Of a change that is not kept: none. */
export async function rightsChanges(machine: Machine, record: SiteRecord, rightsId: string): Promise<RightsChange[]> {
  const isRoots = (await rootFacts(machine, record, rightsId)) !== undefined;
  const { rightsLines } = await import('./rights-record.ts');
  const lines = isRoots
    ? await inRootStore(machine, record, ({ store }) => rightsLines(store, rightsId))
    : (await askHelper(machine, { ...rightsPlace(machine, record), isLong: true }, 'rightsChanges', { rightsId }))
        .items;
  const users = new Map(listAccounts().map(({ uid, name }) => [uid, name]));
  const groups = new Map<number, string>();
  const named = ({ mode, uid, gid }: Rights) => {
    const group = groups.get(gid) ?? groupName(gid);
    groups.set(gid, group);
    return { mode, owner: users.get(uid) ?? String(uid), group };
  };
  return lines.map(({ path, type, before, after }: RightsLine) => ({
    path,
    type,
    before: named(before),
    after: named(after),
  }));
}
