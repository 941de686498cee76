/*
 * Clock times of a place. Node has no Temporal here; the offset of a zone comes from Intl.
 */

export type LocalTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 0: Sunday. */
  readonly weekday: number;
};

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const digits = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: digits,
    day: digits,
    hour: digits,
    minute: digits,
    second: digits,
  });
  formats.set(timeZone, format);
  return format;
}

export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

const quarter = 15 * 60 * 1000;
const maxRemembered = 100_000;
/** Intl is slow, and zones change on the quarter of an hour only. */
const offsets = new Map<string, Map<number, number>>();

/** Milliseconds that the zone's clocks are ahead of UTC at this moment. */
export function offsetMs(at: number, timeZone: string): number {
  const remembered = offsets.get(timeZone) ?? new Map<number, number>();
  offsets.set(timeZone, remembered);
  const start = Math.floor(at / quarter) * quarter;
  const known = remembered.get(start);
  if (known !== undefined) return known;
  const part: Partial<Record<string, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(start)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(start, offset);
  return offset;
}

export function localTime(at: number, timeZone: string): LocalTime {
  const shifted = new Date(at + offsetMs(at, timeZone));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    weekday: shifted.getUTCDay(),
  };
}

/**
 * The moment when the clocks of a zone show this; the first of two. A time that clocks jump over becomes the moment of
 * the jump.
 */
export function momentOf({ year, month, day, hour, minute }: Omit<LocalTime, 'weekday'>, timeZone: string): number {
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  const day24 = 24 * 60 * 60 * 1000;
  const around = [offsetMs(wanted - day24, timeZone), offsetMs(wanted + day24, timeZone)];
  const exact = around.map((offset) => wanted - offset).filter((at) => at + offsetMs(at, timeZone) === wanted);
  if (exact.length > 0) return Math.min(...exact);
  // Clocks jumped over it: with the offset before the jump it lies behind the jump by as much as it was inside the gap.
  const [before = 0, after = 0] = around;
  let low = wanted - Math.max(before, after);
  let high = wanted - Math.min(before, after);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetMs(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}
