import { isAbsolute } from 'node:path';
import { isIP } from 'node:net';
import type { Text } from './findings.ts';

/** The rule of one variable: turns text into a typed value or says why not. */
export type Rule<T> = {
  /** `value` undefined means refused; the finding quotes `allowed`, never the given text. */
  parse(text: string): { value: T } | undefined;
  /** What may be written, for messages, examples and the reference page. */
  readonly allowed: Text;
};

/** CR, LF, NUL and other control characters have no business in any setting. */
const hasControlCharacter = /[\u0000-\u001f\u007f\u2028\u2029]/;

export function integer(min: number, max: number): Rule<number> {
  return {
    parse(text) {
      if (!/^[0-9]{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? { value } : undefined;
    },
    allowed: { ar: `عدد صحيح من ${min} إلى ${max}`, en: `an integer from ${min} to ${max}` },
  };
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

export function boolean(): Rule<boolean> {
  return {
    parse(text) {
      const value = booleans[text.toLowerCase()];
      return value === undefined ? undefined : { value };
    },
    allowed: { ar: 'true أو false', en: 'true or false' },
  };
}

/** Spelling (lower case) → value. */
export function choice<const T extends string>(spellings: Readonly<Record<string, T>>): Rule<T> {
  const names = Object.keys(spellings).join(', ');
  return {
    parse(text) {
      const key = text.toLowerCase();
      const value = Object.hasOwn(spellings, key) ? spellings[key] : undefined;
      return value === undefined ? undefined : { value };
    },
    allowed: { ar: names, en: names },
  };
}

export function text(maxLength: number, pattern?: RegExp, allowed?: Text): Rule<string> {
  return {
    parse(value) {
      if (value.length > maxLength || hasControlCharacter.test(value)) return undefined;
      return pattern === undefined || pattern.test(value) ? { value } : undefined;
    },
    allowed: allowed ?? {
      ar: `نص من سطر واحد لا يتجاوز ${maxLength} محرفًا`,
      en: `one line of text, at most ${maxLength} characters`,
    },
  };
}

/** A path; relative ones are taken from the working directory. */
export function path(): Rule<string> {
  return {
    parse: (value) => (value.length <= 1024 && !hasControlCharacter.test(value) ? { value } : undefined),
    allowed: { ar: 'مسار ملف أو مجلد', en: 'a path of a file or folder' },
  };
}

export function absolutePath(): Rule<string> {
  return {
    parse: (value) =>
      value.length <= 1024 && !hasControlCharacter.test(value) && isAbsolute(value) ? { value } : undefined,
    allowed: { ar: 'مسار مطلق يبدأ بـ /', en: 'an absolute path' },
  };
}

/** Comma list, items trimmed, empty items dropped; one bad item refuses the list. */
export function list<T>(item: Rule<T>): Rule<readonly T[]> {
  return {
    parse(text) {
      const values: T[] = [];
      for (const part of text.split(',').map((entry) => entry.trim())) {
        if (part === '') continue;
        const parsed = item.parse(part);
        if (parsed === undefined) return undefined;
        values.push(parsed.value);
      }
      return { value: values };
    },
    allowed: { ar: `قائمة تفصل بينها فواصل، وكل عنصر: ${item.allowed.ar}`, en: `comma list of: ${item.allowed.en}` },
  };
}

/** Scheme, host and port of a web address, normalised (`https://panel.example.com`). */
export function origin(): Rule<string> {
  return {
    parse(text) {
      const url = parseUrl(text);
      if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
      if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
      return url.pathname === '/' ? { value: url.origin } : undefined;
    },
    allowed: {
      ar: 'عنوان ويب بلا مسار، مثل https://panel.example.com',
      en: 'a web origin without a path, such as https://panel.example.com',
    },
  };
}

/** A URL with one of the schemes (without colon) and a host. */
export function urlOf(schemes: readonly string[]): Rule<string> {
  const names = schemes.map((scheme) => `${scheme}://`).join(', ');
  return {
    parse(text) {
      const url = parseUrl(text);
      if (url === undefined || !schemes.includes(url.protocol.slice(0, -1)) || url.hostname === '') return undefined;
      return { value: text };
    },
    allowed: { ar: `عنوان يبدأ بـ ${names}`, en: `a URL starting with ${names}` },
  };
}

/** Host name, IPv4 or IPv6 address. */
export function host(): Rule<string> {
  const name =
    /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/;
  return {
    parse(text) {
      const looksLikeAddress = /^[0-9.]+$/.test(text) || text.includes(':');
      const isValid = looksLikeAddress ? isIP(text) !== 0 : name.test(text);
      return isValid ? { value: text } : undefined;
    },
    allowed: { ar: 'اسم مضيف أو عنوان IP', en: 'a host name or an IP address' },
  };
}

/** One address or a CIDR range. */
export function addressRange(): Rule<string> {
  return {
    parse(text) {
      const [address = '', bits, ...rest] = text.split('/');
      const family = isIP(address);
      if (family === 0 || rest.length > 0) return undefined;
      if (bits === undefined) return { value: text };
      const isInRange = /^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
      return isInRange ? { value: text } : undefined;
    },
    allowed: { ar: 'عنوان IP أو نطاق CIDR', en: 'an IP address or a CIDR range' },
  };
}

/** WHATWG parsing drops tabs and line breaks silently: refuse them first. */
function parseUrl(text: string): URL | undefined {
  if (text.length > 2048 || hasControlCharacter.test(text) || text.includes(' ')) return undefined;
  return URL.canParse(text) ? new URL(text) : undefined;
}
