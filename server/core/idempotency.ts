import { createHash, createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#shared/errors.ts';
import type { Operation } from '#shared/http.ts';
import type { Context } from '../context.ts';
import { isUniqueError } from '../db/errors.ts';
import type { Actor } from './actor.ts';

/** How long an answer can be asked for again. */
const keptMs = 24 * 60 * 60 * 1000;
/** A first request that has not ended after this long died with its process. */
const underWayMs = 5 * 60 * 1000;
/** Longer answers are not kept: a repetition is then refused as `already_exists`. */
const maxAnswerLength = 60_000;

export type StoredAnswer = { readonly status: number; readonly text: string | null };

export type IdempotencyClaim = {
  /** Set when this key was used before with the same request: send it again, do nothing. */
  readonly answer: StoredAnswer | undefined;
  /** `isSecret`: only that there was one; a repetition is refused then. */
  keep(answer: StoredAnswer, isSecret: boolean): Promise<void>;
  /** After a failure: the key may be used again. */
  release(): Promise<void>;
};

type Facts = { readonly params: unknown; readonly query: unknown; readonly body: unknown };

/**
 * Takes the `Idempotency-Key` of a signed-in person's POST; undefined when there is none. Throws `already_exists` when
 * the key belongs to another request, `busy` while the first one is under way.
 */
export async function claimIdempotency(
  ctx: Pick<Context, 'db' | 'clock' | 'config'>,
  operation: Operation,
  request: FastifyRequest,
  actor: Actor | undefined,
  facts: Facts,
): Promise<IdempotencyClaim | undefined> {
  const key = request.headers['idempotency-key'];
  if (key === undefined || operation.method !== 'POST' || actor === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new AppError('invalid_request', 'Idempotency-Key must be 1 to 200 visible ASCII characters.', {
      reason: 'idempotency_key_invalid',
    });
  }
  const id = createHash('sha256')
    .update(JSON.stringify([actor.id, operation.id, key]))
    .digest('hex');
  const text = JSON.stringify([facts.params ?? null, facts.query ?? null, facts.body ?? null]);
  // Keyed: the text may hold a password, which a plain hash would let somebody guess.
  const requestHash = createHmac('sha256', ctx.config.sessionKey).update(text).digest('hex');
  const answer = await insertOrFind(ctx, id, requestHash);
  return {
    answer,
    async keep({ status, text: answerText }, isSecret) {
      const tooLong = isSecret || (answerText !== null && answerText.length > maxAnswerLength);
      await ctx.db
        .updateTable('idempotency')
        .set({ status: tooLong ? 409 : status, answer_json: tooLong ? null : answerText })
        .where('id', '=', id)
        .execute();
    },
    async release() {
      await ctx.db.deleteFrom('idempotency').where('id', '=', id).where('status', 'is', null).execute();
    },
  };
}

async function insertOrFind(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  id: string,
  requestHash: string,
): Promise<StoredAnswer | undefined> {
  const now = clock.now();
  await db
    .deleteFrom('idempotency')
    .where('id', '=', id)
    .where((where) =>
      where.or([
        where('expires_at', '<=', now),
        where.and([where('status', 'is', null), where('created_at', '<=', now - underWayMs)]),
      ]),
    )
    .execute();
  try {
    await db
      .insertInto('idempotency')
      .values({
        id,
        request_hash: requestHash,
        status: null,
        answer_json: null,
        created_at: now,
        expires_at: now + keptMs,
      })
      .execute();
    return undefined;
  } catch (error) {
    if (!isUniqueError(error)) throw error;
  }
  const row = await db.selectFrom('idempotency').selectAll().where('id', '=', id).executeTakeFirst();
  if (row !== undefined && row.request_hash !== requestHash) {
    throw new AppError('already_exists', 'This Idempotency-Key was used for another request.', {
      reason: 'idempotency_key_reused',
    });
  }
  if (row === undefined || row.status === null) {
    throw new AppError('busy', 'The first request with this Idempotency-Key is still under way.', {
      reason: 'idempotency_under_way',
    });
  }
  if (row.answer_json === null && row.status === 409) {
    throw new AppError('already_exists', 'This request was carried out; its answer was too long to keep.', {
      reason: 'idempotency_answer_gone',
    });
  }
  return { status: row.status, text: row.answer_json };
}
