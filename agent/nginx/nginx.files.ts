import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { errnoOf, listNames } from '../core/files.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { parseDirectives, TokenError, type Directive } from './nginx.tokens.ts';

/** Where nginx's files lie; all paths already behind the prefix. */
export function nginxPaths(prefix: string) {
  const etc = `${prefix}/etc/nginx`;
  return {
    etc,
    main: `${etc}/nginx.conf`,
    shared: `${etc}/conf.d/aapanel.conf`,
    /** Answers challenges for the panel's own name; read after `shared`, so that a site of the name comes first. */
    panel: `${etc}/conf.d/aapanel_panel.conf`,
    own: `${etc}/aapanel`,
    sites: `${etc}/aapanel/sites`,
    custom: `${etc}/aapanel/custom`,
    enabled: `${etc}/aapanel/enabled`,
    /** Who may enter locked paths: hashes, for nginx's own user alone. */
    passwords: `${etc}/aapanel/passwords`,
    /** Lies beside nginx.conf, since nginx looks for relative includes there; read by nobody but `nginx -t -c`. */
    candidate: `${etc}/.aapanel-candidate.conf`,
    site: (slug: string) => `${etc}/aapanel/sites/${slug}.conf`,
    customOf: (slug: string) => `${etc}/aapanel/custom/${slug}.conf`,
    link: (slug: string) => `${etc}/aapanel/enabled/${slug}.conf`,
  };
}

type Parsed = { readonly stamp: string; readonly text: string; readonly directives: readonly Directive[] | null };
const cache = new Map<string, Parsed>();

