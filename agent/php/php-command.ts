import { look, makeFolders, putLink, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram } from '../core/run.ts';
import type { SiteRecord } from '../sites/site-records.ts';

/*
 * `php` as a command of a site's user is the version of the site: for each version a folder with that one name, which stands
 * first in PATH of whatever is started for the site. By the site's record, so it changes with the version and goes back with
 * it; nothing of it belongs to one site, and all of it is gone with the next start of the machine.
 */

type Where = Pick<Machine, 'prefix'>;
type Facts = Pick<SiteRecord, 'settings'> | undefined;

function commandOf({ prefix }: Where, record: Facts): { folder: string; program: string } | undefined {
  const version = record?.settings?.php?.version;
  const program = version === undefined ? undefined : findProgram(`php${version}`, prefix);
  return program === undefined ? undefined : { folder: `${prefix}/run/aapanel-php/${version}`, program };
}

/** The folder, made where it is not there yet; none for a site without PHP, and where the version has no command. */
export function readyPhpFolder(where: Where, record: Facts): string[] {
  const command = commandOf(where, record);
  if (command === undefined) return [];
  const { folder, program } = command;
  const link = `${folder}/php`;
  const found = look(link);
  if (found.type === 'link' && found.target === program) return [folder];
  makeFolders(folder, 0o755);
  const unsynced = new Unsynced();
  putLink(link, program, 'php', unsynced);
  // Below /run nothing has to outlive a power cut.
  unsynced.drop();
  return [folder];
}
