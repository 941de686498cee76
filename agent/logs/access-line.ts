/** One answer as nginx wrote it down in the panel's format. */
export type AccessLine = {
  readonly address: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** By the server's own clock: `2026-11-28`. */
  readonly day: string;
  /** Without its query, in which people's secrets stand; empty for what was no request of HTTP. */
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly agent: string;
};

export const maxKeyLength = 200;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `28/Nov/2026:02:55:05 +0000` */
const timeLength = 26;

let lastMinute = '';
let minuteAt = 0;
let minuteDay = '';

/**
 * nginx writes a quotation mark inside of a value as `\x22`. So the first one of a line begins the request, and the time
 * right before it is nginx's own, whatever a visitor called himself. undefined for what is not of the format.
 */
export function parseAccessLine(line: string): AccessLine | undefined {
  const quote = line.indexOf('"');
  if (quote < timeLength + 4 || line[quote - 2] !== ']') return undefined;
  const time = line.slice(quote - 2 - timeLength, quote - 2);
  if (line[quote - 3 - timeLength] !== '[' || !readMinute(time)) return undefined;
  const requestEnd = line.indexOf('"', quote + 1);
  const refererStart = line.indexOf('"', requestEnd + 1);
  const refererEnd = line.indexOf('"', refererStart + 1);
  const agentStart = line.indexOf('"', refererEnd + 1);
  const agentEnd = line.indexOf('"', agentStart + 1);
  if (requestEnd < 0 || refererStart < 0 || refererEnd < 0 || agentStart < 0 || agentEnd < 0) return undefined;
  const numbers = /^ ([1-5]\d\d) (\d{1,15}) $/.exec(line.slice(requestEnd + 1, refererStart));
  const seconds = Number(time.slice(18, 20));
  if (numbers === null || !(seconds <= 60)) return undefined;
  return {
    address: visible(line.slice(0, line.indexOf(' '))),
    at: minuteAt + seconds,
    day: minuteDay,
    path: pathOf(line.slice(quote + 1, requestEnd)),
    status: Number(numbers[1]),
    bytes: Number(numbers[2]),
    agent: visible(line.slice(agentStart + 1, agentEnd)),
  };
}

/** Lines of one minute follow each other. */
function readMinute(time: string): boolean {
  const minute = time.slice(0, 17) + time.slice(20);
  if (minute === lastMinute) return true;
  const found = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/.exec(minute);
  const month = found === null ? -1 : months.indexOf(found[2] ?? '');
  if (found === null || month < 0) return false;
  const [, day = '', , year = '', hours, minutes, sign, zoneHours, zoneMinutes] = found;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  minuteAt = Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes) - zone) / 1_000;
  minuteDay = `${year}-${String(month + 1).padStart(2, '0')}-${day}`;
  lastMinute = minute;
  return true;
}

function pathOf(request: string): string {
  const end = request.lastIndexOf(' HTTP/');
  const start = request.indexOf(' ') + 1;
  if (start === 0 || end < start || request[start] !== '/') return '';
  const target = request.slice(start, end);
  const query = target.search(/[?#]/);
  return visible(query === -1 ? target : target.slice(0, query));
}

/** nginx itself writes nothing but visible ASCII; a format of somebody's own may. */
function visible(text: string): string {
  return text.slice(0, maxKeyLength).replace(/[^\x20-\x7e]/g, '?');
}
