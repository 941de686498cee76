/* Decoding of RFC 3492; encoding is done by the browser's own URL parser. */

const [base, tMin, tMax, skew, damp] = [36, 1, 26, 38, 700];

/** `xn--mgbh0fb.com` → `مثال.com`. Names that do not decode, or do not encode back to the same, stay as they are. */
export function toUnicodeHost(ascii: string): string {
  if (!ascii.includes('xn--')) return ascii;
  const [, wildcard = '', host = ''] = /^(\*\.)?(.*)$/.exec(ascii) ?? [];
  try {
    const unicode = host
      .split('.')
      .map((label) => (label.startsWith('xn--') ? decode(label.slice(4)) : label))
      .join('.');
    return new URL(`http://${unicode}`).hostname === host ? wildcard + unicode : ascii;
  } catch {
    return ascii;
  }
}

function decode(label: string): string {
  const split = label.lastIndexOf('-');
  const points = Array.from(label.slice(0, Math.max(0, split)), (letter) => letter.charCodeAt(0));
  let [n, i, bias] = [128, 0, 72];
  for (let at = split + 1; at < label.length; ) {
    const before = i;
    for (let weight = 1, k = base; ; k += base, at += 1) {
      const digit = digitOf(label.charCodeAt(at));
      i += digit * weight;
      const threshold = Math.min(tMax, Math.max(tMin, k - bias));
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    at += 1;
    const length = points.length + 1;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    points.splice(i, 0, n);
    i += 1;
  }
  return String.fromCodePoint(...points);
}

function digitOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 48 && code <= 57) return code - 22;
  throw new RangeError('not punycode');
}

function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = isFirst ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((base - tMin) * tMax) >> 1; k += base) rest = Math.floor(rest / (base - tMin));
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}
