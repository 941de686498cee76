import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SitePhp } from '#shared/site-php.ts';
import { phpSocket, privateFolders } from './php.paths.ts';

/*
 * Texts for PHP-FPM. Pure: the same facts give the same text, byte by byte. Every value passes `quoted`.
 */

export type PoolContext = {
  /** Prefix of all paths; empty but in tests. */
  readonly prefix: string;
  /** User that the site's scripts run as; null where FPM itself is not root and runs everything as itself. */
  readonly runsAs: { readonly user: string; readonly group: string } | null;
  /** Group that may connect: nginx's. */
  readonly socketGroup: string;
  /** Name of the site's Linux user: its private folder is called so. */
  readonly linuxUser: string;
  /** Base of the log files; null while a candidate is only checked. */
  readonly logBase: string | null;
};

/** Asked through the socket only: nginx passes on nothing but names that end in `.php`. */
export const pingPath = '/aapanel-ping';
export const statusPath = '/aapanel-status';

const markerPlace = '@marker@';

/** What the pool answers to a ping: only processes that read this very text say it. */
export function poolMarkerOf(text: string): string | undefined {
  return /^ping\.response = "([0-9a-f]{32})"$/m.exec(text)?.[1];
}

const errorLevels = { all: 32_767, production: 22_527, none: 0 } as const;

export function renderPool(spec: SiteSpec, php: SitePhp, context: PoolContext): string {
  const { prefix, runsAs, socketGroup, logBase } = context;
  const folders = privateFolders(context.linuxUser);
  const temporary = `${prefix}${folders.temporary}`;
  const { ini } = php;
  const lines = [
    `; Site ${spec.slug} (${spec.siteId}). Written by aaPanel; changes by hand are noticed and never lost silently.`,
    '; كتبته لوحة aaPanel. أي تعديل يدوي يُكتشف ولا يُستبدل دون علمك.',
    `[aapanel-${spec.slug}]`,
    ...(runsAs === null ? [] : [`user = ${quoted(runsAs.user)}`, `group = ${quoted(runsAs.group)}`]),
    `listen = ${quoted(phpSocket(prefix, php, spec.siteId))}`,
    // Root's own: the site's scripts cannot open it to others.
    ...(runsAs === null ? [] : ['listen.owner = root', `listen.group = ${quoted(socketGroup)}`]),
    'listen.mode = 0660',
    ...managerLines(php),
    `ping.path = ${pingPath}`,
    `ping.response = "${markerPlace}"`,
    `pm.status_path = ${statusPath}`,
    'security.limit_extensions = .php',
    'rlimit_core = 0',
    ...(logBase === null || php.slowLogSeconds === 0
      ? []
      : [`request_slowlog_timeout = ${php.slowLogSeconds}s`, `slowlog = ${quoted(`${logBase}.slow.log`)}`]),
    'env[PATH] = /usr/local/bin:/usr/bin:/bin',
    ...['TMP', 'TMPDIR', 'TEMP'].map((name) => `env[${name}] = ${quoted(temporary)}`),
    '; What the site may not change.',
    admin('open_basedir', openFolders(spec, php, context).join(':')),
    admin('disable_functions', php.disabledFunctions.join(',')),
    admin('memory_limit', `${ini.memoryLimitMb}M`),
    admin('upload_max_filesize', `${ini.uploadMaxMb}M`),
    admin('post_max_size', `${ini.postMaxMb}M`),
    admin('max_execution_time', String(ini.maxExecutionSeconds)),
    admin('max_input_vars', String(ini.maxInputVars)),
    admin('upload_tmp_dir', temporary),
    admin('sys_temp_dir', temporary),
    admin('cgi.fix_pathinfo', '0'),
    admin('expose_php', '0'),
    admin('opcache.enable', php.isOpcacheOn ? '1' : '0'),
    // The cache is one for all pools of a master: without these a script could ask for the compiled files of other sites.
    admin('opcache.validate_permission', '1'),
    admin('opcache.restrict_api', '/nonexistent'),
    admin('log_errors', '1'),
    ...(logBase === null ? [] : [admin('error_log', `${logBase}.php.log`)]),
    '; What a script may set for itself.',
    own('display_errors', ini.isDisplayingErrors ? '1' : '0'),
    own('error_reporting', String(errorLevels[ini.errorLevel])),
    own('date.timezone', ini.timeZone),
    own('session.save_path', `${prefix}${folders.sessions}`),
    // Debian cleans the sessions of its own folder only.
    own('session.gc_probability', '1'),
    own('session.gc_divisor', '100'),
    own('session.cookie_httponly', '1'),
    own('session.use_strict_mode', '1'),
    '',
  ];
  const text = lines.join('\n');
  return text.replaceAll(markerPlace, createHash('sha256').update(text).digest('hex').slice(0, 32));
}

function managerLines({ pool }: SitePhp): string[] {
  const { manager, maxChildren, minSpare, maxSpare, idleSeconds, maxRequests } = pool;
  return [
    `pm = ${manager}`,
    `pm.max_children = ${maxChildren}`,
    ...(manager === 'ondemand' ? [`pm.process_idle_timeout = ${idleSeconds}s`] : []),
    ...(manager === 'dynamic'
      ? [`pm.start_servers = ${minSpare}`, `pm.min_spare_servers = ${minSpare}`, `pm.max_spare_servers = ${maxSpare}`]
      : []),
    `pm.max_requests = ${maxRequests}`,
  ];
}

/** Each with a slash at its end: without it the beginning of a name would do. */
function openFolders(spec: SiteSpec, php: SitePhp, { prefix, linuxUser }: PoolContext): string[] {
  const folders = [spec.root, ...php.openFolders, privateFolders(linuxUser).own];
  return [...new Set(folders)].map((folder) => `${prefix}${folder}/`);
}

const admin = (name: string, value: string): string => `php_admin_value[${name}] = ${quoted(value)}`;
const own = (name: string, value: string): string => `php_value[${name}] = ${quoted(value)}`;

/** One value as FPM reads it back. Nothing that ends a line or a quote, nothing that it replaces. */
function quoted(value: string): string {
  if (/^[A-Za-z0-9._/:,@+~-]*$/.test(value)) return `"${value}"`;
  throw new AppError('invalid_request', 'A value cannot be written into the configuration.', {
    reason: 'value_not_allowed',
  });
}

/** What FPM itself is told once per version: requests under way end in peace when a pool is changed. */
export const sharedPoolText = `; Written by aaPanel. What all pools of this version share.
; كتبته لوحة aaPanel: ما تشترك فيه كل مجموعات PHP من هذا الإصدار.
[global]
process_control_timeout = 5s
`;
