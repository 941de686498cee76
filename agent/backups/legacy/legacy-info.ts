import { AppError } from '#shared/errors.ts';

/*
 * The text beside an archive of the earlier panel: lines `Name: value`. Version 2 says so and carries SHA-256 and HMAC;
 * version 1 has an MD5 sum and nothing else. What is neither, or a mixture, is refused.
 */

export type LegacyInfo =
  | {
      readonly version: 'v2';
      readonly sizeBytes: number;
      readonly sha256: string;
      readonly hmac: string;
      readonly name: string;
    }
  | { readonly version: 'v1'; readonly sizeBytes: number; readonly md5: string; readonly name: string };

const longest = 16 * 1024;

export function legacyForm(cause: string): AppError {
  return new AppError('invalid_request', 'This is no whole backup of the earlier panel.', {
    reason: 'backup_legacy_form',
    cause,
  });
}

/** Throws `backup_legacy_form`. */
export function parseLegacyInfo(text: string): LegacyInfo {
  if (text.length > longest) throw legacyForm('the text is too long');
  const lines = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const found = /^\s*([A-Za-z][A-Za-z0-9 _-]{0,40}?)\s*:\s*(.*?)\s*$/.exec(line);
    if (found === null) continue;
    const key = (found[1] ?? '').toLowerCase().replace(/[ _-]/g, '');
    if (lines.has(key)) throw legacyForm(`${key} stands twice`);
    lines.set(key, found[2] ?? '');
  }
  const size = /^(\d{1,15})(?:\s*bytes)?$/i.exec(lines.get('size') ?? '')?.[1];
  if (size === undefined) throw legacyForm('the size is missing');
  for (const each of ['backupname', 'created', 'environment', 'databasetype'])
    if ((lines.get(each) ?? '') === '') throw legacyForm(`${each} is missing`);
  const common = { sizeBytes: Number(size), name: (lines.get('backupname') ?? '').slice(0, 200) };
  const sums = { sha256: lines.get('sha256'), hmac: lines.get('hmacsha256'), md5: lines.get('md5') };
  const format = lines.get('format')?.toLowerCase();
  if (format === 'v2') {
    const { sha256, hmac } = sums;
    if (sums.md5 !== undefined || !isHex(sha256, 64) || !isHex(hmac, 64))
      throw legacyForm('the sums of v2 are missing');
    const algorithm = lines.get('algorithm') ?? '';
    if (!/sha-?256/i.test(algorithm)) throw legacyForm('the algorithm is another');
    return { version: 'v2', ...common, sha256: sha256.toLowerCase(), hmac: hmac.toLowerCase() };
  }
  const isV1 = format === undefined && sums.sha256 === undefined && sums.hmac === undefined && isHex(sums.md5, 32);
  if (!isV1 || sums.md5 === undefined) throw legacyForm('it is neither version');
  return { version: 'v1', ...common, md5: sums.md5.toLowerCase() };
}

function isHex(text: string | undefined, length: number): text is string {
  return text !== undefined && text.length === length && /^[0-9a-f]+$/i.test(text);
}
