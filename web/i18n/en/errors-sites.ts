/** What is wrong with a field of a site: its domains, folder, rules and upstream. */
export const siteFields = {
  cookie_name_invalid: 'Letters, digits, dots, hyphens and underscores only. Example: \u2068PHPSESSID\u2069',
  domain_invalid: 'This is not a domain. Examples: \u2068example.com\u2069, \u2068*.example.com:8080\u2069.',
  brotli_unavailable:
    'The nginx on this server has no module of brotli. Install it among the software, or choose “As the server does”.',
  domain_of_panel: 'The panel itself answers on the port of \u2068{{domain}}\u2069. Choose another port.',
  domain_repeated: 'The domain \u2068{{domain}}\u2069 is there twice. Remove one.',
  domain_served_elsewhere:
    '\u2068{{domain}}\u2069 is used in the hand-written file \u2068{{file}}\u2069. Remove it there or choose another domain.',
  domain_taken: '\u2068{{domain}}\u2069 is used by the site “\u2068{{site}}\u2069”. Choose another domain.',
  domain_too_long: 'The domain is longer than 253 characters. Shorten it.',
  header_name_invalid: 'A header’s name has Latin letters, digits and hyphens. Example: \u2068X-Robots-Tag\u2069',
  header_repeated: 'This header is there twice. Remove one.',
  header_reserved: 'The server or another form sets this header. Choose another one.',
  hsts_preload_conditions: 'The preload list asks for two years and for all subdomains. Choose both first.',
  http3_unavailable:
    'The nginx on this server cannot do HTTP/3: that needs nginx 1.25 or newer with the HTTP/3 module, as in Debian 13. Turn HTTP/3 off and save again.',
  hsts_self_signed:
    'Browsers do not trust this certificate, and with HSTS nobody could get past their warning. Use one of a known authority first.',
  import_base_invalid:
    'An absolute folder such as \u2068/srv/old-server\u2069, without “..”, and not below /root, /home or /tmp, which are hidden from the agent; or nothing for this server.',
  index_invalid:
    'Name of one file: Latin letters, digits, dot, hyphen and underscore, for example \u2068index.html\u2069.',
  main_host_unknown: 'The site does not answer to this name. Choose one of its domains.',
  origin_any_alone: '\u2068*\u2069 means every origin, so it stands alone. Remove it or the others.',
  origin_any_credentials: 'Browsers do not send sign-in to a site that is open to every origin. Name the origins.',
  origin_invalid: 'An origin is a scheme and a name, without a path. Example: \u2068https://app.example.com\u2069',
  page_repeated: 'This code has a page already. Change that one.',
  pattern_invalid: 'This regular expression cannot be used here. Example: \u2068^/blog/(\\d+)$\u2069',
  password_by_hand: 'The custom directives set auth_basic for the whole site. Take it out there first.',
  proxy_path_repeated: 'This path leads somewhere already. Change that rule.',
  proxy_path_root: 'The whole site cannot be a path of it. Make a site of the kind reverse proxy instead.',
  redirect_capture:
    'Only a regular expression has \u2068$1\u2069 to \u2068$9\u2069, and only as many as it has groups.',
  redirect_loop: 'This redirect leads back to itself, in a circle. Choose another target.',
  redirect_query_and_path: 'A target with \u2068?\u2069 cannot also get the rest of the path. Remove one of them.',
  redirect_target_invalid:
    'A full address or a path of the site. Examples: \u2068https://example.com/new\u2069, \u2068/new\u2069',
  rewrite_capture_path:
    'A part of the address may stand in the path of the target only when no dot can be in any group: (\\d+), (\\w+) or ([a-z0-9_/-]+). In the query it may be anything.',
  rewrite_target_invalid:
    'A path of this site: it begins with one / and may have a query. No quotes, spaces, semicolons or % in the path.',
  root_invalid: 'This is not a valid path. Enter a full path of Latin letters and digits, without \u2068..\u2069',
  root_not_a_folder: '\u2068{{path}}\u2069 is not a folder. Choose another one.',
  root_of_other_site: 'This folder belongs to the site “\u2068{{site}}\u2069”. Choose another one.',
  root_outside: 'The folder must be inside \u2068/www/wwwroot\u2069.',
  root_symlink: '\u2068{{path}}\u2069 is a symbolic link. Choose a real folder.',
  rule_agent_short: 'At least two characters, or half of all browsers would be turned away.',
  rule_path_invalid:
    'A path of the site begins with \u2068/\u2069 and is written as people read it: without spaces, \u2068%\u2069, \u2068?\u2069, \u2068$\u2069 and \u2068..\u2069. Example: \u2068/blog/old\u2069',
  rule_path_own: 'Certificates are proven there; no rule may stand in their way. Choose another path.',
  rule_path_repeated: 'This path is there twice. Remove one.',
  rule_realm_invalid:
    'Latin letters, digits and signs, without quotes, backslash or $, and not the word \u2068off\u2069.',
  rule_user_invalid: 'A user name has Latin letters, digits and \u2068. _ - @\u2069, at most 64.',
  rule_user_repeated: 'This user is there twice. Remove one.',
  sent_host_invalid:
    'This is not a valid name. Small letters, digits, dots and hyphens, and a port if needed. Example: \u2068app.internal:8080\u2069',
  served_folder_invalid: 'Folders below that of the site, without dots at their beginning. Example: \u2068public\u2069',
  served_folder_missing: 'There is no folder \u2068{{path}}\u2069. Make it first, or correct the name.',
  served_folder_symlink: '\u2068{{path}}\u2069 is a link, and could lead anywhere. Put a folder there.',
  server_address_invalid:
    'A server is a name or an address with its port. Examples: \u2068127.0.0.1:3000\u2069, \u2068[::1]:3000\u2069',
  server_all_backup: 'One server at least must not be a reserve.',
  server_backup_hash: 'With the same server for each visitor there is no reserve. Choose another way of sharing.',
  server_socket_https: 'Sockets are spoken to over http. Choose that protocol, or an address with a port.',
  site_password_ascii: 'Only Latin letters, digits, signs and spaces: browsers do not agree on how others travel.',
  site_password_unknown: 'This password is no longer known on the machine. Set a new one.',
  site_unknown: 'One of these sites does not exist any more. Take it out.',
  sub_filter_unavailable:
    'The nginx on this server was built without the module that replaces words (http_sub). Take the words away and save again, or install nginx of the distribution.',
  suffix_invalid: 'The end of a file name without its dot: Latin letters and digits. Example: \u2068jpg\u2069',
  upstream_credentials: 'Do not put a name or a password into the address.',
  upstream_invalid: 'This is not a valid address. Example: \u2068http://127.0.0.1:3000\u2069',
  upstream_not_for_kind: 'Only a reverse proxy has an application address. Remove it from this site.',
  upstream_scheme:
    'The address must begin with \u2068http://\u2069, \u2068https://\u2069 or, for a socket, \u2068unix:/run/\u2069.',
  upstream_socket:
    'A socket lies below \u2068/run\u2069, \u2068/srv\u2069 or \u2068/opt\u2069 and is none of the machine’s own doors, such as that of Docker. Example: \u2068unix:/run/shop/app.sock\u2069',
} as const;
