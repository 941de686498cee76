import { isIP } from 'node:net';
import { z } from 'zod';
import { doors, type Doors } from '#shared/doors.ts';
import { id } from '#shared/http.ts';
import type { Config, ConfigEntry } from '../config.ts';
import { certificatePaths } from './doors-certificate.ts';
import { isUniqueError } from '../db/errors.ts';
import type { Db } from '../db/schema.ts';

/*
 * The doors as they are kept: one row of `setting`, written whole and only over what was read. The web process looks at
 * it every two seconds, so that what the console changes acts soon. Until it exists the configuration counts.
 */

const rowName = 'doors';
/** Written by the console after it changed bans: their memory is read again. */
const bansMarkName = 'bans_changed';

const storedDoors = z.object({
  doors,
  /** Names a folder of DATA_DIR/tls; null: the files of the configuration. */
  certificateId: id.nullable(),
  /** The certificate of the shelf whose newest version it is; rows from before that lack it. */
  follows: id.nullable().default(null),
  pending: z
    .object({
      id,
      before: doors,
      beforeCertificateId: id.nullable(),
      beforeFollows: id.nullable().default(null),
      revertsAt: z.int(),
      /** Taking it back removes the row: the configuration counts again. */
      isFirst: z.boolean(),
    })
    .nullable(),
});
export type StoredDoors = z.infer<typeof storedDoors>;

/** The row with its exact text, which the next writer must know. */
export type DoorsRow = { readonly text: string | undefined; readonly stored: StoredDoors };

export function doorsOfConfig(config: Config): Doors {
  const { entryPath, allowedAddresses, domains, trustedProxies, port } = config;
  return {
    entryPath,
    allowedAddresses: [...allowedAddresses],
    domains: [...domains],
    trustedProxies: [...trustedProxies],
    port,
  };
}

export async function readDoors(db: Db, config: Config): Promise<DoorsRow> {
  const row = await db.selectFrom('setting').select('value_json').where('name', '=', rowName).executeTakeFirst();
  return rowOf(row?.value_json, config);
}

/** Doors and the mark of the bans, in one question. */
export async function readMarks(db: Db, config: Config): Promise<{ row: DoorsRow; bansMark: string }> {
  const rows = await db
    .selectFrom('setting')
    .select(['name', 'value_json'])
    .where('name', 'in', [rowName, bansMarkName])
    .execute();
  const find = (name: string) => rows.find((row) => row.name === name)?.value_json;
  return { row: rowOf(find(rowName), config), bansMark: find(bansMarkName) ?? '' };
}

function rowOf(text: string | undefined, config: Config): DoorsRow {
  const first = { doors: doorsOfConfig(config), certificateId: null, follows: null, pending: null };
  return { text, stored: text === undefined ? first : storedDoors.parse(JSON.parse(text)) };
}

