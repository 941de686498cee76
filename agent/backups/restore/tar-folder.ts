/*
 * The one thing of tar that is written here: a folder, as the POSIX form has it, with its name in an extended header when
 * it is too long for the old one.
 */

const block = 512;

/** `path`: raw bytes, one per character, without a slash at its end. */
export function folderHeader(path: string): Buffer {
  const name = `${path}/`;
  if (name.length <= 100) return header(name, '5', 0);
  const record = paxRecord('path', name);
  const body = Buffer.alloc(Math.ceil(record.length / block) * block);
  record.copy(body);
  return Buffer.concat([header('pax', 'x', record.length), body, header(name.slice(0, 99), '5', 0)]);
}

function header(name: string, type: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const put = (text: string, at: number): void => void bytes.write(text, at, 'latin1');
  put(name, 0);
  put('0000755\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put('ustar\0' + '00', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** `<length of it all> <key>=<value>\n`. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.from(`${length}${rest}`, 'latin1');
}
