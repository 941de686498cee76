import { randomBytes } from 'node:crypto';
import type { WordpressApp } from '#shared/wordpress.ts';
import { AppError } from '#shared/errors.ts';
import { superuserOf } from '../backups/dumps/place.ts';
import { look, putFile, readText, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { passwordOf } from '../databases/create.ts';
import { getReady } from '../databases/records.ts';

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

/** Where PHP looks for the server by itself. */
const usualSocket = '/run/mysqld/mysqld.sock';
const saltNames = [
  'AUTH_KEY',
  'SECURE_AUTH_KEY',
  'LOGGED_IN_KEY',
  'NONCE_KEY',
  'AUTH_SALT',
  'SECURE_AUTH_SALT',
  'LOGGED_IN_SALT',
  'NONCE_SALT',
];

export type WordpressFacts = {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly tablePrefix: string;
  readonly salts: readonly string[];
};

/**
 * Makes what was unpacked a WordPress that knows its database: `wp-config.php` beside its sample, readable for the site's
 * user alone. Answers its version. Throws when it is no WordPress, or the copy of one that runs elsewhere.
 */
export async function prepareWordpress(
  where: Where,
  folder: string,
  { databaseId, tablePrefix }: WordpressApp,
  owner: { readonly uid: number; readonly gid: number },
): Promise<string> {
  const has = (name: string): boolean => look(`${folder}/${name}`).type === 'file';
  if (!['index.php', 'wp-settings.php', 'wp-config-sample.php'].every(has))
    throw new AppError('in_use', 'This archive holds no WordPress.', { reason: 'wordpress_not_in_archive' });
  if (look(`${folder}/wp-config.php`).type !== 'missing')
    throw new AppError('in_use', 'The archive brings a configuration of its own.', { reason: 'wordpress_has_config' });
  const { name, user } = getReady(where, databaseId);
  const { path } = superuserOf(where, 'mariadb') as { path: string };
  const text = renderConfig({
    database: name,
    user,
    password: await passwordOf(where, databaseId),
    host: path === usualSocket ? 'localhost' : `localhost:${path}`,
    tablePrefix,
    salts: saltNames.map(() => randomBytes(48).toString('base64url')),
  });
  const unsynced = new Unsynced();
  putFile(`${folder}/wp-config.php`, Buffer.from(text), { mode: 0o640, ...owner }, 'wordpress', unsynced);
  await unsynced.flush();
  const version = has('wp-includes/version.php') ? readText(`${folder}/wp-includes/version.php`) : undefined;
  return /^\$wp_version\s*=\s*'([0-9A-Za-z.-]{1,30})'/m.exec(version ?? '')?.[1] ?? '?';
}

/** As its makers' sample has it. */
export function renderConfig({ database, user, password, host, tablePrefix, salts }: WordpressFacts): string {
  const define = (name: string, value: string): string => `define( ${quoted(name)}, ${quoted(value)} );`;
  return `${[
    '<?php',
    define('DB_NAME', database),
    define('DB_USER', user),
    define('DB_PASSWORD', password),
    define('DB_HOST', host),
    define('DB_CHARSET', 'utf8mb4'),
    define('DB_COLLATE', ''),
    '',
    ...saltNames.map((name, index) => define(name, salts[index] ?? '')),
    '',
    `$table_prefix = ${quoted(tablePrefix)};`,
    '',
    "define( 'WP_DEBUG', false );",
    '// Its own user owns the files: updates need no FTP.',
    "define( 'FS_METHOD', 'direct' );",
    '',
    "if ( ! defined( 'ABSPATH' ) ) {",
    "\tdefine( 'ABSPATH', __DIR__ . '/' );",
    '}',
    "require_once ABSPATH . 'wp-settings.php';",
  ].join('\n')}\n`;
}

/** A text of PHP in which nothing but itself counts. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
