import { hasWayUp, isCleanRewrite } from '#shared/behaviour/clean-paths.ts';
import { AppError } from '#shared/errors.ts';
import { parseUpstream } from '#shared/site-domains.ts';
import { areCleanPaths } from './nginx.paths.ts';
import { parseDirectives, TokenError, type Directive } from './nginx.tokens.ts';

/*
 * Custom directives of a site: what may stand there is a list; whatever is not on it is refused. Off the list on
 * purpose: everything that names a file outside the site (logs, includes, keys, temporary folders, modules), runs code,
 * speaks to Unix sockets, or changes which names and ports the server answers to.
 */

const plain = new Set(
  `absolute_redirect add_after_body add_before_body add_header add_trailer addition_types allow auth_basic auth_delay
  autoindex autoindex_exact_size autoindex_format autoindex_localtime break charset charset_types chunked_transfer_encoding
  client_body_buffer_size client_body_timeout client_header_timeout client_max_body_size default_type deny empty_gif
  error_page etag expires gunzip gzip gzip_buffers gzip_comp_level gzip_disable gzip_http_version gzip_min_length
  gzip_proxied gzip_static gzip_types gzip_vary if_modified_since ignore_invalid_headers index internal keepalive_disable
  keepalive_requests keepalive_time keepalive_timeout large_client_header_buffers limit_conn limit_conn_status limit_rate
  limit_rate_after limit_req limit_req_status lingering_close lingering_time lingering_timeout log_not_found max_ranges
  merge_slashes override_charset port_in_redirect proxy_buffer_size proxy_buffering proxy_buffers
  proxy_busy_buffers_size proxy_connect_timeout proxy_cookie_domain proxy_cookie_flags proxy_cookie_path
  proxy_force_ranges proxy_hide_header proxy_http_version proxy_ignore_client_abort proxy_ignore_headers
  proxy_intercept_errors proxy_max_temp_file_size proxy_method proxy_next_upstream proxy_next_upstream_timeout
  proxy_next_upstream_tries proxy_pass_header proxy_pass_request_body proxy_pass_request_headers proxy_read_timeout
  proxy_redirect proxy_request_buffering proxy_send_timeout proxy_set_body proxy_set_header proxy_socket_keepalive
  proxy_ssl_name proxy_ssl_protocols proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify
  proxy_ssl_verify_depth real_ip_header real_ip_recursive recursive_error_pages referer_hash_bucket_size
  referer_hash_max_size reset_timedout_connection return rewrite rewrite_log satisfy send_timeout server_name_in_redirect
  server_tokens set set_real_ip_from source_charset ssi ssi_silent_errors ssi_types sub_filter sub_filter_last_modified
  sub_filter_once sub_filter_types tcp_nodelay tcp_nopush try_files underscores_in_headers valid_referers`.split(/\s+/),
);

const blocks = new Set(['if', 'limit_except', 'location', 'types']);
const onlyOff = new Set(['access_log', 'proxy_cache']);
const paths = new Set(['root', 'alias']);
const namesFiles = new Set(['add_after_body', 'add_before_body', 'error_page', 'try_files']);

/** The directives of the text, checked. Throws `invalid_request` with the directive and its line. */
export function checkDirectives(text: string, siteRoot: string): Directive[] {
  let directives: Directive[];
  try {
    directives = parseDirectives(text);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new AppError('invalid_request', `Custom directives, line ${error.line}: ${error.message}.`, {
      reason: 'directive_syntax',
      params: { line: error.line, message: error.message },
    });
  }
  for (const directive of directives) checkOne(directive, siteRoot);
  return directives;
}

function checkOne(directive: Directive, siteRoot: string): void {
  const { name, args, block } = directive;
  if (block !== null) {
    if (!blocks.has(name) || args.some(hasWayUp)) throw refused(directive);
    if (name === 'types') return block.forEach(checkType);
    return block.forEach((inner) => checkOne(inner, siteRoot));
  }
  if (onlyOff.has(name)) {
    if (args.length !== 1 || args[0] !== 'off') throw refused(directive);
    return;
  }
  if (paths.has(name)) {
    if (args.length !== 1 || !isBelow(args[0] ?? '', siteRoot)) throw refused(directive);
    return;
  }
  if (name === 'proxy_pass') {
    if (args.length !== 1 || !isSafeUpstream(args[0] ?? '')) throw refused(directive);
    return;
  }
  if (!plain.has(name) || args.some(hasWayUp)) throw refused(directive);
  if (namesFiles.has(name) && !areCleanPaths(directive)) throw refused(directive);
  if (name === 'rewrite' && !isCleanRewrite(args)) throw refused(directive);
  if (name === 'index' && args.some((each) => each.includes('$'))) throw refused(directive);
  if (args.some((each) => /unix:/i.test(each))) throw refused(directive);
}

/** Inside `types` the names are media types. */
function checkType(directive: Directive): void {
  const isType = /^[\w.+-]+\/[\w.+-]+$/.test(directive.name) && directive.block === null;
  if (!isType || !directive.args.every((each) => /^[\w+-]+$/.test(each))) throw refused(directive);
}

function isBelow(path: string, siteRoot: string): boolean {
  const isPlain = /^\/[A-Za-z0-9._/ -]+$/.test(path) && !path.split('/').some((part) => part === '..' || part === '.');
  return isPlain && path.startsWith(`${siteRoot}/`) && path.slice(siteRoot.length).replaceAll('/', '') !== '';
}

/**
 * An upstream as in the form; behind the host also nginx's variables of the request. What a visitor can begin freely never
 * stands right behind the host: it would become a part of it.
 */
function isSafeUpstream(value: string): boolean {
  const variables =
    /^(https?:\/\/[^/$]+)(?:(\/[^$]*)(?:\$(?:request_uri|uri|is_args|args))+|\$(?:request_uri|uri)(?:\$(?:is_args|args))*)$/;
  const literal = value.replace(variables, '$1$2');
  // A socket is given in the forms, where its place is asked about.
  const parsed = parseUpstream(literal);
  return !literal.includes('$') && parsed.ok && !parsed.upstream.isSocket;
}

function refused({ name, line }: Directive): AppError {
  const directive = name.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
  return new AppError('invalid_request', `The directive ${directive} (line ${line}) is not allowed here.`, {
    reason: 'directive_not_allowed',
    params: { directive, line },
  });
}
