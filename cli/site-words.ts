import { CommandError, type CommandContext } from './command.ts';
import { Refused } from './panel-api.ts';
import type { TextKey } from './texts.ts';

/** Sentences for what happens most; the rest is said in the panel's own words, with its key. */
const sentences: Readonly<Record<string, TextKey>> = {
  all_sites_needed: 'siteAllSites',
  database_exists: 'siteDatabaseTaken',
  database_unknown: 'siteDatabaseUnknown',
  disk_full: 'siteDiskFull',
  copy_no_space: 'siteDiskFull',
  domain_taken: 'siteDomainTaken',
  elevation_required: 'siteElevation',
  not_allowed: 'siteNotAllowed',
  not_signed_in: 'siteTokenWrong',
  php_version_missing: 'sitePhpMissing',
  site_certificate_invalid: 'siteCertificateRefused',
  site_export_certificate: 'siteCertificateRefused',
  site_export_deployed: 'siteDeployed',
  site_export_under_way: 'siteUnderWay',
  site_file_changed: 'siteFileChanged',
  site_file_damaged: 'siteFileDamaged',
  site_file_locked: 'siteFileLocked',
  site_file_passphrase: 'siteFilePassphrase',
  site_file_unknown: 'siteFileUnknown',
};

/** What the panel refused with, as a sentence with the key that docs and logs know it by. */
export function refusalText(
  ctx: CommandContext,
  { code, reason, message, params, fields }: Pick<Refused, 'code' | 'reason' | 'message' | 'params' | 'fields'>,
): string {
  const name = reason ?? code;
  const key = sentences[name];
  const values = [
    ...Object.values(params).filter((each) => typeof each === 'string' || typeof each === 'number'),
    ...fields,
  ];
  const facts = values.length === 0 ? '' : `: ${values.map((each) => oneLine(String(each))).join(', ')}`;
  return `${key === undefined ? oneLine(message) : ctx.text(key)} (${name}${facts})`;
}

/** Every refusal of the panel as a sentence for the person. */
export async function inSentences<T>(ctx: CommandContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Refused ? new CommandError(refusalText(ctx, error)) : error;
  }
}

/** Text of strangers: nothing that a terminal would obey. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '?').slice(0, 300);
}

/** Says how far it is, each tenth once. */
export function progressOf(say: (line: string) => void, words: string): (percent: number | null) => void {
  let shown = -1;
  return (percent) => {
    const tenth = percent === null ? -1 : Math.floor(percent / 10) * 10;
    if (tenth <= shown) return;
    shown = tenth;
    say(`· ${words} ${tenth} %`);
  };
}
