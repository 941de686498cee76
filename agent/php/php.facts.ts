import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { wwwroot } from '#shared/site-folders.ts';
import type { Machine } from '../core/machine.ts';
import { hasEnded } from '../sites/site-end.ts';
import { findFpm, versionMissing } from './php.versions.ts';

/** Refuses facts of PHP that can never be right. A site that is switched off or has ended needs no PHP on the machine. */
export function checkPhp(machine: Machine, spec: SiteSpec): void {
  const { php, kind, slug, root, isEnabled, reach } = spec;
  if ((kind === 'php') !== (php !== null)) throw phpError('php', kind === 'php' ? 'required' : 'php_not_for_kind');
  if (php === null) return;
  php.openFolders.forEach((folder, index) => {
    // The folder of this name is the site's alone: no other site's may lie in it.
    const isOwn = [root, `${wwwroot}/${slug}`].some((own) => folder === own || folder.startsWith(`${own}/`));
    if (!isOwn) throw phpError(`php.openFolders.${index}`, 'php_open_folder_outside');
  });
  if (isEnabled && !hasEnded(reach, machine.now()) && findFpm(machine.prefix, php.version) === undefined)
    throw versionMissing(php.version);
}

function phpError(field: string, code: string): AppError {
  return new AppError('invalid_request', 'The PHP settings of the site are not allowed.', {
    fields: [{ field, code }],
  });
}
