/** Milliseconds that a zone is ahead of UTC at this instant. */
function offsetMs(at: number, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...(timeZone === undefined ? {} : { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - at;
}

function startOf(utcMidnight: number, timeZone: string | undefined): number {
  const guess = utcMidnight - offsetMs(utcMidnight, timeZone);
  // Once more: the clocks may have changed in between.
  return utcMidnight - offsetMs(guess, timeZone);
}

const dayMs = 86_400_000;

/** Where a day such as `2026-03-01` begins and ends (its last millisecond) in a time zone; undefined: the browser's. */
export function instantsOfDay(
  day: string,
  timeZone: string | undefined,
): { readonly since: string; readonly until: string } {
  const midnight = Date.parse(`${day}T00:00:00.000Z`);
  return {
    since: new Date(startOf(midnight, timeZone)).toISOString(),
    until: new Date(startOf(midnight + dayMs, timeZone) - 1).toISOString(),
  };
}
