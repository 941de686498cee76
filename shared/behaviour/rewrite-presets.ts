/*
 * What known PHP applications need besides "no such file: index.php", which every PHP site does by itself: addresses that
 * their scripts expect in another form, and folders that nobody may read. By their own guides for nginx.
 */

export const rewritePresets = [
  'none',
  'codeigniter',
  'discuz',
  'drupal',
  'joomla',
  'laravel',
  'matomo',
  'mediawiki',
  'moodle',
  'nextcloud',
  'opencart',
  'phpbb',
  'prestashop',
  'symfony',
  'thinkphp',
  'typecho',
  'wordpress',
  'yii',
] as const;
export type RewritePreset = (typeof rewritePresets)[number];

/** As they call themselves, in every language. */
export const presetNames: Readonly<Record<Exclude<RewritePreset, 'none'>, string>> = {
  codeigniter: 'CodeIgniter',
  discuz: 'Discuz!',
  drupal: 'Drupal',
  joomla: 'Joomla',
  laravel: 'Laravel',
  matomo: 'Matomo',
  mediawiki: 'MediaWiki',
  moodle: 'Moodle',
  nextcloud: 'Nextcloud',
  opencart: 'OpenCart',
  phpbb: 'phpBB',
  prestashop: 'PrestaShop',
  symfony: 'Symfony',
  thinkphp: 'ThinkPHP',
  typecho: 'Typecho',
  wordpress: 'WordPress',
  yii: 'Yii',
};

type PresetFacts = {
  /** Pattern, target, and whether only where nothing is; in their order. */
  readonly rules?: readonly (readonly [path: string, target: string, isOnlyMissing: boolean])[];
  /** Nobody gets these and what is below them. */
  readonly closed: readonly string[];
  /** Nobody gets files that end so. */
  readonly closedSuffixes?: readonly string[];
  /** Folder that is served when the application is set up as its guide says: then nothing private lies in it. */
  readonly publicFolder?: string;
};

const composer = ['/composer.json', '/composer.lock', '/package.json', '/vendor', '/node_modules', '/tests'];

/** Pictures of PrestaShop lie in a folder for each digit of their number. */
function prestashopPicture(digits: number): readonly [string, string, boolean] {
  const numbers = Array.from({ length: digits }, (_, index) => `$${index + 1}`);
  const path = `^/${'(\\d)'.repeat(digits)}(-[A-Za-z0-9_-]+)?/.+\\.jpg$`;
  return [path, `/img/p/${numbers.join('/')}/${numbers.join('')}$${digits + 1}.jpg`, false];
}

