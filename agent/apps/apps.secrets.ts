import { AppError } from '#shared/errors.ts';
import { secretIdsOf, type SiteApp } from '#shared/site-app.ts';
import { givenVariable, isApart } from '../core/apart.ts';
import { listNames, look, makeFolders, putFile, readText, removeOwnFolder, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { appFolderOf, environmentFile, unitName, unitPath, type Slot } from './apps.paths.ts';
import { renderEnvironment, type Variable } from './apps.render.ts';

/*
 * Values of secret variables, in a file that only root reads. A change names a value by its id, so that neither the
 * panel's database nor a journal, a difference or a backup's list ever holds one.
 */

type Where = Pick<Machine, 'stateFolder'>;
type Kept = { readonly [secretId: string]: string };

/** So many values stay besides those in use: an undo brings an earlier one back. */
const keptBesides = 100;

const pathOf = (where: Where, siteId: string): string => `${appFolderOf(where.stateFolder, siteId)}/secrets.json`;

function readKept(where: Where, siteId: string): Kept {
  const text = readText(pathOf(where, siteId), 4 * 1024 * 1024);
  return text === undefined ? {} : (JSON.parse(text) as Kept);
}

/** An id keeps its first value for ever. `inUse`: ids that must not go when there are too many. */
export async function keepSecrets(
  where: Where,
  siteId: string,
  secrets: readonly { readonly secretId: string; readonly value: string }[],
  inUse: ReadonlySet<string>,
): Promise<void> {
  const kept = readKept(where, siteId);
  const added = secrets.filter(({ secretId }) => !Object.hasOwn(kept, secretId));
  if (added.length === 0) return;
  const all = [...Object.entries(kept), ...added.map(({ secretId, value }) => [secretId, value] as const)];
  const fresh = new Set(added.map(({ secretId }) => secretId));
  const loose = all.filter(([id]) => !inUse.has(id) && !fresh.has(id));
  const gone = new Set(loose.slice(0, Math.max(0, loose.length - keptBesides)).map(([id]) => id));
  const next = Object.fromEntries(all.filter(([id]) => !gone.has(id)));
  await put(where, siteId, pathOf(where, siteId), JSON.stringify(next));
}

/** Values that one site's application has become those of another's, under the same ids. */
export async function carrySecrets(
  where: Where,
  { from, to, secretIds }: { readonly from: string; readonly to: string; readonly secretIds: readonly string[] },
): Promise<void> {
  const kept = readKept(where, from);
  const secrets = secretIds.flatMap((secretId) => {
    const value = Object.hasOwn(kept, secretId) ? kept[secretId] : undefined;
    return value === undefined ? [] : [{ secretId, value }];
  });
  if (secrets.length > 0) await keepSecrets(where, to, secrets, new Set(secretIds));
}

/** Values by their ids, of those that are here. */
export function secretsOf(
  where: Where,
  siteId: string,
  secretIds: readonly string[],
): Readonly<Record<string, string>> {
  const kept = readKept(where, siteId);
  return Object.fromEntries(Object.entries(kept).filter(([secretId]) => secretIds.includes(secretId)));
}

/** Names of variables whose values are not here. */
export function missingSecrets(where: Where, siteId: string, app: SiteApp): string[] {
  const kept = readKept(where, siteId);
  return app.environment.flatMap((each) =>
    'secretId' in each && !Object.hasOwn(kept, each.secretId) ? [each.name] : [],
  );
}

export function checkSecrets(where: Where, siteId: string, app: SiteApp): void {
  const names = missingSecrets(where, siteId, app);
  if (names.length > 0)
    throw new AppError('invalid_request', 'The value of a secret variable is not on this machine.', {
      reason: 'app_secret_missing',
      params: { names: names.join(', ') },
    });
}

/**
 * Writes what the application of this place is started with, as the unit that lies there takes it. Values that are missing
 * are left out.
 */
export async function writeEnvironment(
  where: Pick<Machine, 'stateFolder' | 'prefix'>,
  { siteId, slug }: { readonly siteId: string; readonly slug: string },
  slot: Slot,
  app: SiteApp,
): Promise<void> {
  const kept = secretIdsOf(app).length === 0 ? {} : readKept(where, siteId);
  const variables = app.environment.flatMap((each): Variable[] => {
    if ('value' in each) return [each];
    const value = Object.hasOwn(kept, each.secretId) ? kept[each.secretId] : undefined;
    return value === undefined ? [] : [{ name: each.name, value }];
  });
  const path = environmentFile(where.stateFolder, siteId, slot);
  const before = isApart(readText(where.prefix + unitPath(unitName(slug, slot)))) ? givenVariable : '';
  const text = renderEnvironment(variables.map(({ name, value }) => ({ name: before + name, value })));
  if (readText(path, 4 * 1024 * 1024) === text) return;
  await put(where, siteId, path, text);
}

async function put(where: Where, siteId: string, path: string, text: string): Promise<void> {
  makeFolders(appFolderOf(where.stateFolder, siteId));
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(text), { mode: 0o600 }, 'app', unsynced);
  await unsynced.flush();
}

/** With the site go its secrets, at once and for good. */
export function dropSecrets({ stateFolder }: Where, siteId: string): void {
  const folder = appFolderOf(stateFolder, siteId);
  if (look(folder).type === 'folder') removeOwnFolder(folder);
}

/** Sites of which something is kept. */
export function sitesWithSecrets({ stateFolder }: Where): string[] {
  return listNames(`${stateFolder}/apps`).filter((name) => /^[a-z2-7]{16}$/.test(name));
}

/** A text without any value that is secret here: programs print what they were given. */
export function withoutSecrets(where: Where, siteId: string, text: string): string {
  let clean = text;
  // Shorter ones are too ordinary to be told from other words.
  for (const value of Object.values(readKept(where, siteId)))
    for (const line of value.split('\n')) if (line.length >= 6) clean = clean.replaceAll(line, '••••••');
  return clean;
}
