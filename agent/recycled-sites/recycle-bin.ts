import { lstatSync } from 'node:fs';
import { z } from 'zod';
import { idPattern } from '#shared/http.ts';
import {
  defaultRecycleSettings,
  recycleSettings,
  type RecycledKind,
  type RecycleSettings,
} from '#shared/recycled-sites.ts';
import { logKinds } from '#shared/site-logs.ts';
import { listNames, readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { canBeUndone, findUnpacking, isUnderWay } from '../site-archives/unpacking-records.ts';
import { pendingDiscards, recycleBin } from '../sites/discards.ts';
import { allRecords, removalPath, type RemovalRecord } from '../sites/site-records.ts';

/*
 * What deletions of sites left in the recycle bin, by the names that lie there: `<id>-<site>` and what follows it. Names of
 * others are nobody's business here.
 */

export type Where = Pick<Machine, 'prefix' | 'stateFolder' | 'now'>;

export type Recycled = {
  /** Of the deletion, or of the archive whose files gave way. */
  readonly id: string;
  readonly slug: string;
  /** Epoch ms. */
  readonly deletedAt: number;
  readonly removal: RemovalRecord | undefined;
  /** Names in the recycle bin. */
  readonly parts: readonly { readonly kind: RecycledKind; readonly name: string }[];
};

const dayMs = 24 * 60 * 60 * 1_000;
const logEnd = new RegExp(`\\.(?:${logKinds.join('|')}|app-[a-z0-9-]{1,32})\\.log(?:\\.1)?$`);
const ends: readonly (readonly [RecycledKind, RegExp])[] = [
  ['archive', /\.archive$/],
  ['logs', /\.kept-logs$/],
  ['php_data', /\.php-data$/],
  ['logs', logEnd],
];

/** Newest first; without what is being deleted already. */
export function listRecycled(where: Where): Recycled[] {
  const pending = pendingDiscards(where);
  const groups = new Map<string, { slug: string; parts: { kind: RecycledKind; name: string }[] }>();
  for (const name of listNames(where.prefix + recycleBin)) {
    const [id, rest] = [name.slice(0, 16), name.slice(17)];
    if (!idPattern.test(id) || name[16] !== '-' || rest === '' || pending.has(name)) continue;
    const [kind, end] = ends.find(([, pattern]) => pattern.test(rest)) ?? (['files', /$/] as const);
    const slug = rest.replace(end, '');
    if (kind === 'archive' && isArchiveNeeded(where, slug, id)) continue;
    const group = groups.get(id) ?? { slug, parts: [] };
    group.parts.push({ kind, name });
    groups.set(id, group);
  }
  return [...groups]
    .map(([id, { slug, parts }]) => {
      const removal = findRemoval(where, id);
      return { id, slug: removal?.record.slug ?? slug, deletedAt: timeOf(where, removal, parts), removal, parts };
    })
    .sort((one, other) => other.deletedAt - one.deletedAt);
}

/** What an archive can still take back, or is at work on, is that site's own. */
function isArchiveNeeded(where: Where, slug: string, id: string): boolean {
  const siteId = allRecords(where).get(slug)?.siteId ?? '';
  const unpacking = siteId === '' ? undefined : findUnpacking(where, siteId, id);
  if (unpacking === undefined) return false;
  return isUnderWay(unpacking, where.now()) || canBeUndone(where, unpacking, where.now());
}

export function findRemoval(where: Pick<Machine, 'stateFolder'>, id: string): RemovalRecord | undefined {
  const text = readText(removalPath(where, id));
  return text === undefined ? undefined : (JSON.parse(text) as RemovalRecord);
}

/** Deletions of earlier versions did not keep their time: then it is when the folder was moved here. */
function timeOf(
  { prefix }: Where,
  removal: RemovalRecord | undefined,
  parts: readonly { readonly name: string }[],
): number {
  if (removal?.at !== undefined) return removal.at;
  const times = parts.map(
    ({ name }) => lstatSync(`${prefix}${recycleBin}/${name}`, { throwIfNoEntry: false })?.ctimeMs ?? 0,
  );
  return Math.max(...times);
}

const settingsPath = ({ stateFolder }: Pick<Machine, 'stateFolder'>): string => `${stateFolder}/recycled-sites.json`;

export function readRecycleSettings(where: Pick<Machine, 'stateFolder'>): RecycleSettings {
  const text = readText(settingsPath(where));
  return text === undefined ? defaultRecycleSettings : z.parse(recycleSettings, JSON.parse(text));
}

export async function putRecycleSettings(where: Pick<Machine, 'stateFolder'>, wanted: RecycleSettings): Promise<void> {
  await putJsonFile(settingsPath(where), wanted);
}

/** When it is emptied by itself, epoch ms; null: never. */
export function emptiedAt({ deletedAt }: Pick<Recycled, 'deletedAt'>, { days }: RecycleSettings): number | null {
  return days === 0 ? null : deletedAt + days * dayMs;
}

/** What has lain there for as long as the settings say. */
export function listDue(where: Where): Recycled[] {
  const settings = readRecycleSettings(where);
  if (settings.days === 0) return [];
  return listRecycled(where).filter((each) => (emptiedAt(each, settings) ?? Infinity) <= where.now());
}
