import { describe, expect, it } from 'vitest';
import { sitePhp } from '#shared/site-php.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { ownMainText, renderOwnUnit } from './php.own.ts';
import { ownFpm, ownFpmOf } from './php.paths.ts';
import { poolMarkerOf, renderPool } from './php.render.ts';

const spec: SiteSpec = {
  siteId: 'abcdefghijklmnop',
  slug: 'example.com',
  kind: 'php',
  domains: [{ host: 'example.com', port: 80 }],
  isEnabled: true,
  root: '/www/wwwroot/example.com',
  upstream: null,
  customDirectives: '',
  ...defaultSettings,
};
const context = {
  prefix: '',
  runsAs: { user: 'site-abcdefgh', group: 'site-abcdefgh' },
  socketGroup: 'www-data',
  linuxUser: 'site-abcdefgh',
  logBase: '/www/wwwlogs/example.com',
};

describe('the text for PHP-FPM is, byte by byte, the golden file of', () => {
  const cases: Record<string, object> = {
    pool: { version: '8.2' },
    'pool-dynamic': {
      version: '8.4',
      ini: {
        memoryLimitMb: 512,
        uploadMaxMb: 100,
        postMaxMb: 120,
        isDisplayingErrors: true,
        errorLevel: 'all',
        timeZone: 'Asia/Riyadh',
      },
      pool: { manager: 'dynamic', maxChildren: 20, minSpare: 2, maxSpare: 6 },
      openFolders: ['/www/wwwroot/example.com/data'],
      disabledFunctions: ['exec'],
      isOpcacheOn: false,
      slowLogSeconds: 0,
    },
  };
  it.each(Object.keys(cases))('CONF-1 %s', async (name) => {
    const text = renderPool(spec, sitePhp.parse(cases[name]), context);
    await expect(text).toMatchFileSnapshot(`testdata/${name}.golden.conf`);
  });
});

it('CONF-1 the texts of a master of a site’s own are, byte by byte, the golden files', async () => {
  const fpm = ownFpm('', '8.2', spec.slug);
  const pool = renderPool(spec, sitePhp.parse({ version: '8.2', isApart: true }), context);
  await expect(ownMainText(fpm, pool)).toMatchFileSnapshot('testdata/own.golden.conf');
  const before = ['/usr/bin/perl', '-e', 'my $a = "%"', '--'];
  const unit = (limits: object): string =>
    renderOwnUnit(before, fpm, spec.siteId, sitePhp.parse({ version: '8.2', limits }).limits);
  await expect(unit({})).toMatchFileSnapshot('testdata/own.golden.service');
  await expect(unit({ memoryMb: 512, cpuPercent: 150 })).toMatchFileSnapshot('testdata/own-limits.golden.service');
});

it.each(['example.com', '_x.test', 'a-8.2', 'php8.2-a.test'])(
  'the unit of the site %s is known by its name, and by no other',
  (slug) => {
    const fpm = ownFpm('', '8.2', slug);
    expect(ownFpmOf('', fpm.service)).toEqual(fpm);
    expect(ownFpmOf('', `aapanel-app-${slug}-a.service`)).toBeUndefined();
  },
);

it('the marker changes with every value', () => {
  const texts = [{}, { memoryLimitMb: 300 }, { timeZone: 'Asia/Aden' }].map((ini) =>
    renderPool(spec, sitePhp.parse({ version: '8.2', ini }), context),
  );
  expect(new Set(texts.map(poolMarkerOf)).size).toBe(3);
});

it('where FPM is not root nothing names another user', () => {
  const text = renderPool(spec, sitePhp.parse({ version: '8.2' }), { ...context, runsAs: null });
  expect(text).not.toMatch(/^(user|group|listen\.(owner|group)) =/m);
});

describe('a value that FPM would read as something else is refused before it is rendered', () => {
  it.each([
    [{ disabledFunctions: ['exec\nuser = root'] }],
    [{ ini: { timeZone: 'UTC"\n[x]' } }],
    [{ openFolders: ['/www/wwwroot/example.com/../other'] }],
    [{ openFolders: ['/etc'] }],
    [{ noScripts: ['/a"b'] }],
    [{ noScripts: ['/a|b'] }],
    [{ version: '8.2/../../x' }],
    [{ ini: { memoryLimitMb: -1 } }],
    [{ ini: { uploadMaxMb: 100, postMaxMb: 50 } }],
    [{ pool: { manager: 'dynamic', minSpare: 5, maxSpare: 2 } }],
  ])('CONF-1 %j', (more) => {
    expect(sitePhp.safeParse({ version: '8.2', ...more }).success).toBe(false);
  });
});
