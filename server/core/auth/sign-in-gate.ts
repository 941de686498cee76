import type { FastifyReply } from 'fastify';
import { AppError } from '#shared/errors.ts';

/** Each asks the database and the agent several times: more at once would keep everybody else waiting. */
const maxAtOnce = 4;
/** Callers beyond this are sent away instead of waiting for seconds. */
const maxWaiting = 64;

/** Lets strangers in a few at a time, first come, first served. Throws `busy` (`sign_in_busy`) when too many wait. */
export function createSignInGate(): (reply: FastifyReply) => Promise<void> {
  const waiting: (() => void)[] = [];
  let inside = 0;

  function leaveWith({ raw }: FastifyReply): void {
    let isInside = true;
    const leave = () => {
      if (!isInside) return;
      isInside = false;
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    };
    raw.once('finish', leave);
    raw.once('close', leave);
  }

  return async (reply) => {
    if (inside < maxAtOnce) {
      inside += 1;
    } else {
      if (waiting.length >= maxWaiting) {
        throw new AppError('busy', 'Too many sign-ins at once; try again in a moment.', { reason: 'sign_in_busy' });
      }
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
    leaveWith(reply);
  };
}
