import { statSync } from 'node:fs';
import { findNginx } from './nginx.check.ts';
import { allDirectives } from './nginx.files.ts';
import { run } from '../core/run.ts';

/** What the installed nginx can do, as far as our texts depend on it. */
export type NginxBuild = {
  /** `ssl_reject_handshake` (1.19.4). */
  readonly hasRejectHandshake: boolean;
  /** `http2 on;` instead of a parameter of `listen` (1.25.1). */
  readonly hasHttp2Directive: boolean;
  /** The hybrid group X25519MLKEM768 (OpenSSL 3.5). */
  readonly hasMlKem: boolean;
  /** HTTP/3 over QUIC (1.25.0, where it was built in). */
  readonly hasHttp3: boolean;
  /** Words in answers can be replaced (`sub_filter`); some leave the module out. */
  readonly hasSubFilter: boolean;
  /** Answers can be packed by brotli: a module of its own package, or built in. */
  readonly hasBrotli: boolean;
};

/** Understood by every nginx and OpenSSL that we know: also for a machine where none is installed yet. */
export const plainBuild: NginxBuild = {
  hasRejectHandshake: false,
  hasHttp2Directive: false,
  hasMlKem: false,
  hasHttp3: false,
  hasSubFilter: true,
  hasBrotli: false,
};

let known: { readonly stamp: string; readonly build: NginxBuild } | undefined;

/** What is built in, and what its files load besides. */
export async function nginxBuild(prefix: string): Promise<NginxBuild> {
  const build = await builtIn(prefix);
  return build.hasBrotli ? build : { ...build, hasBrotli: loadsBrotli(prefix) };
}

function loadsBrotli(prefix: string): boolean {
  for (const { directive } of allDirectives(prefix))
    if (directive.name === 'load_module' && /(?:^|\/)ngx_http_brotli_filter_module\.so$/.test(directive.args[0] ?? ''))
      return true;
  return false;
}

/** Asks nginx itself, again only after it was replaced. */
async function builtIn(prefix: string): Promise<NginxBuild> {
  const nginx = findNginx(prefix);
  if (nginx === undefined) return plainBuild;
  const { ino, size, mtimeMs } = statSync(nginx);
  const stamp = `${nginx}:${ino}:${size}:${mtimeMs}`;
  if (known?.stamp === stamp) return known.build;
  const { stderr } = await run(nginx, ['-V'], { timeoutMs: 3_000 });
  known = { stamp, build: readBuild(stderr) };
  return known.build;
}

/** Of what `nginx -V` says. */
export function readBuild(words: string): NginxBuild {
  const nginx = /nginx version: [^/\s]+\/(\d+)\.(\d+)\.(\d+)/.exec(words);
  const openssl =
    /running with OpenSSL (\d+)\.(\d+)\.(\d+)/.exec(words) ?? /built with OpenSSL (\d+)\.(\d+)\.(\d+)/.exec(words);
  return {
    hasRejectHandshake: isAtLeast(nginx, [1, 19, 4]),
    hasHttp2Directive: isAtLeast(nginx, [1, 25, 1]),
    hasMlKem: isAtLeast(openssl, [3, 5, 0]),
    hasHttp3: isAtLeast(nginx, [1, 25, 0]) && /(?:^|\s)--with-http_v3_module(?:\s|$)/.test(words),
    hasSubFilter: /(?:^|\s)--with-http_sub_module(?:\s|$)/.test(words),
    hasBrotli: /(?:^|\s)--add-module=\S*brotli\S*(?:\s|$)/.test(words),
  };
}

function isAtLeast(found: RegExpExecArray | null, wanted: readonly [number, number, number]): boolean {
  if (found === null) return false;
  for (const [index, part] of wanted.entries()) {
    const own = Number(found[index + 1]);
    if (own !== part) return own > part;
  }
  return true;
}
