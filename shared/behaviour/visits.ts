/** One request that somebody wonders about. */
export type Visit = {
  readonly scheme: 'http' | 'https';
  /** As nginx sees it: lower case, ASCII. */
  readonly host: string;
  readonly port: number;
  /** As it stands in the request line, without the query. */
  readonly rawPath: string;
  /** Decoded and cleaned, as rules are compared with it. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  readonly method: string;
  /** The visitor's; an address that nobody has is in no network. */
  readonly address: string;
  readonly agent: string;
  /** Empty: none was sent. */
  readonly referer: string;
  readonly origin: string;
  /** Epoch ms. */
  readonly at: number;
};

export type VisitInput = Partial<Pick<Visit, 'method' | 'address' | 'agent' | 'referer' | 'origin'>> & {
  readonly url: string;
  readonly at: number;
};

/** undefined: the text is no address of the web, or one that nginx refuses. */
export function readVisit({ url, at, ...more }: VisitInput): Visit | undefined {
  let read: URL;
  try {
    read = new URL(url);
  } catch {
    return undefined;
  }
  const scheme = read.protocol === 'https:' ? 'https' : read.protocol === 'http:' ? 'http' : undefined;
  if (scheme === undefined || read.username !== '' || read.password !== '') return undefined;
  const path = cleanPath(read.pathname);
  if (path === undefined) return undefined;
  return {
    scheme,
    host: read.hostname.replace(/\.$/, ''),
    port: read.port === '' ? (scheme === 'https' ? 443 : 80) : Number(read.port),
    rawPath: read.pathname,
    path,
    query: read.search,
    method: more.method ?? 'GET',
    address: more.address ?? '203.0.113.1',
    agent: more.agent ?? '',
    referer: more.referer ?? '',
    origin: more.origin ?? '',
    at,
  };
}

/** As nginx does: decoded once, slashes one, dots gone. */
function cleanPath(raw: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  if (path.includes('\0')) return undefined;
  const parts: string[] = [];
  const given = path.replaceAll(/\/+/g, '/').split('/').slice(1);
  for (const [index, part] of given.entries()) {
    const isLast = index === given.length - 1;
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '.' && part !== '..') parts.push(part);
    else if (isLast) parts.push('');
  }
  return `/${parts.join('/')}`;
}
