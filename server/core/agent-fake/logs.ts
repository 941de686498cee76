import type { LogKind } from '#shared/sites.ts';

/** A request comes in every so often. */
const everyMs = 1_500;
const maxLines = 500;

const visitors = ['203.0.113.7', '198.51.100.24', '2001:db8::51', '192.0.2.140'];
const requests = [
  'GET / HTTP/1.1" 200 1284',
  'GET /style.css HTTP/1.1" 200 5120',
  'GET /favicon.ico HTTP/1.1" 404 153',
];

/** Lines that grow with time; the cursor is `1:<number of lines read>`. */
export function readFakeLog({
  kind,
  worker,
  instance,
  cursor,
  search,
  createdAt,
  host,
}: {
  readonly kind: LogKind;
  readonly worker?: string | undefined;
  readonly instance?: number | undefined;
  readonly cursor: string | null;
  readonly search: string;
  /** undefined: there is no such site. */
  readonly createdAt: number | undefined;
  readonly host: string;
}): { lines: string[]; cursor: string; isTruncated: boolean } {
  const count =
    createdAt === undefined ? 0 : Math.floor((Date.now() - createdAt) / (kind === 'access' ? everyMs : everyMs * 20));
  const read = Math.min(count, Number(cursor?.split(':')[1] ?? 0));
  const from = Math.max(read, count - maxLines);
  const lines = Array.from({ length: count - from }, (_, index) =>
    lineOf({ kind, worker, instance }, from + index, (createdAt ?? 0) + (from + index) * everyMs, host),
  );
  return {
    lines: search === '' ? lines : lines.filter((line) => line.toLowerCase().includes(search.toLowerCase())),
    cursor: `1:${count}`,
    isTruncated: from > read,
  };
}

function lineOf(
  {
    kind,
    worker,
    instance = 1,
  }: { readonly kind: LogKind; readonly worker: string | undefined; readonly instance: number | undefined },
  number: number,
  at: number,
  host: string,
): string {
  const visitor = visitors[number % visitors.length] ?? '';
  const time = new Date(at).toISOString().slice(0, 19);
  if (kind === 'php')
    return `[${time.replace('T', ' ')} UTC] PHP Warning:  Undefined variable $visitor in /www/wwwroot/${host}/index.php on line 12`;
  if (kind === 'app' && worker !== undefined) return `${time}Z ${worker}: job ${number} done`;
  if (kind === 'app' && instance > 1) return `${time}Z GET /orders/${number} 200 ${instance} ms`;
  if (kind === 'app') return `${time}Z GET /orders 200 ${number % 40} ms`;
  if (kind === 'slow')
    return `[${time.replace('T', ' ')}]  [pool aapanel-${host}] pid 812 script_filename = /www/wwwroot/${host}/index.php`;
  if (kind === 'error') {
    return `${time.replaceAll('-', '/').replace('T', ' ')} [error] 812#812: *${number} open() "/www/wwwroot/${host}/favicon.ico" failed (2: No such file or directory), client: ${visitor}`;
  }
  return `${visitor} - - [${time}+00:00] "${requests[number % requests.length] ?? ''} "-" "Mozilla/5.0"`;
}