export const presetFacts: Readonly<Record<Exclude<RewritePreset, 'none'>, PresetFacts>> = {
  codeigniter: {
    closed: [...composer, '/application', '/system', '/app', '/writable', '/spark'],
    publicFolder: 'public',
  },
  discuz: {
    rules: [
      ['^/topic-(.+)\\.html$', '/portal.php?mod=topic&topic=$1', true],
      ['^/article-(\\d+)-(\\d+)\\.html$', '/portal.php?mod=view&aid=$1&page=$2', true],
      ['^/forum-(\\w+)-(\\d+)\\.html$', '/forum.php?mod=forumdisplay&fid=$1&page=$2', true],
      ['^/thread-(\\d+)-(\\d+)-(\\d+)\\.html$', '/forum.php?mod=viewthread&tid=$1&extra=page%3D$3&page=$2', true],
      ['^/group-(\\d+)-(\\d+)\\.html$', '/forum.php?mod=group&fid=$1&page=$2', true],
      ['^/space-(username|uid)-(.+)\\.html$', '/home.php?mod=space&$1=$2', true],
      ['^/blog-(\\d+)-(\\d+)\\.html$', '/home.php?mod=space&uid=$1&do=blog&id=$2', true],
      ['^/(fid|tid)-(\\d+)\\.html$', '/archiver/index.php?action=$1&value=$2', true],
      ['^/([a-z]+[a-z0-9_]*)-([a-z0-9_-]+)\\.html$', '/plugin.php?id=$1:$2', true],
    ],
    closed: ['/config', '/data/log', '/data/sysdata', '/uc_server/data', '/uc_client/data'],
  },
  drupal: {
    closed: [...composer, '/private', '/sites/default/private', '/sites/default/files/private', '/web.config'],
    closedSuffixes: ['engine', 'inc', 'install', 'make', 'module', 'profile', 'sh', 'sql', 'theme', 'twig', 'yml'],
  },
  joomla: {
    rules: [['^/api(?:/.*)?$', '/api/index.php', true]],
    closed: ['/configuration.php', '/administrator/logs', '/administrator/cache', '/cache', '/logs', '/tmp', '/cli'],
  },
  laravel: {
    closed: [
      ...composer,
      '/app',
      '/bootstrap',
      '/config',
      '/database',
      '/resources',
      '/routes',
      '/storage',
      '/artisan',
    ],
    publicFolder: 'public',
  },
  matomo: { closed: ['/config', '/tmp', '/core', '/lang', '/node_modules', '/composer.json'] },
  mediawiki: {
    rules: [['^/wiki/(.+)$', '/index.php?title=$1', false]],
    closed: [
      '/LocalSettings.php',
      '/cache',
      '/includes',
      '/languages',
      '/maintenance',
      '/serialized',
      '/tests',
      '/images/deleted',
      '/vendor',
      '/composer.json',
    ],
  },
  moodle: {
    rules: [['^/([A-Za-z0-9_/-]+)\\.php(/.+)$', '/$1.php?file=$2', true]],
    closed: ['/vendor', '/node_modules', '/composer.json', '/config.php', '/phpunit.xml', '/environment.xml'],
    closedSuffixes: ['feature'],
  },
  nextcloud: {
    rules: [['^/(index|remote|public|status|cron)\\.php/', '/$1.php', true]],
    closed: [
      '/build',
      '/tests',
      '/config',
      '/lib',
      '/3rdparty',
      '/templates',
      '/data',
      '/autotest',
      '/occ',
      '/issue',
      '/indie',
      '/db_',
      '/console',
      '/console.php',
    ],
  },
  opencart: {
    rules: [
      ['^/sitemap\\.xml$', '/index.php?route=extension/feed/google_sitemap', true],
      ['^/(.+)$', '/index.php?_route_=$1', true],
    ],
    closed: ['/system', '/config.php', '/admin/config.php'],
    closedSuffixes: ['twig', 'tpl', 'ini', 'log', 'sql'],
  },
  phpbb: {
    rules: [['^/', '/app.php', true]],
    closed: [
      '/config.php',
      '/common.php',
      '/cache',
      '/files',
      '/includes',
      '/phpbb',
      '/store',
      '/vendor',
      '/images/avatars/upload',
    ],
  },
  prestashop: {
    rules: [
      ['^/api/?(.*)$', '/webservice/dispatcher.php?url=$1', true],
      ...[1, 2, 3, 4, 5, 6, 7, 8].map(prestashopPicture),
      ['^/c/([A-Za-z0-9_-]+)/.+\\.jpg$', '/img/c/$1.jpg', false],
    ],
    closed: [
      '/app',
      '/cache',
      '/classes',
      '/config',
      '/controllers',
      '/docs',
      '/download',
      '/localization',
      '/log',
      '/mails',
      '/override',
      '/src',
      '/tests',
      '/tools',
      '/translations',
      '/var',
      '/vendor',
      '/bin',
    ],
    closedSuffixes: ['tpl', 'twig', 'yml', 'log', 'sql'],
  },
  symfony: {
    closed: [...composer, '/bin', '/config', '/migrations', '/src', '/templates', '/translations', '/var'],
    publicFolder: 'public',
  },
  thinkphp: {
    rules: [['^/(.*)$', '/index.php?s=/$1', true]],
    closed: [...composer, '/app', '/application', '/config', '/extend', '/route', '/runtime', '/thinkphp', '/think'],
    publicFolder: 'public',
  },
  typecho: { closed: ['/config.inc.php', '/var'], closedSuffixes: ['db', 'sqlite', 'sql'] },
  wordpress: {
    closed: ['/wp-config.php', '/wp-config-sample.php', '/wp-content/debug.log'],
    closedSuffixes: ['sql', 'bak'],
  },
  yii: {
    closed: [...composer, '/protected', '/framework', '/commands', '/config', '/controllers', '/models', '/runtime'],
    publicFolder: 'web',
  },
};

/** What a preset does at this site. */
export function presetOf(preset: RewritePreset, root: string): PresetFacts | undefined {
  if (preset === 'none') return undefined;
  const facts = presetFacts[preset];
  const isPublic = facts.publicFolder !== undefined && root.endsWith(`/${facts.publicFolder}`);
  return isPublic ? { ...facts, closed: [], closedSuffixes: [] } : facts;
}
