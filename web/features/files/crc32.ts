/*
 * CRC-32 (ISO 3309, the one of gzip and ZIP) of bytes that come piece by piece: what the other side compares an upload with. In a
 * page it takes a tenth of the time that SHA-256 takes, of which the browser's own knows only a whole that is held in memory.
 */

const polynomial = 0xedb88320;
/** Bytes that are taken at once ("slicing by 8", Kounavis and Berry, 2005), and entries of the table for each. */
const slices = 8;
const entries = 256;
const table = new Int32Array(slices * entries);
for (let byte = 0; byte < entries; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1;
  table[byte] = value;
}
for (let index = entries; index < table.length; index++) {
  const before = table[index - entries] as number;
  table[index] = (before >>> 8) ^ (table[before & 0xff] as number);
}

/** The sum of what `sum` is of, 0 for nothing, and of these bytes behind it. */
export function addCrc32(sum: number, bytes: Uint8Array): number {
  // A local name is known to be the same array in every round.
  const t = table;
  let crc = ~sum;
  let at = 0;
  for (const whole = bytes.length - (slices - 1); at < whole; at += slices) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t[1_792 + (crc & 0xff)] as number) ^
      (t[1_536 + ((crc >>> 8) & 0xff)] as number) ^
      (t[1_280 + ((crc >>> 16) & 0xff)] as number) ^
      (t[1_024 + (crc >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}
