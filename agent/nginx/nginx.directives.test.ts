import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasNginx } from '../testing/world.ts';
import { checkDirectives } from './nginx.directives.ts';
import { parseDirectives, TokenError } from './nginx.tokens.ts';

const root = '/www/wwwroot/example.com';
const check = (text: string) => checkDirectives(text, root);

describe('allowed', () => {
  it.each([
    'gzip on; gzip_types text/plain application/json;',
    'add_header X-Frame-Options "SAMEORIGIN" always;',
    'location / { try_files $uri $uri/ /index.html; }',
    'location / { try_files $uri $uri/ /index.php?$args; }',
    'location / { try_files $uri $uri/ /index.php$is_args$args; }',
    'location ~* \\.(js|css)$ { expires 30d; add_header Cache-Control public; }',
    'location /api/ { proxy_pass http://127.0.0.1:3000/; proxy_set_header Host $host; }',
    'location /api/ { proxy_pass http://127.0.0.1:3000$request_uri; }',
    'if ($http_user_agent ~* "bad") { return 403; }',
    'rewrite ^/old/(.*)$ /new/$1 permanent;',
    'rewrite ^/api/v1/(\\w+)$ /v1-$1.json break;',
    'rewrite ^ https://other.example$request_uri permanent;',
    'rewrite ^/item/([a-z0-9_-]+)/(\\d+)$ /view/$1/$2 last;',
    'rewrite ^/(.*)$ /index.php?q=$1 last;',
    'location /api/ { proxy_pass http://127.0.0.1:3000/base$uri$is_args$args; }',
    'return 301 https://$host$request_uri;',
    'access_log off;',
    'root /www/wwwroot/example.com/public;',
    'location /img/ { alias /www/wwwroot/example.com/images/; }',
    'types { application/wasm wasm; }',
    'error_page 404 /404.html;',
    'location @fallback { return 404; }',
    '# a comment with ; and { inside\nclient_max_body_size 64m;',
    'set $mobile 0; limit_except GET { deny all; }',
    '',
  ])('%s', (text) => {
    expect(() => check(text)).not.toThrow();
  });
});

