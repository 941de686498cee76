import { statSync } from 'node:fs';
import { findNginx } from './nginx.check.ts';
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
};

/** Understood by every nginx and OpenSSL that we know: also for a machine where none is installed yet. */
export const plainBuild: NginxBuild = {
  hasRejectHandshake: false,
  hasHttp2Directive: false,
  hasMlKem: false,
  hasHttp3: false,
  hasSubFilter: true,
};

let known: { readonly stamp: string; readonly build: NginxBuild } | undefined;

/** Asks nginx itself, again only after it was replaced. */
export async function nginxBuild(prefix: string): Promise<NginxBuild> {
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
