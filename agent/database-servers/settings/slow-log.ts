import type { SlowStatement } from '#shared/database-server-settings.ts';

/*
 * What the log of slow statements says, put together by statement. The log holds what strangers wrote into their statements:
 * only the shape of each comes out of here, never a value.
 */

const maxStatement = 8_000;
const shownDigest = 1_000;

/** A statement without its values, comments and line breaks: those that differ in nothing else are the same. */
export function digestOf(statement: string): string {
  const text = statement.slice(0, maxStatement);
  let digest = '';
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? '';
    if (sign === "'" || sign === '"') {
      at = endOfText(text, at, sign);
      digest += '?';
    } else if (sign === '`') {
      const end = endOfName(text, at);
      digest += text.slice(at, end);
      at = end;
    } else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2);
      at = end === -1 ? text.length : end + 2;
      digest += ' ';
    } else if (sign === '#' || /^--[\s]/.test(text.slice(at, at + 3))) {
      const end = text.indexOf('\n', at);
      at = end === -1 ? text.length : end;
    } else if (/\d/.test(sign) && !/[\w$]$/.test(digest.at(-1) ?? '')) {
      at += /^(0x[0-9a-f]+|[\d.]+(e[+-]?\d+)?)/i.exec(text.slice(at, at + 200))?.[0].length ?? 1;
      digest += '?';
    } else {
      digest += sign;
      at += 1;
    }
  }
  return digest
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\( ?\?(?: ?, ?\?)+ ?\)/g, '(?, …)')
    .replaceAll(/(\(\?, …\)|\(\?\))(?: ?, ?(?:\(\?, …\)|\(\?\)))+/g, '$1, …')
    .trim()
    .slice(0, shownDigest);
}

/** Behind the closing quote; quotes inside are doubled or behind a backslash. */
function endOfText(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
}

function endOfName(text: string, from: number): number {
  const end = text.indexOf('`', from + 1);
  return end === -1 ? text.length : end + 1;
}

type Entry = {
  user: string;
  database: string;
  ms: number;
  sent: number;
  examined: number;
  at: number | null;
  lines: string[];
};

/** By how much time they took in all. */
export function readSlowLog(text: string, shown = 50): SlowStatement[] {
  const found = new Map<string, SlowStatement>();
  let entry: Entry | undefined;
  const put = (): void => {
    if (entry === undefined || entry.lines.length === 0) return;
    const { user, database, ms, sent, examined, at } = entry;
    const digest = digestOf(entry.lines.join('\n'));
    if (digest === '') return;
    const key = JSON.stringify([digest, database]);
    const before = found.get(key);
    const lastAt = at === null ? null : new Date(at * 1_000).toISOString();
    found.set(key, {
      digest,
      database,
      user,
      count: (before?.count ?? 0) + 1,
      totalMs: (before?.totalMs ?? 0) + ms,
      mostMs: Math.max(before?.mostMs ?? 0, ms),
      rowsExamined: (before?.rowsExamined ?? 0) + examined,
      rowsSent: (before?.rowsSent ?? 0) + sent,
      lastAt: lastAt ?? before?.lastAt ?? null,
    });
  };
  for (const line of text.split('\n')) {
    const who = /^# User@Host: ([^[\]]*)\[/.exec(line)?.[1];
    if (who !== undefined) {
      put();
      entry = { user: who.trim(), database: '', ms: 0, sent: 0, examined: 0, at: null, lines: [] };
    } else if (entry !== undefined) takeLine(entry, line);
  }
  put();
  return [...found.values()].sort((one, other) => other.totalMs - one.totalMs).slice(0, shown);
}

function takeLine(entry: Entry, line: string): void {
  if (line.startsWith('# ')) {
    const schema = /^# Thread_id: \d+ {2}Schema: (.*) {2}QC_hit: /.exec(line)?.[1];
    if (schema !== undefined) entry.database = schema;
    const times = /^# Query_time: ([\d.]+) .*Rows_sent: (\d+) {2}Rows_examined: (\d+)/.exec(line);
    if (times !== null)
      [entry.ms, entry.sent, entry.examined] = [Number(times[1]) * 1_000, Number(times[2]), Number(times[3])];
    return;
  }
  const at = /^SET timestamp=(\d{1,12});$/.exec(line)?.[1];
  if (at !== undefined && entry.lines.length === 0) entry.at = Number(at);
  // The server says in between who it is, and where it goes.
  else if (
    !/^(use `?[^;]*;|.*, Version: .*started with:|Tcp port: |Time\s+Id\s+Command)/.test(line) ||
    entry.lines.length > 0
  )
    if (line !== '' && entry.lines.length < 200) entry.lines.push(line);
}
