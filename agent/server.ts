import { chmodSync, chownSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { agentBytesIdleMs, agentEnvelopeHeader, agentMaxRequestBytes } from '#shared/agent/protocol.ts';
import { AppError } from '#shared/errors.ts';
import type { AgentSettings } from './core/machine.ts';
import { findGroup } from './core/machine.ts';
import { refusal, type Actions, type Reply } from './requests.ts';

/*
 * HTTP over the Unix socket: `POST /v1/actions/<name>`; a body of bytes has its request in a header, bytes that are answered
 * have the answer in one. Who may connect is decided by the mode of the socket; a browser
 * that was talked into it is known by the headers it cannot leave out.
 */

const bytesType = 'application/octet-stream';
/** A request of text arrives at once. */
const textMs = 10_000;
const lingerMs = 3_000;

export type AgentServer = {
  /** Requests whose answer is not written yet. */
  readonly openCount: number;
  /** No new connection from now on; ends when what has arrived is answered. */
  stop(): Promise<void>;
};

/** A socket that systemd passed, or one that we make. */
export type Listening = { readonly kind: 'passed'; readonly fd: number } | { readonly kind: 'own' };

export async function startServer(
  settings: AgentSettings,
  actions: Actions,
  listening: Listening,
  onActivity: () => void,
): Promise<AgentServer> {
  let openCount = 0;
  let isStopping = false;
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: 5_000,
      // Of bytes; a request of text has `textMs`.
      requestTimeout: 90_000,
      // Above the time after which the client lets go, so that it rarely meets a closing connection.
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      noDelay: true,
    },
    (request, response) => {
      openCount++;
      response.once('close', () => {
        openCount--;
        onActivity();
      });
      void reply(request, response);
    },
  );
  server.maxConnections = 64;
  // What is no HTTP at all gets no answer.
  server.on('clientError', (_, socket) => void socket.destroy());

  async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => (response.writableFinished ? undefined : gone.abort()));
    const { status, text, bytes } = await answerTo(request, gone.signal).catch((error: unknown) =>
      refusal(error instanceof AppError ? error : new AppError('internal', 'The request could not be read.')),
    );
    if (response.destroyed) return void bytes?.destroy();
    // A body that was not read to its end cannot be followed by another request.
    const hasBytes = request.headers['content-type'] === bytesType;
    if (isStopping || (!request.complete && !hasBytes)) response.setHeader('connection', 'close');
    if (bytes !== undefined) {
      const envelope = Buffer.from(text).toString('base64url');
      response.writeHead(status, { 'content-type': 'application/octet-stream', [agentEnvelopeHeader]: envelope });
      response.setTimeout(agentBytesIdleMs, () => response.destroy());
      // Broken off on either side: the other learns it by its connection.
      await pipeline(bytes, response).catch(() => undefined);
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text, () => {
      if (request.complete) return;
      if (!hasBytes) return void request.destroy();
      // Whoever is still sending would meet a closed connection before they read why: they close it themselves.
      request.resume();
      const timer = setTimeout(() => request.destroy(), lingerMs);
      request.once('close', () => clearTimeout(timer));
    });
  }

  async function answerTo(request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
    const name = checkRequest(request);
    // Also while ending: what arrived in time is answered.
    if (request.headers['content-type'] !== bytesType)
      return await actions.answer(name, await readBody(request), undefined, signal);
    const envelope = request.headers[agentEnvelopeHeader];
    const body = typeof envelope === 'string' ? Buffer.from(envelope, 'base64url').toString('utf8') : '';
    return await actions.answer(name, body, request, signal);
  }

  await listen(server, settings, listening);
  return {
    get openCount() {
      return openCount;
    },
    async stop() {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      await closed;
      clearInterval(sweep);
    },
  };
}

/** Name of the action. Throws for everything that our own client never sends. */
function checkRequest({ method, url, headers }: IncomingMessage): string {
  const isBrowser = ['origin', 'referer', 'sec-fetch-site', 'cookie'].some((name) => headers[name] !== undefined);
  if (isBrowser) throw new AppError('not_allowed', 'Browsers have no business here.', { reason: 'browser_refused' });
  const name = /^\/v1\/actions\/([a-z0-9_.]{1,64})$/.exec(url ?? '')?.[1];
  if (name === undefined || method !== 'POST')
    throw new AppError('not_found', 'There is no such action.', { reason: 'unknown_action' });
  if (headers['content-type'] !== 'application/json' && headers['content-type'] !== bytesType)
    throw new AppError('invalid_request', 'The body must be JSON.', { reason: 'content_type' });
  return name;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = new AppError('too_large', 'The request is too large.', {
    reason: 'request_too_large',
    params: { maxBytes: agentMaxRequestBytes },
  });
  if (Number(request.headers['content-length'] ?? 0) > agentMaxRequestBytes) throw tooLarge;
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= agentMaxRequestBytes) chunks.push(chunk);
      else {
        request.pause();
        reject(tooLarge);
      }
    });
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.once('error', reject);
    const timer = setTimeout(() => request.destroy(), textMs);
    request.once('close', () => clearTimeout(timer));
    request.once('close', () => reject(new AppError('invalid_request', 'The request was cut off.')));
  });
}

async function listen(server: Server, settings: AgentSettings, listening: Listening): Promise<void> {
  if (listening.kind === 'passed') return await started(server, () => server.listen({ fd: listening.fd }));
  const { socketPath: path, group } = settings;
  const isRoot = process.getuid?.() === 0;
  const gid = findGroup(group);
  if (isRoot && gid === undefined) throw new Error(`the group ${group} of AAPANEL_AGENT_GROUP does not exist`);
  await removeStale(path);
  // Nobody but us may connect before group and mode are right.
  const before = process.umask(0o177);
  try {
    await started(server, () => server.listen({ path }));
  } finally {
    process.umask(before);
  }
  if (isRoot && gid !== undefined) chownSync(path, 0, gid);
  chmodSync(path, 0o660);
}

async function started(server: Server, start: () => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}

/** Removes a socket that nobody listens on; anything else in its place is somebody's and stays. */
async function removeStale(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`${path} is not a socket`);
  const isUsed = await new Promise<boolean>((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (isUsed) throw new Error(`another agent listens on ${path}`);
  unlinkSync(path);
}
