import type { SiteSpec } from '#shared/agent/sites.ts';
import { phpSocket } from '../php/php.paths.ts';
import { visitorHost } from './nginx.tls.ts';
import { word } from './nginx.words.ts';

/** Endings that some PHP somewhere runs: what is not run here is not handed out as text either. */
const scriptEndings = '\\.(?:php\\d*|phtml|pht|phar|phps)$';

/** As the distribution's own list, written out: nothing that others change decides what a script is told. */
const scriptParams = [
  'QUERY_STRING $query_string',
  'REQUEST_METHOD $request_method',
  'CONTENT_TYPE $content_type',
  'CONTENT_LENGTH $content_length',
  'SCRIPT_FILENAME $root_of_site$fastcgi_script_name',
  'SCRIPT_NAME $fastcgi_script_name',
  'REQUEST_URI $request_uri',
  'DOCUMENT_URI $document_uri',
  'DOCUMENT_ROOT $root_of_site',
  'SERVER_PROTOCOL $server_protocol',
  'REQUEST_SCHEME $scheme',
  'HTTPS $https if_not_empty',
  'GATEWAY_INTERFACE CGI/1.1',
  'SERVER_SOFTWARE nginx',
  'REMOTE_ADDR $remote_addr',
  'REMOTE_PORT $remote_port',
  'REMOTE_USER $remote_user',
  'SERVER_ADDR $server_addr',
  'SERVER_PORT $server_port',
  'SERVER_NAME $host',
  'REDIRECT_STATUS 200',
  'HTTP_X_REQUEST_ID $aapanel_request_id',
  // A header named Proxy would be read as the proxy of the script's own requests.
  'HTTP_PROXY ""',
];

/** What runs the scripts of a PHP site. `hasOwnMain`: the person's own directives hold `location /`. */
export function phpLocations(spec: SiteSpec, prefix: string, hasOwnMain: boolean): string[] {
  if (spec.php === null) return [];
  const { ini, noScripts } = spec.php;
  // By its own name a release has files of its own for PHP, and for the cache of what PHP compiled.
  const root = spec.deploy === null ? '$document_root' : '$realpath_root';
  // A limit that the person set for the whole site stands.
  const bodySize = spec.behaviour.limits.bodyMib === null ? [`    client_max_body_size ${ini.postMaxMb}m;`] : [];
  const denied = noScripts.map((folder) => folder.slice(1).replaceAll('.', '\\.'));
  return [
    ...(hasOwnMain ? [] : ['location / {', '    try_files $uri $uri/ /index.php$is_args$args;', ...bodySize, '}']),
    ...(denied.length === 0
      ? []
      : [`location ~* "^/(?:${denied.join('|')})/.*${scriptEndings}" {`, '    return 403;', '}']),
    'location ~ \\.php$ {',
    // Only a file that is there: never the beginning of a longer path.
    '    try_files $uri =404;',
    // nginx reads nothing here: PHP opens the script, as the site's user and within its folders.
    '    disable_symlinks off;',
    ...scriptParams.map((param) => `    fastcgi_param ${param.replace('$root_of_site', root)};`),
    ...(spec.tls?.isHttp3 === true ? [`    fastcgi_param HTTP_HOST ${visitorHost(spec)};`] : []),
    '    fastcgi_buffer_size 32k;',
    '    fastcgi_buffers 16 16k;',
    `    fastcgi_read_timeout ${ini.maxExecutionSeconds + 60}s;`,
    ...bodySize,
    `    fastcgi_pass ${word(`unix:${phpSocket(prefix, spec.php, spec.siteId)}`)};`,
    '}',
    `location ~* "${scriptEndings}" {`,
    '    return 404;',
    '}',
  ];
}
