import { z } from 'zod';

/**
 * Extensions of PHP with a package of their own, sorted; which of them there are is up to the distribution. What PHP-FPM
 * itself cannot do without (common, fpm, opcache, readline) is not among them.
 */
export const phpExtensions = [
  'amqp',
  'apcu',
  'ast',
  'bcmath',
  'bz2',
  'curl',
  'dba',
  'ds',
  'enchant',
  'gd',
  'gearman',
  'gmagick',
  'gmp',
  'gnupg',
  'igbinary',
  'imagick',
  'imap',
  'interbase',
  'intl',
  'ldap',
  'mailparse',
  'maxminddb',
  'mbstring',
  'mcrypt',
  'memcache',
  'memcached',
  'mongodb',
  'msgpack',
  'mysql',
  'oauth',
  'odbc',
  'pcov',
  'pgsql',
  'pspell',
  'redis',
  'rrd',
  'snmp',
  'soap',
  'solr',
  'sqlite3',
  'ssh2',
  'sybase',
  'tidy',
  'uploadprogress',
  'uuid',
  'xdebug',
  'xml',
  'xmlrpc',
  'yaml',
  'zip',
  'zmq',
] as const;
export type PhpExtension = (typeof phpExtensions)[number];

/** A version and one of the extensions: `php8.2-redis`, as its package is named. */
export const phpExtensionName = z
  .string()
  .max(40)
  .regex(new RegExp(`^php8\\.[1-5]-(?:${phpExtensions.join('|')})$`)) as unknown as z.ZodType<PhpExtensionName>;
export type PhpExtensionName = `php${string}-${PhpExtension}`;

export function isPhpExtensionName(name: string): name is PhpExtensionName {
  return phpExtensionName.safeParse(name).success;
}

export const phpExtensionState = z.object({
  name: z.enum(phpExtensions),
  isInstalled: z.boolean(),
});
