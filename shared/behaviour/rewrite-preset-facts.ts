import type { RewritePreset } from './rewrite-presets.ts';

/*
 * What known PHP applications need besides "no such file: index.php", which every PHP site does by itself: addresses that
 * their scripts expect in another form, and folders that nobody may read. By their own guides for nginx.
 */

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
  bludit: {
    closed: [
      '/bl-content/databases',
      '/bl-content/pages',
      '/bl-content/tmp',
      '/bl-content/workspaces',
      '/bl-kernel/boot',
    ],
  },
  cakephp: {
    closed: [...composer, '/bin', '/config', '/logs', '/plugins', '/resources', '/src', '/templates', '/tmp'],
    publicFolder: 'webroot',
  },
  codeigniter: {
    closed: [...composer, '/application', '/system', '/app', '/writable', '/spark'],
    publicFolder: 'public',
  },
  concrete: {
    closed: [...composer, '/application/config', '/concrete/config', '/concrete/vendor'],
  },
  craft: {
    closed: [...composer, '/config', '/craft', '/migrations', '/modules', '/storage', '/templates', '/translations'],
    publicFolder: 'web',
  },
  dedecms: {
    rules: [
      ['^/list-(\\d+)\\.html$', '/plus/list.php?tid=$1', true],
      ['^/list-(\\d+)-(\\d+)-(\\d+)\\.html$', '/plus/list.php?tid=$1&totalresult=$2&PageNo=$3', true],
      ['^/view-(\\d+)-1\\.html$', '/plus/view.php?arcID=$1', true],
      ['^/view-(\\d+)-(\\d+)\\.html$', '/plus/view.php?aid=$1&pageno=$2', true],
      ['^/tags\\.html$', '/tags.php', true],
      ['^/tag-(\\d+)-(\\d+)\\.html$', '/tags.php?/$1/$2/', true],
    ],
    closed: [
      '/data/admin',
      '/data/backupdata',
      '/data/cache',
      '/data/common.inc.php',
      '/data/config.cache.inc.php',
      '/include/data',
    ],
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
  dokuwiki: {
    rules: [
      ['^/_media/(.*)$', '/lib/exe/fetch.php?media=$1', true],
      ['^/_detail/(.*)$', '/lib/exe/detail.php?media=$1', true],
      ['^/_export/([^/]+)/(.*)$', '/doku.php?do=export_$1&id=$2', true],
      ['^/(.+)$', '/doku.php?id=$1', true],
    ],
    closed: ['/data', '/conf', '/bin', '/inc', '/vendor'],
  },
  drupal: {
    closed: [...composer, '/private', '/sites/default/private', '/sites/default/files/private', '/web.config'],
    closedSuffixes: ['engine', 'inc', 'install', 'make', 'module', 'profile', 'sh', 'sql', 'theme', 'twig', 'yml'],
  },
  ecshop: {
    rules: [
      ['^/category$', '/index.php', true],
      ['^/feed-c(\\d+)\\.xml$', '/feed.php?cat=$1', true],
      ['^/feed-b(\\d+)\\.xml$', '/feed.php?brand=$1', true],
      ['^/feed\\.xml$', '/feed.php', true],
      [
        '^/category-(\\d+)-b(\\d+)-min(\\d+)-max(\\d+)-attr([^-]*)-(\\d+)-(.+)-([a-zA-Z]+)(?:.*)\\.html$',
        '/category.php?id=$1&brand=$2&price_min=$3&price_max=$4&filter_attr=$5&page=$6&sort=$7&order=$8',
        true,
      ],
      [
        '^/category-(\\d+)-b(\\d+)-min(\\d+)-max(\\d+)-attr([^-]*)(?:.*)\\.html$',
        '/category.php?id=$1&brand=$2&price_min=$3&price_max=$4&filter_attr=$5',
        true,
      ],
      [
        '^/category-(\\d+)-b(\\d+)-(\\d+)-(.+)-([a-zA-Z]+)(?:.*)\\.html$',
        '/category.php?id=$1&brand=$2&page=$3&sort=$4&order=$5',
        true,
      ],
      ['^/category-(\\d+)-b(\\d+)-(\\d+)(?:.*)\\.html$', '/category.php?id=$1&brand=$2&page=$3', true],
      ['^/category-(\\d+)-b(\\d+)(?:.*)\\.html$', '/category.php?id=$1&brand=$2', true],
      ['^/category-(\\d+)(?:.*)\\.html$', '/category.php?id=$1', true],
      ['^/goods-(\\d+)(?:.*)\\.html$', '/goods.php?id=$1', true],
      ['^/article_cat-(\\d+)(?:.*)\\.html$', '/article_cat.php?id=$1', true],
      ['^/article-(\\d+)(?:.*)\\.html$', '/article.php?id=$1', true],
      ['^/brand-(\\d+)-c(\\d+)(?:.*)\\.html$', '/brand.php?id=$1&cat=$2', true],
      ['^/brand-(\\d+)(?:.*)\\.html$', '/brand.php?id=$1', true],
      ['^/tag-(.*)\\.html$', '/search.php?keywords=$1', true],
      ['^/snatch-(\\d+)\\.html$', '/snatch.php?id=$1', true],
      ['^/group_buy-(\\d+)\\.html$', '/group_buy.php?act=view&id=$1', true],
      ['^/auction-(\\d+)\\.html$', '/auction.php?act=view&id=$1', true],
      ['^/exchange-id(\\d+)(?:.*)\\.html$', '/exchange.php?id=$1&act=view', true],
    ],
    closed: ['/data/config.php', '/data/sqldata', '/includes', '/temp/backup', '/temp/caches', '/temp/compiled'],
    closedSuffixes: ['sql', 'dwt', 'lbi'],
  },
  emlog: { closed: ['/config.php', '/include', '/content/backup'], closedSuffixes: ['sql'] },
  flarum: {
    closed: [...composer, '/config.php', '/extend.php', '/flarum', '/site.php', '/storage'],
    publicFolder: 'public',
  },
  grav: {
    closed: [
      ...composer,
      '/backup',
      '/bin',
      '/cache',
      '/logs',
      '/tmp',
      '/user/accounts',
      '/user/config',
      '/user/data',
      '/user/env',
      '/web.config',
      '/LICENSE.txt',
    ],
    closedSuffixes: ['bat', 'cgi', 'lock', 'md', 'pl', 'py', 'sh', 'twig', 'yaml', 'yml'],
  },
  joomla: {
    rules: [['^/api(?:/.*)?$', '/api/index.php', true]],
    closed: ['/configuration.php', '/administrator/logs', '/administrator/cache', '/cache', '/logs', '/tmp', '/cli'],
  },
  kirby: {
    closed: [...composer, '/content', '/kirby', '/site', '/storage'],
    publicFolder: 'public',
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
  maccms: {
    rules: [
      ['^/(index|admin|api)\\.php(/.+)$', '/$1.php?s=$2', true],
      ['^/(.+)$', '/index.php?s=$1', true],
    ],
    closed: [...composer, '/application', '/extend', '/runtime', '/thinkphp', '/think'],
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
  modx: {
    rules: [['^/(.+)$', '/index.php?q=$1', true]],
    closed: ['/core', '/_build', '/config.core.php'],
  },
  moodle: {
    rules: [['^/([A-Za-z0-9_/-]+)\\.php(/.+)$', '/$1.php?file=$2', true]],
    closed: ['/vendor', '/node_modules', '/composer.json', '/config.php', '/phpunit.xml', '/environment.xml'],
    closedSuffixes: ['feature'],
  },
  mybb: {
    rules: [
      ['^/forum-(\\d+)\\.html$', '/forumdisplay.php?fid=$1', true],
      ['^/forum-(\\d+)-page-(\\d+)\\.html$', '/forumdisplay.php?fid=$1&page=$2', true],
      ['^/thread-(\\d+)\\.html$', '/showthread.php?tid=$1', true],
      ['^/thread-(\\d+)-page-(\\d+)\\.html$', '/showthread.php?tid=$1&page=$2', true],
      ['^/thread-(\\d+)-(lastpost|nextnewest|nextoldest|newpost)\\.html$', '/showthread.php?tid=$1&action=$2', true],
      ['^/thread-(\\d+)-post-(\\d+)\\.html$', '/showthread.php?tid=$1&pid=$2', true],
      ['^/post-(\\d+)\\.html$', '/showthread.php?pid=$1', true],
      ['^/announcement-(\\d+)\\.html$', '/announcements.php?aid=$1', true],
      ['^/user-(\\d+)\\.html$', '/member.php?action=profile&uid=$1', true],
      ['^/calendar-(\\d+)\\.html$', '/calendar.php?calendar=$1', true],
      ['^/calendar-(\\d+)-year-(\\d+)-month-(\\d+)\\.html$', '/calendar.php?calendar=$1&year=$2&month=$3', true],
      [
        '^/calendar-(\\d+)-year-(\\d+)-month-(\\d+)-day-(\\d+)\\.html$',
        '/calendar.php?action=dayview&calendar=$1&year=$2&month=$3&day=$4',
        true,
      ],
      ['^/calendar-(\\d+)-week-(n?\\d+)\\.html$', '/calendar.php?action=weekview&calendar=$1&week=$2', true],
      ['^/event-(\\d+)\\.html$', '/calendar.php?action=event&eid=$1', true],
    ],
    closed: ['/inc', '/admin/backups'],
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
  pbootcms: {
    rules: [
      ['^/index\\.php/(.*)$', '/index.php?p=$1', true],
      ['^/(.+)$', '/index.php?p=$1', true],
    ],
    closed: ['/apps', '/config', '/core', '/data', '/doc', '/runtime'],
    closedSuffixes: ['db'],
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
  phpcms: {
    rules: [
      [
        '^/(?:content|show)-(\\d+)-(\\d+)-(\\d+)\\.html$',
        '/index.php?m=content&c=index&a=show&catid=$1&id=$2&page=$3',
        true,
      ],
      ['^/list-(\\d+)-(\\d+)\\.html$', '/index.php?m=content&c=index&a=lists&catid=$1&page=$2', true],
    ],
    closed: ['/caches', '/phpcms'],
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
  processwire: {
    rules: [['^/(.+)$', '/index.php?it=/$1', true]],
    closed: [
      '/site/assets/backups',
      '/site/assets/cache',
      '/site/assets/logs',
      '/site/assets/sessions',
      '/site/config.php',
      '/site/install',
      '/wire/core',
    ],
    closedSuffixes: ['inc', 'module', 'info', 'sql'],
  },
  roundcube: {
    closed: [...composer, '/SQL', '/bin', '/config', '/logs', '/temp'],
    closedSuffixes: ['md', 'sql'],
    publicFolder: 'public_html',
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
  xenforo: { closed: ['/internal_data', '/library', '/src'] },
  yii: {
    closed: [...composer, '/protected', '/framework', '/commands', '/config', '/controllers', '/models', '/runtime'],
    publicFolder: 'web',
  },
  yourls: {
    rules: [['^/(.+)$', '/yourls-loader.php', true]],
    closed: ['/includes', '/user/config.php', '/user/logs'],
    closedSuffixes: ['sql'],
  },
  zblog: {
    closed: ['/zb_users/c_option.php', '/zb_users/data', '/zb_users/logs', '/zb_users/defend', '/zb_system/defend'],
    closedSuffixes: ['db'],
  },
};

/** What a preset does at this site. */
export function presetOf(preset: RewritePreset, root: string): PresetFacts | undefined {
  if (preset === 'none') return undefined;
  const facts = presetFacts[preset];
  const isPublic = facts.publicFolder !== undefined && root.endsWith(`/${facts.publicFolder}`);
  return isPublic ? { ...facts, closed: [], closedSuffixes: [] } : facts;
}
