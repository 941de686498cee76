import type { TargetPlace, TargetSecret } from '#shared/backups.ts';
import { AppError } from '#shared/errors.ts';
import { siteSlugs, readSiteFacts } from './sources/site-facts.ts';
import { listPlans } from './plans.ts';
import type { BackupWork } from './work.ts';

type Where = Pick<BackupWork, 'folder' | 'prefix' | 'stateFolder'>;

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Throws `backup_target_place`, `backup_target_inside_source` or `invalid_request` for a place that cannot be one. */
export function checkPlace(where: Where, place: TargetPlace, secret: TargetSecret | null): void {
  if (place.kind === 's3' || place.kind === 'rest') checkUrl(place.kind === 's3' ? place.endpoint : place.url);
  if (place.kind === 'sftp' && secret !== null && secret.kind !== 'ssh_key') throw invalid('secret', 'required');
  if (place.kind !== 'local') return;
  const real = where.prefix + place.path;
  const closed = ['/www/server', '/proc', '/sys', '/dev', '/run', '/boot', '/etc', '/usr'].map(
    (path) => where.prefix + path,
  );
  for (const each of [...closed, where.stateFolder])
    if (isWithin(real, each) || isWithin(each, real)) throw refusedPlace('backup_target_place', place.path);
  for (const source of sourceFolders(where))
    if (isWithin(place.path, source)) throw refusedPlace('backup_target_inside_source', place.path);
}

/** Folders that some plan saves, as on the machine without prefix. */
function sourceFolders(where: Where): string[] {
  return listPlans(where.folder).flatMap(({ plan }) =>
    plan.sources.flatMap((source) => {
      if (source.kind === 'folder') return [source.path];
      if (source.kind === 'site') return readSiteFacts(where, source.slug)?.spec.root ?? [];
      if (source.kind !== 'all_sites') return [];
      return siteSlugs(where).flatMap((slug) => readSiteFacts(where, slug)?.spec.root ?? []);
    }),
  );
}

/** What is sent over plain http is anybody's: only to this machine itself. */
function checkUrl(text: string): void {
  const url = new URL(text);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !isHere) throw invalid('place', 'invalid');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw invalid('place', 'invalid');
}

function invalid(field: string, code: string): AppError {
  return new AppError('invalid_request', 'This cannot be a target.', { fields: [{ field, code }] });
}

function refusedPlace(reason: 'backup_target_place' | 'backup_target_inside_source', path: string): AppError {
  return new AppError('not_allowed', 'Backups cannot be kept there.', { reason, params: { path } });
}
