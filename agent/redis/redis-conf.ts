import { readText } from '../core/files.ts';

/** What of Redis's own configuration says how somebody comes in; root alone writes it. */
export type RedisConf = {
  /** 0: it does not listen on TCP. */
  readonly port: number;
  /** null: none. */
  readonly socketPath: string | null;
  /** null: nobody is asked for one. */
  readonly password: string | null;
};

const confPaths = ['/etc/redis/redis.conf', '/etc/redis.conf'];

/** The last line of each name counts, as for Redis. What it includes is not followed. */
export function readRedisConf(prefix: string): RedisConf {
  const text = confPaths.map((path) => readText(prefix + path)).find((each) => each !== undefined) ?? '';
  const said = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\s*(port|unixsocket|requirepass)\s+(.+?)\s*$/i.exec(line);
    if (found !== null) said.set((found[1] ?? '').toLowerCase(), unquoted(found[2] ?? ''));
  }
  const port = Number(said.get('port') ?? '6379');
  return {
    port: Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0,
    socketPath: said.get('unixsocket') || null,
    password: said.get('requirepass') || null,
  };
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\u0007' };

/** As `sdssplitargs` of Redis reads one word; https://redis.io/docs/latest/operate/oss_and_stack/management/config/ */
function unquoted(word: string): string {
  if (word.startsWith("'")) return (/^'((?:\\'|[^'])*)'/.exec(word)?.[1] ?? '').replaceAll("\\'", "'");
  if (!word.startsWith('"')) return word.split(/\s/)[0] ?? '';
  const inside = /^"((?:\\.|[^"\\])*)"/.exec(word)?.[1] ?? '';
  return inside.replaceAll(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, sign: string | undefined) =>
    hex === undefined ? (escapes[sign ?? ''] ?? sign ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
