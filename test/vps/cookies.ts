// The cookies of a visitor in a file of curl's form, which the programs of some tests read too.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

type Cookie = {
  readonly host: string;
  readonly path: string;
  readonly isSecure: boolean;
  /** Seconds since 1970; 0: with the session. */
  readonly expires: number;
  readonly name: string;
  readonly value: string;
};

const mark = '#HttpOnly_';

function read(file: string): Cookie[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [host = '', , path = '/', secure, expires, name = '', value = ''] = line.replace(mark, '').split('\t');
    const isOne = name !== '' && (line.startsWith(mark) || !line.startsWith('#'));
    return isOne ? [{ host, path, isSecure: secure === 'TRUE', expires: Number(expires), name, value }] : [];
  });
}

/** The value of the header `Cookie` for this address; empty without one. */
export function cookiesFor(file: string, address: string): string {
  const { hostname, protocol, pathname } = new URL(address);
  return read(file)
    .filter(({ host, expires }) => host === hostname && (expires === 0 || expires * 1000 > Date.now()))
    .filter(({ isSecure }) => !isSecure || protocol === 'https:')
    .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');
}

/** Keeps what an answer of this address set: `lines` are its headers `Set-Cookie`. */
export function keepCookies(file: string, address: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const { hostname, protocol } = new URL(address);
  let kept = read(file);
  for (const line of lines) {
    const cookie = parse(line, hostname);
    if (cookie.isSecure && protocol !== 'https:') continue;
    kept = kept.filter(({ host, name, path }) => host !== hostname || name !== cookie.name || path !== cookie.path);
    if (cookie.expires === 0 || cookie.expires * 1000 > Date.now()) kept.push(cookie);
  }
  const text = kept.map(({ host, path, isSecure, expires, name, value }) =>
    [mark + host, 'FALSE', path, isSecure ? 'TRUE' : 'FALSE', expires, name, value].join('\t'),
  );
  // Whoever reads it meanwhile has the old one or the new one.
  const part = `${file}.part`;
  writeFileSync(part, `# Netscape HTTP Cookie File\n${text.join('\n')}\n`);
  renameSync(part, file);
}

function parse(line: string, host: string): Cookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const settings = new Map(
    rest.map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.toLowerCase(), value.join('=')] as const;
    }),
  );
  if (settings.has('domain')) throw new Error(`a cookie of the panel is for its own name alone: ${line}`);
  const at = pair.indexOf('=');
  const maxAge = settings.get('max-age');
  const ends = settings.get('expires');
  let expires = 0;
  if (maxAge !== undefined) expires = Math.max(1, Math.floor(Date.now() / 1000) + Number(maxAge));
  else if (ends !== undefined) expires = Math.max(1, Math.floor(Date.parse(ends) / 1000));
  return {
    host,
    path: settings.get('path') ?? '/',
    isSecure: settings.has('secure'),
    expires,
    name: pair.slice(0, at),
    value: pair.slice(at + 1),
  };
}
