import type { AapanelFlag, AapanelReport } from '#shared/aapanel.ts';
import { AppError } from '#shared/errors.ts';
import { errnoOf, listNames, look, readText } from '../core/files.ts';

/*
 * Files of one value in the old panel's `data`: how the panel itself is reached. The doors of this one are set here, so they
 * are shown and never taken over; what nobody here knows is named. Values of others than these are not read: some are secrets.
 */

const known: Readonly<Record<string, AapanelFlag['code']>> = {
  'admin_path.pl': 'entry',
  'domain.conf': 'domain',
  'limitip.conf': 'addresses',
  'port.pl': 'port',
};
const mostBytes = 4 * 1024;
const mostUnknown = 300;

export function readFlags(folder: string): AapanelReport['flags'] {
  const names = namesIn(folder);
  const flags = Object.entries(known).flatMap(([file, code]): AapanelFlag[] => {
    if (!names.includes(file)) return [];
    // The secret path is a key to the old panel.
    return [{ file, code, value: code === 'entry' ? null : valueIn(`${folder}/${file}`) }];
  });
  return { flags, unknown: names.filter((name) => known[name] === undefined).slice(0, mostUnknown) };
}

function namesIn(folder: string): string[] {
  try {
    return listNames(folder)
      .filter((name) => /^[\w.-]{1,100}\.(?:pl|conf)$/.test(name) && look(`${folder}/${name}`).type === 'file')
      .sort();
  } catch (error) {
    if (error instanceof AppError || ['ENOTDIR', 'EACCES'].includes(errnoOf(error))) return [];
    throw error;
  }
}

/** null: nothing that could be shown. */
function valueIn(path: string): string | null {
  try {
    const text = (readText(path, mostBytes) ?? '').trim();
    return /^[\w.,:/ *-]{1,500}$/.test(text) ? text : null;
  } catch (error) {
    if (error instanceof AppError || ['ENOTDIR', 'EISDIR', 'EACCES'].includes(errnoOf(error))) return null;
    throw error;
  }
}