/** False when somebody else wrote since `before` was read. `next` undefined: from now on the configuration counts. */
export async function writeDoors(
  db: Db,
  before: DoorsRow,
  next: StoredDoors | undefined,
  at: number,
): Promise<boolean> {
  if (before.text === undefined) return next === undefined || (await insert(db, next, at));
  const { text } = before;
  if (next === undefined) {
    const gone = await db
      .deleteFrom('setting')
      .where('name', '=', rowName)
      .where('value_json', '=', text)
      .executeTakeFirst();
    return gone.numDeletedRows > 0n;
  }
  const changed = await db
    .updateTable('setting')
    .set({ value_json: JSON.stringify(next), updated_at: at })
    .where('name', '=', rowName)
    .where('value_json', '=', text)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

async function insert(db: Db, next: StoredDoors, at: number): Promise<boolean> {
  try {
    await db
      .insertInto('setting')
      .values({ name: rowName, value_json: JSON.stringify(next), updated_at: at })
      .execute();
    return true;
  } catch (error) {
    if (isUniqueError(error)) return false;
    throw error;
  }
}

/** Tells a running panel that bans were changed beside it. */
export async function markBansChanged(db: Db, at: number): Promise<void> {
  await db.deleteFrom('setting').where('name', '=', bansMarkName).execute();
  const value_json = JSON.stringify({ at, nonce: Math.random() });
  await db.insertInto('setting').values({ name: bansMarkName, value_json, updated_at: at }).execute();
}

/** What acts at this time: a change that nobody confirmed in time is none. */
export function actingDoors(stored: StoredDoors, now: number): StoredDoors {
  const { pending } = stored;
  if (pending === null || now < pending.revertsAt) return stored;
  const { before, beforeCertificateId, beforeFollows } = pending;
  return { doors: before, certificateId: beforeCertificateId, follows: beforeFollows, pending: null };
}

/**
 * Origin people open the panel at. What PUBLIC_URL says of scheme and port is kept when it is not the panel's own port:
 * then something stands in front of it. `host`: another name of the panel, such as the one the reader uses.
 */
export function panelOrigin(
  config: Pick<Config, 'publicUrl' | 'port' | 'tls'>,
  { doors: { port, domains }, certificateId }: Pick<StoredDoors, 'doors' | 'certificateId'>,
  host?: string,
): string {
  const url = new URL(config.publicUrl);
  const named = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (named === config.port) {
    url.port = String(port);
    if (config.tls !== null || certificateId !== null) url.protocol = 'https:';
  }
  const wanted = host === undefined || !isHostName(host) ? url.hostname : host;
  const isBound = domains.length > 0 && !domains.some((domain) => isOfDomain(wanted, domain));
  url.hostname = isBound ? (domains.find((domain) => !domain.startsWith('*.')) ?? wanted) : wanted;
  return url.origin;
}

function isHostName(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(host);
}

/** Whether a host (as in a URL, without port) is this name; `*.` stands for one label. */
export function isOfDomain(host: string, domain: string): boolean {
  if (!domain.startsWith('*.')) return host === domain;
  return host.endsWith(domain.slice(1)) && !host.slice(0, -domain.length + 1).includes('.');
}

/** `/<entry>/sign-in`, or `/sign-in` when there is no entry path. */
export function throughEntry({ entryPath }: Pick<Doors, 'entryPath'>, path: string): string {
  return entryPath === null ? path : `/${entryPath}${path === '/' ? '' : path}`;
}

/** Address of a page of the panel, through the secret entry, for links that somebody opens first. */
export async function entryUrl(
  { db, config, clock }: { readonly db: Db; readonly config: Config; readonly clock: { now(): number } },
  path: string,
): Promise<string> {
  const acting = actingDoors((await readDoors(db, config)).stored, clock.now());
  return `${panelOrigin(config, acting)}${throughEntry(acting.doors, path)}`;
}

/** The configuration as the doors changed it; `acting` undefined: they never were. The command line's port stays. */
export function actingConfig(config: Config, acting: StoredDoors | undefined): Config {
  if (acting === undefined) return config;
  const { doors, certificateId } = acting;
  const isPortGiven = config.entries.some(({ key, source }) => key === 'PORT' && source === 'cli');
  const port = isPortGiven ? config.port : doors.port;
  const { entryPath, allowedAddresses, domains, trustedProxies } = doors;
  return {
    ...config,
    entryPath,
    allowedAddresses,
    domains,
    trustedProxies,
    port,
    publicUrl: panelOrigin(config, { doors: { ...doors, port }, certificateId }),
    tls: certificateId === null ? config.tls : certificatePaths(config, certificateId),
    entries: actingEntries(config, acting, port),
  };
}

/** What was set through the panel wins over files and environment, and says so. */
export function actingEntries(config: Config, { doors }: StoredDoors, port = doors.port): readonly ConfigEntry[] {
  const lists = {
    ALLOWED_ADDRESSES: doors.allowedAddresses,
    PANEL_DOMAINS: doors.domains,
    TRUSTED_PROXIES: doors.trustedProxies,
  };
  const entryPath = doors.entryPath === null ? '' : `***(${doors.entryPath.length})`;
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(lists).map(([key, list]) => [key, list.join(',')])),
    PORT: String(port),
    ENTRY_PATH: entryPath,
  };
  const isFixed = port !== doors.port;
  const kept = config.entries.filter(({ key }) => !Object.hasOwn(values, key) || (key === 'PORT' && isFixed));
  const own = Object.entries(values)
    .filter(([key]) => key !== 'PORT' || !isFixed)
    .map(([key, value]) => ({ key, value, source: 'database' as const, isSecret: key === 'ENTRY_PATH' }));
  return [...kept, ...own];
}
