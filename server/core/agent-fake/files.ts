import { createHash } from 'node:crypto';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SitePhp } from '#shared/site-php.ts';

/** Text that looks like what the real agent writes; only for eyes, no nginx ever reads it. */
export function fakeConfigText(spec: SiteSpec): string {
  const ports = [...new Set(spec.domains.map(({ port }) => port))];
  const names = [...new Set(spec.domains.map(({ host }) => host))];
  const serve =
    spec.kind === 'proxy'
      ? [`location / {`, `    proxy_pass ${spec.upstream?.url ?? ''};`, `}`]
      : spec.kind === 'app'
        ? ['location / {', '    proxy_pass http://127.0.0.1:21000;', '}']
        : spec.php !== null
          ? [
              'location ~ \\.php$ {',
              `    fastcgi_pass unix:/run/php/aapanel-${spec.siteId}-${spec.php.version}${spec.php.isApart ? '-own' : ''}.sock;`,
              '}',
            ]
          : ['index index.html;'];
  return [
    'server {',
    ...ports.map((port) => `    listen ${port};`),
    ...(spec.tls === null
      ? []
      : ['    listen 443 ssl;', `    ssl_certificate …/${spec.tls.certificateId}/current/chain.pem;`]),
    `    server_name ${names.join(' ')};`,
    `    root ${spec.root};`,
    ...serve.map((line) => `    ${line}`),
    `    include /etc/nginx/aapanel/custom/${spec.slug}.conf;`,
    '}',
    '',
  ].join('\n');
}

function fakePoolText(slug: string, { ini, pool }: SitePhp): string {
  return [
    `[aapanel-${slug}]`,
    `pm = ${pool.manager}`,
    `pm.max_children = ${pool.maxChildren}`,
    `php_admin_value[memory_limit] = "${ini.memoryLimitMb}M"`,
    '',
  ].join('\n');
}

/** What one site owns: path to text. */
export function fakeFiles(spec: SiteSpec, isAppOn = false): Map<string, string> {
  const files = new Map([
    [`/etc/nginx/aapanel/sites/${spec.slug}.conf`, fakeConfigText(spec)],
    [`/etc/nginx/aapanel/custom/${spec.slug}.conf`, spec.customDirectives],
  ]);
  if (spec.isEnabled && spec.php !== null) {
    const { version, isApart } = spec.php;
    const name = isApart ? `aapanel/${spec.slug}` : `pool.d/aapanel-${spec.slug}`;
    files.set(`/etc/php/${version}/fpm/${name}.conf`, fakePoolText(spec.slug, spec.php));
  }
  if (spec.isEnabled && spec.app !== null && isAppOn)
    files.set(
      `/etc/systemd/system/aapanel-app-${spec.slug}-a.service`,
      `[Service]\nExecStart=${JSON.stringify([spec.app.program, ...spec.app.arguments].join(' '))}\n`,
    );
  if (spec.isEnabled) files.set(`/etc/nginx/aapanel/enabled/${spec.slug}.conf`, `-> ../sites/${spec.slug}.conf\n`);
  return files;
}

/** Unified diff of whole files: every old line out, every new line in; `` when equal. */
export function fakeDiff(path: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const lines = (text: string | undefined) =>
    text === undefined || text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const [old, now] = [lines(before), lines(after)];
  return [
    `--- ${before === undefined ? '/dev/null' : path}`,
    `+++ ${after === undefined ? '/dev/null' : path}`,
    `@@ -${old.length === 0 ? 0 : 1},${old.length} +${now.length === 0 ? 0 : 1},${now.length} @@`,
    ...old.map((line) => `-${line}`),
    ...now.map((line) => `+${line}`),
    '',
  ].join('\n');
}

/** Differences of two sets of files, those that changed only. */
export function fakeDiffs(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const diff = fakeDiff(path, before.get(path), after.get(path));
    return diff === '' ? [] : [{ path, diff, isTruncated: false }];
  });
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