/** A configuration file that others wrote, read again only when it has changed. Links are followed: they are root's. */
export function readConfig(path: string): { text: string; directives: readonly Directive[] | null } | undefined {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > 4 * 1024 * 1024) return undefined;
    const stamp = `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
    const known = cache.get(path);
    if (known?.stamp === stamp) return known;
    const text = readFileSync(path, 'utf8');
    const parsed = { stamp, text, directives: tryParse(text) };
    if (cache.size > 2_000) cache.clear();
    cache.set(path, parsed);
    return parsed;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'].includes(errnoOf(error))) return undefined;
    throw error;
  }
}

function tryParse(text: string): Directive[] | null {
  try {
    return parseDirectives(text);
  } catch (error) {
    if (error instanceof TokenError) return null;
    throw error;
  }
}

/** Files that an include pattern takes in, sorted as nginx does. Patterns stand in the last part of a path only. */
export function expandInclude(pattern: string, etc: string): string[] {
  const path = pattern.startsWith('/') ? pattern : `${etc}/${pattern}`;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const last = basename(path);
  if (!/[*?[]/.test(path)) return [path];
  if (/[*?[]/.test(folder)) return [];
  const matches = patternOf(last);
  try {
    return readdirSync(folder)
      .filter((name) => (!name.startsWith('.') || last.startsWith('.')) && matches.test(name))
      .sort()
      .map((name) => `${folder}/${name}`);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error))) return [];
    throw error;
  }
}

export function isIncludedBy(pattern: string, path: string, etc: string): boolean {
  const whole = pattern.startsWith('/') ? pattern : `${etc}/${pattern}`;
  const folder = whole.slice(0, whole.lastIndexOf('/'));
  return folder === path.slice(0, path.lastIndexOf('/')) && patternOf(basename(whole)).test(basename(path));
}

function patternOf(glob: string): RegExp {
  const text = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    return new RegExp(`^${text}$`);
  } catch {
    return /^(?!)/;
  }
}

/** Slugs whose link nginx takes in. */
export function enabledSlugs(prefix: string): string[] {
  return listNames(nginxPaths(prefix).enabled).flatMap((name) => /^([^.].*)\.conf$/.exec(name)?.[1] ?? []);
}

/** Every directive nginx reads with the file it stands in, ours left out. Nested includes are followed. */
export function* allDirectives(prefix: string): Generator<{ directive: Directive; file: string }> {
  const { main, etc, shared, own, panel } = nginxPaths(prefix);
  const seen = new Set<string>();
  function* walk(file: string, depth: number): Generator<{ directive: Directive; file: string }> {
    if (depth > 8 || seen.size > 5_000 || seen.has(file)) return;
    if (file === shared || file === panel || file.startsWith(`${own}/`)) return;
    seen.add(file);
    yield* each(readConfig(file)?.directives ?? [], file, depth);
  }
  function* each(
    list: readonly Directive[],
    file: string,
    depth: number,
  ): Generator<{ directive: Directive; file: string }> {
    for (const directive of list) {
      yield { directive, file };
      if (directive.name === 'include' && directive.args[0] !== undefined)
        for (const path of expandInclude(directive.args[0], etc)) yield* walk(path, depth + 1);
      // Servers are looked at whole by whoever wants them.
      if (directive.block !== null && ['http', 'events', 'stream'].includes(directive.name))
        yield* each(directive.block, file, depth);
    }
  }
  yield* walk(main, 0);
}

/** Where a server that others wrote says a name: the first place of it, as nginx takes that one too. */
export type NamePlace = { readonly file: string; readonly line: number };

/** `host:port` → its place, of every server that others wrote. */
export function foreignNames(prefix: string): Map<string, NamePlace> {
  const names = new Map<string, NamePlace>();
  const { etc } = nginxPaths(prefix);
  for (const { directive, file } of allDirectives(prefix)) {
    if (directive.name !== 'server' || directive.block === null) continue;
    const inner = withPlaces(directive.block, file, etc, 0);
    const listens = inner.filter((each) => each.name === 'listen').map(({ args }) => portOf(args[0] ?? ''));
    const ports = listens.length === 0 ? [80] : listens;
    for (const each of inner)
      if (each.name === 'server_name')
        for (const host of each.args.flatMap(namesIn))
          for (const port of ports)
            if (!names.has(`${host}:${port}`)) names.set(`${host}:${port}`, { file: each.file, line: each.line });
  }
  return names;
}

/** `.example.com` stands for the name and all below it. */
function namesIn(given: string): string[] {
  const host = given.toLowerCase();
  return host.startsWith('.') ? [host.slice(1), `*${host}`] : [host];
}

/** Somebody else's server is the default one of a port: nginx takes only one. */
export function hasForeignDefault(prefix: string, port: number): boolean {
  const { etc } = nginxPaths(prefix);
  for (const { directive, file } of allDirectives(prefix)) {
    if (directive.name !== 'server' || directive.block === null) continue;
    const listens = withPlaces(directive.block, file, etc, 0).filter(({ name }) => name === 'listen');
    const isDefault = ({ args }: Placed): boolean => args.includes('default_server') || args.includes('default');
    if (listens.some((listen) => isDefault(listen) && portOf(listen.args[0] ?? '') === port)) return true;
  }
  return false;
}

type Placed = Pick<Directive, 'name' | 'args' | 'line'> & { readonly file: string };

function withPlaces(list: readonly Directive[], file: string, etc: string, depth: number): Placed[] {
  return list.flatMap(({ name, args, line }) => {
    if (name !== 'include' || depth > 4) return [{ name, args, line, file }];
    const files = expandInclude(args[0] ?? '', etc);
    return files.flatMap((path) => withPlaces(readConfig(path)?.directives ?? [], path, etc, depth + 1));
  });
}

function portOf(listen: string): number {
  const port = /^(\d+)$/.exec(listen)?.[1] ?? /:(\d+)$/.exec(listen)?.[1];
  return port === undefined ? 80 : Number(port);
}

/** Facts of nginx.conf that we need, with Debian's defaults. */
export function mainFacts(prefix: string): {
  pidFile: string;
  errorLog: string;
  user: string;
  httpSettings: Set<string>;
} {
  const facts = { pidFile: '/run/nginx.pid', errorLog: '/var/log/nginx/error.log', user: 'www-data' };
  const httpSettings = new Set<string>();
  for (const { directive } of allDirectives(prefix)) {
    const first = directive.args[0];
    if (first === undefined) continue;
    if (directive.name === 'pid') facts.pidFile = first;
    if (directive.name === 'user') facts.user = first;
    if (/^(?:server_names|variables)_hash_/.test(directive.name)) httpSettings.add(directive.name);
  }
  for (const { name, args } of readConfig(nginxPaths(prefix).main)?.directives ?? [])
    if (name === 'error_log' && args[0] !== undefined) facts.errorLog = args[0];
  return { ...facts, httpSettings };
}
