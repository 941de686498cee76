/** An IPv4 or IPv6 address as a number with its width; undefined when it is none. */
type Address = { readonly bits: 32 | 128; readonly value: bigint };

function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

function parseIpv6(text: string): Address | undefined {
  const [, head = text, ipv4] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
  let plain = text;
  if (ipv4 !== undefined) {
    const last = parseIpv4(ipv4);
    if (last === undefined) return undefined;
    plain = `${head}${(last.value >> 16n).toString(16)}:${(last.value & 0xffffn).toString(16)}`;
  }
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string | undefined): string[] => (half === undefined || half === '' ? [] : half.split(':'));
  const [left, right] = [groupsOf(halves[0]), groupsOf(halves[1])];
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const value = groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
  // `::ffff:192.0.2.1` is the IPv4 address behind it.
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

type Range = { readonly address: Address; readonly length: number };

function parseRange(text: string): Range | undefined {
  const [host = '', prefix, ...rest] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  if (prefix === undefined) return { address, length: address.bits };
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : 999;
  return length <= address.bits ? { address, length } : undefined;
}

/** Whether this is an address or a network in CIDR form. */
export function isRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/** Whether a range lets this address in. */
export function isWithin(address: string, range: string): boolean {
  const one = parseAddress(address);
  const many = parseRange(range);
  if (one === undefined || many === undefined || one.bits !== many.address.bits) return false;
  const shift = BigInt(one.bits - many.length);
  return one.value >> shift === many.address.value >> shift;
}

/** Loopback always may come in. */
export function isLoopback(address: string): boolean {
  return isWithin(address, '127.0.0.0/8') || isWithin(address, '::1');
}

/** Lines of a text field, without blanks and empty ones. */
export function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
