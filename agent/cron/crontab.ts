import type { CrontabEntry } from '#shared/cron.ts';
import { maxScriptLength } from '#shared/cron-work.ts';
import { parseCron } from '#shared/cron-fields.ts';
import { isTimeZone } from '#shared/zoned.ts';

/*
 * Reads crontabs as crontab(5) has them, and changes none. What a line would have run becomes a script of its own.
 */

export type CrontabFile = {
  /** As people know it: `/etc/crontab`, `crontab -l (nora)`. */
  readonly source: string;
  readonly text: string;
  /** null: the sixth word of each line names the user. */
  readonly user: string | null;
  /** Of the machine. */
  readonly timeZone: string;
};

const names: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Every line that is not empty, no comment and sets no variable. */
export function parseCrontab({ source, text, user, timeZone }: CrontabFile): CrontabEntry[] {
  const variables = new Map<string, string>();
  const found: CrontabEntry[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const variable = variableOf(line);
    if (variable === undefined) {
      found.push(entryOf(line, { source, line: index + 1, user, timeZone, variables }));
    } else variables.set(variable.name, variable.value);
  }
  return found;
}

function variableOf(line: string): { readonly name: string; readonly value: string } | undefined {
  const [, name, given = ''] = /^(?:(\w+)|"\w+"|'\w+')[ \t]*=[ \t]*(.*)$/.exec(line) ?? [];
  if (name === undefined) return undefined;
  const value = given.trimEnd();
  const [, quoted] = /^(?:"(.*)"|'(.*)')$/.exec(value)?.filter((each) => each !== undefined) ?? [];
  return { name, value: quoted ?? value };
}

type Facts = Pick<CrontabFile, 'source' | 'user' | 'timeZone'> & {
  readonly line: number;
  readonly variables: ReadonlyMap<string, string>;
};

function entryOf(text: string, { source, line, user: owner, timeZone, variables }: Facts): CrontabEntry {
  const times = /^(@\w+|(?:\S+[ \t]+){4}\S+)[ \t]+(.*)$/.exec(text);
  const nothing = {
    source,
    line,
    text: text.slice(0, 1_000),
    user: owner,
    siteId: null,
    expression: '',
    timeZone,
    language: 'sh',
  } as const;
  if (times === null) return { ...nothing, script: '', problem: 'unreadable' };
  const [, first = '', rest = ''] = times;
  const [, named = '', command = ''] = owner === null ? (/^(\S+)[ \t]+(.*)$/.exec(rest) ?? []) : ['', owner, rest];
  const expression = (names[first.toLowerCase()] ?? first).replaceAll(/[ \t]+/g, ' ');
  const zone = variables.get('CRON_TZ') ?? timeZone;
  const language = (variables.get('SHELL') ?? '').endsWith('/bash') ? ('bash' as const) : ('sh' as const);
  const known = { ...nothing, user: named === '' ? null : named, expression, timeZone: zone, language };
  if (first.toLowerCase() === '@reboot') return { ...known, script: '', problem: 'at_boot' };
  if (parseCron(expression) === undefined || !isTimeZone(zone)) return { ...known, script: '', problem: 'schedule' };
  if (named === '' || command === '' || command.includes('\0')) return { ...known, script: '', problem: 'unreadable' };
  const script = scriptOf(command, variables);
  if (script.length > maxScriptLength) return { ...known, script: '', problem: 'script' };
  return { ...known, script, problem: null };
}

/** Those that cron itself reads, and those that a job has from its user. */
const ownVariables = ['SHELL', 'MAILTO', 'MAILFROM', 'CRON_TZ', 'HOME', 'LOGNAME', 'USER'];

/** What stands behind a `%` is what the command reads, each further one a new line; `\%` is a plain one. */
function scriptOf(command: string, variables: ReadonlyMap<string, string>): string {
  const [first = '', ...input] = command.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  const exports = [...variables]
    .filter(([name]) => !ownVariables.includes(name))
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`);
  if (input.length === 0) return [...exports, first, ''].join('\n');
  let mark = 'CRONTAB_INPUT';
  while (input.includes(mark)) mark += '_';
  return [...exports, '{', first, `} <<'${mark}'`, ...input, mark, ''].join('\n');
}
