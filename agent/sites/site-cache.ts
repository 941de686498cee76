import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { idPattern } from '#shared/http.ts';
import { completeSettings } from '#shared/site-defaults.ts';
import { at, removeFolderAt, unlinkAt } from '../core/below.ts';
import { errnoOf, look, makeFolders, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { cacheRoot, keepsAnswers } from '../nginx/nginx.behaviour-proxy-cache.ts';
import { poll } from '../nginx/nginx.process.ts';
import type { Companion, CompanionInput } from './site-companion.ts';
import { checkOwner, findRecord, type SiteRecord } from './site-records.ts';

/*
 * What nginx keeps of applications' answers. It makes each site's folder itself and everything in it belongs to its user, so
 * the agent goes down by handles, follows no link, and removes only what looks like a kept answer.
 */

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

/** A connection that stays open longer keeps its worker: it finds its files gone. */
const oldWorkersMs = 5_000;

/** For `levels=1:2`. What nginx is writing has a number behind the name; that it finishes itself. */
const shapes = [/^[0-9a-f]$/, /^[0-9a-f]{2}$/] as const;
const keptAnswer = /^[0-9a-f]{32}$/;

type Removed = { fileCount: number; sizeBytes: number };

/** nginx makes the folder of a site, and not those above it; it asks for them when a candidate is checked already. */
export function makeCacheRoot(machine: Machine, spec: SiteSpec): void {
  if (keepsAnswers(spec)) makeFolders(machine.prefix + cacheRoot, 0o711);
}

/** Empties what nginx keeps for a site; nginx sees that a file is gone when it wants it, and asks the application. */
export async function emptyCache(
  machine: Machine,
  { site }: ActionParams<AgentActions['sites.empty_cache']>,
): Promise<ActionResult<AgentActions['sites.empty_cache']>> {
  const record = findRecord(machine, site.slug);
  checkOwner(record, site);
  if (record === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  return await emptyFolder(machine, site.siteId, false);
}

/** Also the folder itself: the site no longer keeps answers, or is gone. */
export async function dropCache(machine: Machine, siteId: string): Promise<void> {
  await emptyFolder(machine, siteId, true);
}

async function emptyFolder(machine: Machine, siteId: string, isGone: boolean): Promise<Removed> {
  if (!idPattern.test(siteId)) throw new TypeError('no id of a site');
  const removed: Removed = { fileCount: 0, sizeBytes: 0 };
  const root = machine.prefix + cacheRoot;
  if (look(`${root}/${siteId}`).type !== 'folder') return removed;
  const parent = openFolder(root);
  try {
    await emptyLevel(parent, siteId, { level: 0, isGone, removed });
  } finally {
    closeSync(parent);
  }
  return removed;
}

type Walk = { readonly level: number; readonly isGone: boolean; readonly removed: Removed };

async function emptyLevel(parent: number, name: string, walk: Walk): Promise<void> {
  const folder = openLevel(parent, name);
  if (folder === undefined) return;
  try {
    const shape = shapes[walk.level];
    for (const [index, each] of readdirSync(`/proc/self/fd/${folder}`).entries()) {
      // Other work of the agent goes on meanwhile.
      if (index % 500 === 499) await new Promise((resolve) => setImmediate(resolve));
      if (shape === undefined) removeAnswer(folder, each, walk.removed);
      else if (shape.test(each)) await emptyLevel(folder, each, { ...walk, level: walk.level + 1 });
    }
  } finally {
    closeSync(folder);
  }
  if (walk.isGone) ignoring(['ENOENT', 'ENOTEMPTY', 'ENOTDIR'], () => removeFolderAt(parent, name));
}

function openLevel(parent: number, name: string): number | undefined {
  try {
    return openSync(at(parent, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    // Gone meanwhile, or somebody put something else there.
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

function removeAnswer(folder: number, name: string, removed: Removed): void {
  if (!keptAnswer.test(name)) return;
  const stats = lstatSync(at(folder, name), { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return;
  ignoring(['ENOENT'], () => {
    unlinkAt(folder, name);
    removed.fileCount += 1;
    removed.sizeBytes += stats.size;
  });
}

function ignoring(codes: readonly string[], work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!codes.includes(errnoOf(error))) throw error;
  }
}

/** Whether the site keeps answers as the agent last wrote it. */
function keptUntilNow(record: SiteRecord | undefined): boolean {
  if (record?.kind === undefined || record.settings === undefined) return false;
  return keepsAnswers({ kind: record.kind, behaviour: completeSettings(record.settings).behaviour });
}

/** What is no longer asked for goes from the disk, once nginx has let go of it. */
export function createCacheCompanion(machine: Machine, { spec, existing }: CompanionInput): Companion {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    wants: [],
    files: {},
    validate: nothing,
    activate: nothing,
    probe: nothing,
    settle(hasLetGo) {
      if (keepsAnswers(spec) || !keptUntilNow(existing)) return;
      machine.later('kept answers', async () => {
        await poll(hasLetGo, Date.now() + oldWorkersMs);
        const record = findRecord(machine, spec.slug);
        // It may have been switched on again meanwhile.
        if (!keptUntilNow(record)) await dropCache(machine, spec.siteId);
      });
    },
  };
}
