import { randomBytes } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from './log.ts';
import { pagePolicy } from './security-headers.ts';

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** Put into index.html by the build (`html.cspNonce` of Vite); each answer gets its own value. */
const noncePlaceholder = '__CSP_NONCE__';

type WebFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly type: string;
  /** Variants made by the build beside the file. */
  readonly encoded: Partial<Record<'br' | 'gzip', { path: string; sizeBytes: number }>>;
  readonly etag: string;
  /** Name holds a hash of the content: never changes. */
  readonly isFingerprinted: boolean;
};

type Build = {
  readonly files: ReadonlyMap<string, WebFile>;
  readonly index: string | undefined;
  readonly mark: string;
};

/**
 * Serves the built browser application from a list made beforehand: a URL is looked up, never turned into a path.
 * Returns false when the request is not for a file or a page.
 */
export function createStaticWeb(
  webDistDir: string,
  log: Log,
): (request: FastifyRequest, reply: FastifyReply) => boolean {
  let build = readBuild(webDistDir);
  let checkedAt = performance.now();

  /** A new build in the same folder is seen within two seconds. */
  function current(): Build {
    const now = performance.now();
    if (now - checkedAt < 2_000) return build;
    checkedAt = now;
    if (markOf(webDistDir) !== build.mark) {
      build = readBuild(webDistDir);
      log.debug({ files: build.files.size }, 'the browser application was read again');
    }
    return build;
  }

  return (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const { files, index } = current();
    const [path = '/'] = request.url.split('?');
    const file = files.get(path);
    if (file !== undefined) {
      sendFile(request, reply, file);
      return true;
    }
    if (!wantsPage(request, path)) return false;
    if (index === undefined) sendNotBuilt(reply);
    else sendPage(reply, index);
    return true;
  };
}

/** A navigation of a browser, and not to a missing script or picture. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  if (path.startsWith('/api/') || path.startsWith('/health') || path === '/api') return false;
  return (request.headers.accept ?? '').includes('text/html') && extname(path) === '';
}

function sendPage(reply: FastifyReply, index: string): void {
  const nonce = randomBytes(16).toString('base64url');
  reply
    .code(200)
    .headers({
      'content-security-policy': pagePolicy(nonce),
      'content-type': types['.html'],
      'cache-control': 'no-store',
    })
    .send(index.replaceAll(noncePlaceholder, nonce));
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile): void {
  reply.headers({
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.isFingerprinted ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.headers['if-none-match'] === file.etag) {
    reply.code(304).send();
    return;
  }
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = (['br', 'gzip'] as const).find(
    (name) =>
      file.encoded[name] !== undefined && new RegExp(`\\b${name}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\b)`).test(`${accepted}`),
  );
  const variant = encoding === undefined ? file : (file.encoded[encoding] ?? file);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  reply.header('content-length', variant.sizeBytes);
  if (request.method === 'HEAD') {
    reply.send();
    return;
  }
  reply.send(createReadStream(variant.path));
}

/** Both languages: nobody's preference is known yet. */
function sendNotBuilt(reply: FastifyReply): void {
  const nonce = randomBytes(16).toString('base64url');
  reply
    .code(503)
    .headers({
      'content-security-policy': pagePolicy(nonce),
      'content-type': types['.html'],
      'cache-control': 'no-store',
    })
    .send(`<!doctype html>
<html lang="ar" dir="rtl">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>aaPanel</title>
<style nonce="${nonce}">body{font-family:system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1.5rem;line-height:1.8}code{direction:ltr;unicode-bidi:isolate}</style>
<h1>لم تُبنَ واجهة المتصفح بعد</h1>
<p>اللوحة تعمل، لكن ملفات الواجهة غير موجودة. نفّذ الأمر <code>npm run build</code> ثم أعد تحميل هذه الصفحة.</p>
<hr>
<div lang="en" dir="ltr"><h1>The browser application is not built yet</h1>
<p>The panel is running, but the files of its interface are missing. Run <code>npm run build</code>, then reload this page.</p></div>
</html>
`);
}

function readBuild(folder: string): Build {
  const files = new Map<string, WebFile>();
  const mark = markOf(folder);
  if (mark === '') return { files, index: undefined, mark };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const url = `/${relative(folder, path).split(sep).join('/')}`;
    const type = types[extname(path)];
    if (type === undefined || url === '/index.html') continue;
    files.set(url, webFile(path, url, type));
  }
  return { files, index: readFileSync(join(folder, 'index.html'), 'utf8'), mark };
}

function webFile(path: string, url: string, type: string): WebFile {
  const { size, mtimeMs } = statSync(path);
  const br = variantOf(`${path}.br`);
  const gzip = variantOf(`${path}.gz`);
  return {
    path,
    sizeBytes: size,
    type,
    encoded: { ...(br === undefined ? {} : { br }), ...(gzip === undefined ? {} : { gzip }) },
    etag: `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`,
    isFingerprinted: url.startsWith('/assets/'),
  };
}

function variantOf(path: string): { path: string; sizeBytes: number } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? { path, sizeBytes: stat.size } : undefined;
}

/** Changes with each build; empty when there is none. */
function markOf(folder: string): string {
  const stat = statSync(join(folder, 'index.html'), { throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeMs}:${stat.size}:${stat.ino}`;
}
