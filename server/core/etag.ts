import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';

/** Marks the answer with the revision of the thing it shows: `ETag: "<revision>"`. */
export function setEtag(reply: FastifyReply, revision: number): void {
  reply.header('etag', `"${revision}"`);
}

/** The revision of `If-Match`; undefined when the header is absent or `*`. Throws `invalid_request` for anything else. */
export function ifMatch(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']?.trim();
  if (header === undefined || header === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (revision === undefined) {
    throw new AppError('invalid_request', 'If-Match must be one revision in double quotes.', {
      reason: 'if_match_invalid',
    });
  }
  return Number(revision);
}

/** Throws `changed_meanwhile` (412) when the person saw another revision than the present one. */
export function checkIfMatch(request: FastifyRequest, revision: number): void {
  const seen = ifMatch(request);
  if (seen === undefined || seen === revision) return;
  throw new AppError('changed_meanwhile', 'Somebody changed this in the meantime.', { reason: 'revision_changed' });
}