describe('CONF-1 CONF-8 refused', () => {
  it.each([
    'include /etc/passwd;',
    'load_module modules/x.so;',
    'access_log /etc/cron.d/x;',
    'access_log /www/wwwlogs/other.log combined;',
    'error_log /tmp/x debug;',
    'auth_basic_user_file /etc/shadow;',
    'ssl_certificate /etc/ssl/x;',
    'ssl_certificate_key /etc/ssl/x;',
    'client_body_temp_path /etc;',
    'proxy_store /etc/cron.d/x;',
    'proxy_cache_path /x;',
    'fastcgi_pass unix:/run/php.sock;',
    'uwsgi_pass 127.0.0.1:1;',
    'perl_set $x "sub {}";',
    'js_content x;',
    'listen 81;',
    'server_name other.test;',
    'disable_symlinks off;',
    'root /etc;',
    'root /www/wwwroot/example.com;',
    'root /www/wwwroot/example.com/../other;',
    'root /www/wwwroot/example.com/$arg_x;',
    'alias /www/wwwroot/other.test/;',
    'location /x { alias /; }',
    'location / { root /; }',
    'server { listen 1; }',
    'upstream x { server 127.0.0.1; }',
    'map $uri $x { default 1; }',
    'proxy_pass http://unix:/run/docker.sock;',
    'proxy_pass http://unix:/run/app.sock;',
    'location / { proxy_pass http://$arg_x; }',
    'location / { proxy_pass http://127.0.0.1$arg_x; }',
    'proxy_set_header X unix:/x;',
    'try_files /../../etc/passwd =404;',
    'try_files /$arg_f =404;',
    'try_files $arg_f =404;',
    'try_files $request_uri =404;',
    'try_files /x?$args /y;',
    'try_files $http_x =404;',
    'try_files ${arg_f} =404;',
    'index $arg_f;',
    'rewrite ^ /$arg_f break;',
    'rewrite ^ /$args last;',
    'rewrite ^ $request_uri;',
    'rewrite ^/x /../../etc/passwd;',
    'rewrite ^/x(\\.)y(\\.)/(.*)$ /$1$2/$3 break;',
    'rewrite ^/(.*)$ /$1 break;',
    'rewrite ^/([^/]+)$ /$1 break;',
    'rewrite ^/([--9]+)$ /$1 break;',
    'rewrite ^/(a*)$ /.$1./x break;',
    'rewrite ^ /.$1./x break;',
    'rewrite ^/(\\w)?$ /.$1./x break;',
    'rewrite ^/(?<f>.*)$ /$f break;',
    'rewrite ^/((a)+)$ /$1 break;',
    'try_files /..$uri =404;',
    'try_files $uri../x =404;',
    'try_files $uri.$uri./x =404;',
    'error_page 404 /..$uri;',
    'location / { proxy_pass http://127.0.0.1$args; }',
    'location / { proxy_pass http://127.0.0.1:80$args$uri; }',
    'location / { proxy_pass http://127.0.0.1$is_args$args; }',
    'error_page 404 /$arg_f;',
    'set $x a; try_files /$x =404;',
    'types { include /etc/passwd; }',
    'types { text/html html; } }',
    'if ($x) { include /etc/passwd; }',
    'location / { if ($x) { access_log /x; } }',
  ])('%s', (text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('and the directive and its line are named', () => {
    expect(() => check('gzip on;\n\ninclude /x;\n')).toThrow(
      expect.objectContaining({ reason: 'directive_not_allowed', params: { directive: 'include', line: 3 } }),
    );
    expect(() => check('gzip on;\nlocation / {\n')).toThrow(expect.objectContaining({ reason: 'directive_syntax' }));
  });
});

describe('words are cut as nginx cuts them', () => {
  it.each([
    ['a b;', [['a', 'b']]],
    ['a "b c" \'d;e\';', [['a', 'b c', 'd;e']]],
    ['a b"c;', [['a', 'b"c']]],
    ['a \\;b;', [['a', '\\;b']]],
    ['a ${b};', [['a', '${b}']]],
    ['a ${{b;', [['a', '${{b']]],
    ['a "x\\"y\\n\\d";', [['a', 'x"y\n\\d']]],
    ['a b # c;\n d;', [['a', 'b', 'd']]],
    ['a b#c;', [['a', 'b#c']]],
    ['a }b;', null],
    ['a b}c;', [['a', 'b}c']]],
    ['"a"b;', null],
    [';', null],
    ['a', null],
    ['a { b; } }', null],
    ['a "b', null],
  ])('%j', (text, wanted) => {
    if (wanted === null) expect(() => parseDirectives(text)).toThrow(TokenError);
    else expect(parseDirectives(text).map(({ name, args }) => [name, ...args])).toEqual(wanted);
  });

  // Text that is put where nginx accepts any words: as its own reading shows, it ends where we say that it ends.
  it.runIf(hasNginx)('CONF-5 and where a text ends for us it ends for nginx: 150 random ones', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aapanel-tokens-'));
    const file = join(folder, 'c.conf');
    const piece = fc.constantFrom('a', 'b', ' ', ';', '"', "'", '\\', '$', '{', '}', '#', '\n', ')', '${', 'x/y');
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        if (!isFlat(text)) return;
        // `types` takes every word and refuses blocks. What stands behind tells whether nginx was still outside of a word.
        writeFileSync(
          file,
          `pid ${folder}/p; error_log stderr; events {} http { types { ${text}\n} sentinel_here; }\n`,
        );
        const { stderr } = spawnSync('/usr/sbin/nginx', ['-t', '-q', '-c', file], { encoding: 'utf8' });
        expect(stderr, JSON.stringify(text)).toMatch(
          /unknown directive "sentinel_here"|invalid number of arguments|duplicate extension/,
        );
      }),
      { numRuns: 150 },
    );
    rmSync(folder, { recursive: true });
  });
});

function isFlat(text: string): boolean {
  try {
    return parseDirectives(text).every(({ block }) => block === null);
  } catch {
    return false;
  }
}
