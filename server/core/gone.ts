import type { FastifyReply } from 'fastify';

/** Aborted when the browser has gone before its answer: then nobody needs any more what is done for it. */
export function goneOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => (raw.writableFinished ? undefined : gone.abort()));
  return gone.signal;
}
