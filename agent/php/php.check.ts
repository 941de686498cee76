import { AppError } from '#shared/errors.ts';
import { listNames, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { run } from '../core/run.ts';
import { BrokenSiteError } from '../nginx/nginx.isolate.ts';
import { isIncludedBy } from '../nginx/nginx.files.ts';
import { phpPaths, type Fpm } from './php.paths.ts';
import { findFpm, versionMissing } from './php.versions.ts';

/*
 * Asks FPM itself about a tree that does not exist yet. That matters more than with nginx: an FPM that is told to load
 * broken files ends, and every PHP site of the version with it.
 */

/** What the configuration of a master says, or what holds without it. */
export function mainSetting(fpm: Fpm, name: 'pid' | 'error_log'): string {
  const said = new RegExp(`^\\s*${name}\\s*=\\s*"?([^"\\s;]+)`, 'm').exec(readText(fpm.main) ?? '')?.[1];
  return said ?? { pid: fpm.pid, error_log: fpm.log }[name];
}

type Candidate = {
  readonly version: string;
  readonly slug: string;
  /** Text of the site's pool; null: it has none. */
  readonly pool: string | null;
  readonly shared: string;
};

/** Throws in FPM's own words when it would not load the tree with this pool. */
export async function checkPool(machine: Machine, { version, slug, pool, shared }: Candidate): Promise<void> {
  const { prefix, stateFolder } = machine;
  const paths = phpPaths(prefix, version);
  if (findFpm(prefix, version) === undefined) throw versionMissing(version);
  const folder = `${stateFolder}/candidate`;
  const files = {
    main: `${folder}/fpm.conf`,
    shared: `${folder}/fpm-shared.conf`,
    pool: `${folder}/${slug}.pool.conf`,
  };
  const others = listNames(paths.pools)
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .map((name) => `${paths.pools}/${name}`)
    .filter((path) => path !== paths.shared && path !== paths.pool(slug));
  const mine = pool === null ? [files.shared] : [files.shared, files.pool];
  try {
    put(files.main, mainText(prefix, version, [...others, ...mine]));
    put(files.shared, shared);
    if (pool !== null) put(files.pool, pool);
    const complaint = await ask(prefix, version, files.main);
    if (complaint === undefined) return;
    const shown = complaint.replaceAll(files.pool, paths.pool(slug)).replaceAll(files.main, paths.main);
    const message = (prefix === '' ? shown : shown.replaceAll(prefix, '')).slice(0, 2_000);
    if (complaint.includes(files.pool) || complaint.includes(`[pool aapanel-${slug}]`)) throw phpRejected(message);
    const blamed = /\/aapanel-([^/]+)\.conf:\d+\]|\[pool aapanel-([^\]]+)\]/.exec(complaint)?.slice(1).find(Boolean);
    if (blamed !== undefined && others.includes(paths.pool(blamed)))
      throw new BrokenSiteError(blamed, { message, file: paths.pool(blamed), line: null });
    throw new AppError('config_rejected', 'The present PHP-FPM configuration is broken; nothing was changed.', {
      reason: 'php_broken_elsewhere',
      params: { version, message },
    });
  } finally {
    for (const path of Object.values(files)) removeFile(path);
  }
}

/** The same of the whole configuration of a site's own master: nobody else's files have a part in it. */
export async function checkOwn({ stateFolder }: Pick<Machine, 'stateFolder'>, fpm: Fpm, text: string): Promise<void> {
  const { prefix, version, main } = fpm;
  if (findFpm(prefix, version) === undefined) throw versionMissing(version);
  const path = `${stateFolder}/candidate/${fpm.slug ?? ''}.fpm.conf`;
  try {
    put(path, text);
    const complaint = await ask(prefix, version, path);
    if (complaint === undefined) return;
    const shown = complaint.replaceAll(path, main);
    throw phpRejected((prefix === '' ? shown : shown.replaceAll(prefix, '')).slice(0, 2_000));
  } finally {
    removeFile(path);
  }
}

/** FPM's complaint about the files as they lie there; undefined when it would load them. */
export async function checkLive({ prefix, version, main }: Fpm): Promise<string | undefined> {
  return await ask(prefix, version, main);
}

export function phpRejected(message: string): AppError {
  return new AppError('config_rejected', 'PHP-FPM refused the configuration; the old one is still running.', {
    reason: 'php_rejected',
    params: { message },
  });
}

async function ask(prefix: string, version: string, main: string): Promise<string | undefined> {
  const { program, ini } = phpPaths(prefix, version);
  const { code, stderr, isTimedOut } = await run(program, ['-t', '-y', main, '-c', ini], { timeoutMs: 15_000 });
  if (code === 0) return undefined;
  if (isTimedOut) return `php-fpm${version} -t did not end in time`;
  const words = [...stderr.matchAll(/^\[[^\]]*\] (?:ERROR|ALERT): (.*)$/gm)].map(([, said]) => said ?? '');
  // The last ones only say that the first was an error.
  return words[0] ?? (stderr.trim().slice(-1_000) || `php-fpm${version} -t ended with ${code ?? 'a signal'}`);
}

function mainText(prefix: string, version: string, files: readonly string[]): string {
  const { main, etc, shared } = phpPaths(prefix, version);
  const includes = files.map((file) => `include=${file}`).join('\n');
  let isFound = false;
  const text = (readText(main) ?? '').replace(
    /^[ \t]*include[ \t]*=[ \t]*"?([^"\s;]+)"?.*$/gm,
    (line, glob: string) => {
      if (!isIncludedBy(glob, shared, etc)) return line;
      if (isFound) return '';
      isFound = true;
      return includes;
    },
  );
  if (isFound) return text;
  throw new AppError('config_rejected', 'php-fpm.conf does not include pool.d/*.conf.', {
    reason: 'php_does_not_include',
    params: { file: `/etc/php/${version}/fpm/php-fpm.conf` },
  });
}

function put(path: string, text: string): void {
  const unsynced = new Unsynced();
  putFile(path, Buffer.from(text), { mode: 0o600 }, 'check', unsynced);
  unsynced.drop();
}
