import { Agent, IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { agentEnvelopeHeader } from '#shared/agent/protocol.ts';
import { forgetSent } from '#shared/sent-bytes.ts';

export type Answer = { readonly statusCode: number; readonly text: string };

/** Failure of the connection itself; `wasSent` is false when no byte of the request can have been read. */
export class ConnectionError extends Error {
  readonly wasSent: boolean;
  readonly isRetryable: boolean;

  constructor(cause: unknown, { wasSent, isRetryable }: { wasSent: boolean; isRetryable: boolean }) {
    super('the connection to the agent failed', { cause });
    this.wasSent = wasSent;
    this.isRetryable = isRetryable;
  }
}

export class TooLateError extends Error {}
export class TooLargeError extends Error {}

export async function collect(response: IncomingMessage, maxBytes: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLargeError();
    chunks.push(chunk);
  }
  return { statusCode: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

/** Bytes that go along with a request; exactly so many. */
export type SentBytes = { readonly stream: Readable; readonly lengthBytes: number };

type Exchange = {
  readonly name: string;
  /** The `agentRequest`. */
  readonly envelope: string;
  readonly sent: SentBytes | null;
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

const maxSockets = 32;

/**
 * Requests with bytes, on connections of their own: however long they take, no other question waits behind them. Bytes that
 * come back are read as slowly as whoever gets them wants.
 */
export function createBytesExchange(socketPath: string) {
  const pool = new Agent({ keepAlive: false, maxSockets });
  return {
    async ask({ name, envelope, sent, timeoutMs, maxBytes }: Exchange): Promise<Answer & { bytes: Readable | null }> {
      return await new Promise((resolve, reject) => {
        let isConnected = false;
        const headers =
          sent === null
            ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(envelope) }
            : {
                'content-type': 'application/octet-stream',
                'content-length': sent.lengthBytes,
                [agentEnvelopeHeader]: Buffer.from(envelope).toString('base64url'),
                // Closed by us when the answer is read: an agent that closes first takes the answer with it.
                connection: 'keep-alive',
              };
        const path = `/v1/actions/${name}`;
        const asked = request({
          socketPath,
          agent: pool,
          method: 'POST',
          path,
          headers: { ...headers, host: 'agent' },
        });
        const timer = setTimeout(() => {
          reject(new TooLateError());
          asked.destroy();
        }, timeoutMs);
        timer.unref();
        asked.once('socket', (socket) => socket.once('connect', () => (isConnected = true)));
        asked.once('close', () => clearTimeout(timer));
        asked.on('error', (error) => {
          reject(new ConnectionError(error, { wasSent: isConnected, isRetryable: false }));
        });
        asked.once('response', (response) => {
          clearTimeout(timer);
          const given = response.headers[agentEnvelopeHeader];
          if (typeof given === 'string') {
            const text = Buffer.from(given, 'base64url').toString('utf8');
            return resolve({ statusCode: response.statusCode ?? 0, text, bytes: response });
          }
          collect(response, maxBytes)
            .then((answer) => resolve({ ...answer, bytes: null }), reject)
            // It may not have read everything.
            .finally(() => asked.destroy());
        });
        if (sent === null) asked.end(envelope);
        else pipeInto(sent.stream, asked);
      });
    },
    close: () => pool.destroy(),
  };
}

/** A sender that goes away in the middle takes the request with it: the agent keeps what came until then. */
function pipeInto(stream: Readable, asked: ReturnType<typeof request>): void {
  const onClose = (): void => {
    if (!stream.readableEnded) asked.destroy(new Error('the sender went away'));
  };
  stream.once('error', onClose);
  stream.once('close', onClose);
  // What a browser sends is nobody else's.
  const onGone = stream instanceof IncomingMessage ? forgetSent : () => undefined;
  const onData = (piece: Uint8Array): void => {
    if (!asked.write(piece, () => onGone(piece))) stream.pause();
  };
  asked.on('drain', () => stream.resume());
  asked.once('close', () => {
    stream.off('close', onClose);
    stream.off('data', onData);
    stream.pause();
  });
  if (stream.destroyed) onClose();
  else {
    // An agent that refuses says so before the first byte comes.
    asked.flushHeaders();
    stream.once('end', () => asked.end());
    stream.on('data', onData);
  }
}
