import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../context.ts';
import type { Actor } from './actor.ts';

/** Also the interval at which the session is asked for again. */
const heartbeatMs = 15_000;
/** A reader this far behind is cut off: it comes back and reads on from `Last-Event-ID`. */
const maxBehindBytes = 1024 * 1024;
const maxStreamsPerSession = 32;

const streamsOf = new Map<string, number>();

export type StreamEvent = {
  /** Name of the event; `message` when absent. */
  readonly event?: string;
  /** Sent back as `Last-Event-ID` after a reconnection. One line. */
  readonly id?: string;
  /** Sent as JSON. */
  readonly data: unknown;
};

export type EventStream = {
  /** What the browser saw last before it came back. */
  readonly lastEventId: string | undefined;
  /** Aborted when the stream ends, whoever ended it. */
  readonly signal: AbortSignal;
  readonly isOpen: boolean;
  /** False when the event was not taken because the stream is closed, or was closed because the reader is too slow. */
  send(event: StreamEvent): boolean;
  /** Resolves when what was sent has left, or the stream has ended. For producers that can wait. */
  drained(): Promise<void>;
  close(): void;
};

/**
 * Answers with server-sent events. The stream ends when the browser goes, the session ends (sign-out, disabling,
 * expiry), or the panel shuts down. Listen to `signal` for all of them.
 */
export function openStream({
  ctx,
  actor,
  request,
  reply,
}: {
  readonly ctx: Context;
  readonly actor: Actor;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}): EventStream {
  if (ctx.health.isDraining) throw new AppError('busy', 'The panel is shutting down.', { reason: 'shutting_down' });
  const lives = actor.tokenId === undefined ? ctx.sessions : ctx.apiTokens;
  const open = streamsOf.get(actor.sessionId) ?? 0;
  if (open >= maxStreamsPerSession) {
    throw new AppError('rate_limited', 'Too many live views are open.', { reason: 'too_many_streams' });
  }
  streamsOf.set(actor.sessionId, open + 1);
  const { raw } = reply;
  const headers = reply.getHeaders();
  reply.hijack();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write('retry: 2000\n\n');

  const ended = new AbortController();
  const close = () => {
    if (ended.signal.aborted) return;
    ended.abort();
    clearInterval(heartbeat);
    offEnd();
    offDrain();
    const left = (streamsOf.get(actor.sessionId) ?? 1) - 1;
    if (left > 0) streamsOf.set(actor.sessionId, left);
    else streamsOf.delete(actor.sessionId);
    raw.end();
  };
  const heartbeat = setInterval(() => {
    if (raw.writableLength > maxBehindBytes) return cut();
    raw.write(': still here\n\n');
    lives.isAlive(actor.sessionId).then(
      (isAlive) => (isAlive ? undefined : close()),
      (error: unknown) => {
        ctx.log.warn({ err: error }, 'the session of a live view could not be checked');
        close();
      },
    );
  }, heartbeatMs);
  heartbeat.unref();
  const offEnd = lives.onEnd(actor.sessionId, close);
  const offDrain = ctx.health.onDrain(close);
  raw.on('close', close);
  raw.on('error', close);
  const cut = () => {
    close();
    raw.destroy();
  };
  return {
    lastEventId: lastEventIdOf(request),
    signal: ended.signal,
    get isOpen() {
      return !ended.signal.aborted;
    },
    send(event) {
      if (ended.signal.aborted) return false;
      if (raw.writableLength > maxBehindBytes) {
        cut();
        return false;
      }
      raw.write(format(event));
      return true;
    },
    async drained() {
      if (ended.signal.aborted || !raw.writableNeedDrain) return;
      await new Promise<void>((resolve) => {
        const done = () => {
          raw.off('drain', done);
          ended.signal.removeEventListener('abort', done);
          resolve();
        };
        raw.once('drain', done);
        ended.signal.addEventListener('abort', done, { once: true });
      });
    },
    close,
  };
}

/** JSON has no raw line ends, so `data` is always one line. */
function format({ event, id, data }: StreamEvent): string {
  const lines: string[] = [];
  if (event !== undefined) lines.push(`event: ${oneLine(event)}`);
  if (id !== undefined) lines.push(`id: ${oneLine(id)}`);
  lines.push(`data: ${JSON.stringify(data)}`);
  return `${lines.join('\n')}\n\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '');
}

function lastEventIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : undefined;
}
