import { AppError } from '#shared/errors.ts';
import { putFile, removeFile, Unsynced } from '../core/files.ts';
import { findProgram, run } from '../core/run.ts';
import { enabledSlugs, expandInclude, isIncludedBy, nginxPaths, readConfig } from './nginx.files.ts';
import type { Directive } from './nginx.tokens.ts';

/*
 * Asks nginx itself about a tree that does not exist yet: a main file of our own that takes in what the present one
 * does, with the candidate in the place of the site's file. The live files are not touched, so no crash can leave a
 * refused text where nginx would read it.
 */

export type Complaint = { readonly message: string; readonly file: string | null; readonly line: number | null };

export function findNginx(prefix: string): string | undefined {
  return findProgram('nginx', prefix);
}

/** The complaint of `nginx -t` about a main file; undefined when it passes. */
export async function askNginx(prefix: string, mainFile: string, timeoutMs = 15_000): Promise<Complaint | undefined> {
  const nginx = findNginx(prefix);
  if (nginx === undefined) return undefined;
  const { code, stderr, isTimedOut } = await run(nginx, ['-t', '-q', '-c', mainFile], { timeoutMs });
  if (code === 0) return undefined;
  if (isTimedOut) return { message: 'nginx -t did not end in time', file: null, line: null };
  // `nginx: [emerg] …`, or with time and process where its log is standard error by default (Debian 12).
  const words = /\[(?:emerg|crit)\] (?:\d+#\d+: )?(.*)/.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1) ?? '';
  const place = / in (\/.*):(\d+)$/.exec(words);
  return {
    message: words.slice(0, 4096) || `nginx -t ended with ${code ?? 'a signal'}`,
    file: place?.[1] ?? null,
    line: place?.[2] === undefined ? null : Number(place[2]),
  };
}

export type Candidate = {
  /** Text of the shared file. */
  readonly shared: string;
  readonly slug: string | null;
  /** File to read in the place of the site's link; null: the site is not served. */
  readonly siteFile: string | null;
  /** Sites that are set aside together with this change. */
  readonly without: ReadonlySet<string>;
};

/** Asks about the tree as it would be. */
export async function askAboutCandidate(prefix: string, candidate: Candidate): Promise<Complaint | undefined> {
  const { candidate: path } = nginxPaths(prefix);
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(candidateText(prefix, candidate)), { mode: 0o600 }, 'check', unsynced);
  unsynced.drop();
  try {
    return await askNginx(prefix, path);
  } finally {
    removeFile(path);
  }
}

function candidateText(prefix: string, { shared, slug, siteFile, without }: Candidate): string {
  const paths = nginxPaths(prefix);
  const main = readConfig(paths.main);
  if (main === undefined || main.directives === null)
    throw brokenElsewhere({ message: 'nginx.conf cannot be read', file: paths.main, line: 1 }, prefix);
  const include = findInclude(main.directives, paths.shared, paths.etc);
  if (include === undefined)
    throw new AppError('config_rejected', 'nginx.conf does not include conf.d/*.conf.', {
      reason: 'nginx_does_not_include',
      params: { file: '/etc/nginx/nginx.conf' },
    });
  const slugs = new Set(enabledSlugs(prefix).filter((each) => !without.has(each) && each !== slug));
  const sites = [...slugs].map((each) => ({ slug: each, path: paths.link(each) }));
  if (siteFile !== null && slug !== null) sites.push({ slug, path: siteFile });
  sites.sort((a, b) => (a.slug < b.slug ? -1 : 1));
  const files = expandInclude(include.args[0] ?? '', paths.etc).filter((file) => file !== paths.shared);
  const sharedText = shared.replace(/^include .*\/aapanel\/enabled\/\*\.conf;\n/m, '');
  const inner = [
    ...files.map((file) => `include "${file.replace(/[\\"]/g, '\\$&')}";`),
    sharedText,
    ...sites.map(({ path }) => `include ${path};`),
  ].join('\n');
  return main.text.slice(0, include.start) + inner + main.text.slice(include.end);
}

function findInclude(directives: readonly Directive[], path: string, etc: string): Directive | undefined {
  const http = directives.filter(({ name }) => name === 'http').flatMap(({ block }) => block ?? []);
  return http.find(({ name, args }) => name === 'include' && isIncludedBy(args[0] ?? '', path, etc));
}

/** Slug of the site whose own file is broken; null when the fault lies elsewhere. */
export function blamedSite(prefix: string, { file, message }: Complaint): string | null {
  const { own } = nginxPaths(prefix);
  if (file === null) return siteNaming(prefix, message);
  if (!file.startsWith(`${own}/`)) return null;
  return /^(?:sites|custom|enabled)\/([^/]+)\.conf$/.exec(file.slice(own.length + 1))?.[1] ?? null;
}

/** nginx names no line when it cannot load a certificate or a key or open a log, only the file itself. */
function siteNaming(prefix: string, message: string): string | null {
  const path = /"(\/[^"]+)"/.exec(message)?.[1];
  if (path === undefined) return null;
  const { etc, link, customOf } = nginxPaths(prefix);
  // As it may stand there: nginx reads such a name from its own folder.
  const names = [path, ...(path.startsWith(`${etc}/`) ? [path.slice(etc.length + 1)] : [])];
  const isNamedIn = (file: string): boolean => {
    const words = new Set(readConfig(file)?.text.split(/[\s;"']+/));
    return names.some((name) => words.has(name));
  };
  return enabledSlugs(prefix).find((slug) => isNamedIn(link(slug)) || isNamedIn(customOf(slug))) ?? null;
}

/** Paths as people know them. */
export function shownPath(path: string, prefix: string): string {
  return prefix !== '' && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

export function brokenElsewhere({ message, file, line }: Complaint, prefix: string): AppError {
  const shown = (text: string): string => (prefix === '' ? text : text.replaceAll(prefix, ''));
  return new AppError('config_rejected', 'The present nginx configuration is broken; nothing was changed.', {
    reason: 'nginx_broken_elsewhere',
    params: { file: shown(file ?? '/etc/nginx/nginx.conf'), line: line ?? 0, message: shown(message) },
  });
}
