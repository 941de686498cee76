/*
 * The little of tar that is written here, in the POSIX form; a name that is too long for the old header goes into an
 * extended one.
 */

export const tarBlock = 512;
/** What stands at the end of every archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlock);

/** `path`: raw bytes, one per character, without a slash at its end. */
export function folderHeader(path: string): Buffer {
  return headerOf(`${path}/`, '5', 0, 0o755);
}

/** A file of `size` bytes; its content follows, padded to whole blocks. */
export function fileHeader(path: string, size: number): Buffer {
  return headerOf(path, '0', size, 0o600);
}

export function paddingOf(size: number): Buffer {
  return Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock);
}

function headerOf(name: string, type: string, size: number, mode: number): Buffer {
  if (name.length <= 100) return header(name, type, size, mode);
  const record = paxRecord('path', name);
  return Buffer.concat([
    header('pax', 'x', record.length, 0o644),
    record,
    paddingOf(record.length),
    header(name.slice(0, 99), type, size, mode),
  ]);
}

function header(name: string, type: string, size: number, mode: number): Buffer {
  const bytes = Buffer.alloc(tarBlock);
  const put = (text: string, at: number): void => void bytes.write(text, at, 'latin1');
  put(name, 0);
  put(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** `<length of it all> <key>=<value>\n`. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.from(`${length}${rest}`, 'latin1');
}
