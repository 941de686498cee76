import { AppError } from '#shared/errors.ts';
import { maxNameBytes } from '#shared/file-names.ts';

/*
 * Between the bytes of a name (here one character per byte, `latin1`) and its text in `shared/files.ts`.
 */

/** Where deleted things lie, in the site's folder: the one name that nobody works with by itself. */
export const binName = '.aapanel-bin';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const plain = /^[\u0020-\u005b\u005d-\u007e]*$/;
/** Control characters, line ends, and the sign of an escape. */
const escaped = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/g;

export function nameToText(bytes: string): string {
  if (plain.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const whole = decode(buffer);
  if (whole !== undefined) return escape(whole);
  let text = '';
  for (let at = 0; at < buffer.length; ) {
    const length = lengthOf(buffer[at] ?? 0);
    const part = length === 0 || at + length > buffer.length ? undefined : decode(buffer.subarray(at, at + length));
    text += part === undefined ? hex(buffer[at] ?? 0) : escape(part);
    at += part === undefined ? 1 : length;
  }
  return text;
}

/** Throws `file_name_invalid` for what cannot be a name of one entry. */
export function textToName(text: string): string {
  const bytes = Buffer.concat(
    Array.from(text.matchAll(/\\\\|\\x([0-9a-f]{2})|[^\\]+|\\/g), ([token, code]) => {
      if (code !== undefined) return Buffer.from([Number.parseInt(code, 16)]);
      return Buffer.from(token === '\\\\' ? '\\' : token);
    }),
  );
  const name = bytes.toString('latin1');
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0'))
    throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: text } });
  if (bytes.length > maxNameBytes)
    throw new AppError('invalid_request', 'The name is too long.', {
      reason: 'file_name_long',
      params: { name: text.slice(0, 60), most: maxNameBytes },
    });
  return name;
}

/** The names of a path. The recycle bin is not one of them: it answers like something that is not there. */
export function textToParts(path: string): string[] {
  const parts = path === '' ? [] : path.split('/').map(textToName);
  if (parts[0] === binName)
    throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: binName } });
  return parts;
}

export function partsToText(parts: readonly string[]): string {
  return parts.map(nameToText).join('/');
}

function decode(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function escape(text: string): string {
  return text.replace(escaped, (character) =>
    character === '\\' ? '\\\\' : Array.from(Buffer.from(character), hex).join(''),
  );
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

/** Bytes of the character that begins with this one; 0: none does. */
function lengthOf(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 0;
}
