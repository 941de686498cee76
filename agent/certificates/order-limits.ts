import { AppError } from '#shared/errors.ts';
import { isOpen, type OrderRecord } from './orders.ts';
import { waitOf } from './renewal-time.ts';

/*
 * What the authority would refuse is not asked of it: Let's Encrypt stops after five failed proofs of a name per hour, and
 * after five certificates for the same names per week.
 */

const hour = 60 * 60 * 1000;
const week = 7 * 24 * hour;
const mostFailedPerHour = 4;
const mostAlikePerWeek = 5;

/** Throws when an order is under way, or limits of the authority would be met. */
export function checkLimits(orders: readonly OrderRecord[], hosts: readonly string[], now: number): void {
  // One that waits for a person keeps only its own names from being ordered again.
  const isInTheWay = (each: OrderRecord): boolean =>
    each.proof.kind !== 'manual' || each.hosts.some((host) => hosts.includes(host));
  if (orders.some((each) => isOpen(each, now) && isInTheWay(each)))
    throw new AppError('busy', 'Another certificate is being issued.', { reason: 'acme_busy' });
  const failed = orders.filter(
    (each) => each.state === 'failed' && now - each.startedAt < hour && askedAuthority(each),
  );
  const tired = hosts.find((host) => failed.filter((each) => each.hosts.includes(host)).length >= mostFailedPerHour);
  if (tired !== undefined)
    throw new AppError('rate_limited', 'This name failed too often lately.', {
      reason: 'acme_too_often',
      params: { host: tired },
    });
  const waiting = orders.find((each) => waitOf(each) > now && each.hosts.some((host) => hosts.includes(host)));
  if (waiting !== undefined)
    throw new AppError('rate_limited', 'The authority wants not to be asked yet.', { reason: 'acme_rate_limited' });
  const names = [...hosts].sort().join();
  const alike = orders.filter(
    (each) => each.state === 'succeeded' && now - each.startedAt < week && [...each.hosts].sort().join() === names,
  );
  if (alike.length >= mostAlikePerWeek)
    throw new AppError('rate_limited', 'These names had enough certificates this week.', {
      reason: 'acme_weekly_limit',
    });
}

/** What was wrong before the authority was asked, or where it was only tried, does not count with it. */
const unasked =
  /^(?:acme_no_address|acme_other_server|acme_ca_unreachable|acme_cancelled|acme_clock|acme_records_missing|certbot_missing|disk_full|dns_.*)$/;
function askedAuthority({ failure }: OrderRecord): boolean {
  return failure === null || (failure.params['at'] !== 'staging' && !unasked.test(failure.reason));
}
