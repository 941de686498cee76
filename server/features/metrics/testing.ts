import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/*
 * For tests: a strict reader of the Prometheus text format 0.0.4. It refuses what a forgiving one would let pass.
 */

export type ParsedFamily = {
  readonly type: string;
  readonly help: string;
  /** Line without its value (`name{label="x"}`) → value. */
  readonly series: Map<string, number>;
};

const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/;
const number = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

/** Throws with the line that is wrong. */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const found = new Map<string, ParsedFamily>();
  let present: { readonly name: string; help?: string } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment !== null) {
      const [, word, family = '', rest = ''] = comment;
      if (!name.test(family)) throw new Error(`bad name: ${line}`);
      if (word === 'HELP') {
        if (found.has(family)) throw new Error(`${family} stands twice`);
        present = { name: family, help: rest };
        continue;
      }
      if (present?.name !== family || present.help === undefined) throw new Error(`TYPE without HELP: ${line}`);
      if (!/^(counter|gauge|histogram|summary)$/.test(rest)) throw new Error(`bad type: ${line}`);
      found.set(family, { type: rest, help: present.help, series: new Map() });
      continue;
    }
    if (line.startsWith('#')) throw new Error(`unknown comment: ${line}`);
    readSample(line, found.get(present?.name ?? ''), present?.name ?? '');
  }
  for (const [family, { type, series }] of found) if (type === 'histogram') checkHistogram(family, series);
  return found;
}

function readSample(line: string, family: ParsedFamily | undefined, familyName: string): void {
  if (family === undefined) throw new Error(`a sample without family: ${line}`);
  const end = line.lastIndexOf(' ');
  const [key, value] = [line.slice(0, end), line.slice(end + 1)];
  const brace = key.indexOf('{');
  const sampleName = brace === -1 ? key : key.slice(0, brace);
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => sampleName === `${familyName}${suffix}`)) throw new Error(`foreign sample: ${line}`);
  if (brace !== -1) {
    if (!key.endsWith('}')) throw new Error(`bad labels: ${line}`);
    let rest = key.slice(brace + 1, -1);
    const seen = new Set<string>();
    while (rest !== '') {
      const pair = labelPair.exec(rest);
      if (pair === null || seen.has(pair[1] ?? '')) throw new Error(`bad labels: ${line}`);
      seen.add(pair[1] ?? '');
      rest = rest.slice(pair[0].length);
    }
  }
  if (!number.test(value)) throw new Error(`bad value: ${line}`);
  if (family.series.has(key)) throw new Error(`the series stands twice: ${line}`);
  family.series.set(key, value.endsWith('Inf') ? Number.POSITIVE_INFINITY : Number(value));
}

/** Buckets rise, the last one has no bound and equals the count, and there is a sum. */
function checkHistogram(family: string, series: ReadonlyMap<string, number>): void {
  const groups = new Map<string, { bounds: number[]; counts: number[] }>();
  for (const [key, value] of series) {
    const bucket = /^(.*)_bucket\{(.*?),?le="([^"]+)"(?:,(.*))?\}$/.exec(key);
    if (bucket === null) continue;
    const labels = [bucket[2], bucket[4]].filter((part) => part !== undefined && part !== '').join(',');
    const group = groups.get(labels) ?? { bounds: [], counts: [] };
    group.bounds.push(bucket[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(bucket[3]));
    group.counts.push(value);
    groups.set(labels, group);
  }
  for (const [labels, { bounds, counts }] of groups) {
    const rises = (list: number[]) => list.every((value, index) => index === 0 || value >= (list[index - 1] ?? 0));
    const suffix = labels === '' ? '' : `{${labels}}`;
    const isWhole =
      rises(bounds) &&
      rises(counts) &&
      bounds.at(-1) === Number.POSITIVE_INFINITY &&
      series.get(`${family}_count${suffix}`) === counts.at(-1) &&
      series.has(`${family}_sum${suffix}`);
    if (!isWhole) throw new Error(`the histogram ${family}${suffix} is not whole`);
  }
}

/** Sum of the series of a family whose labels are among others these; undefined when there is none. */
export function valueOf(
  text: string,
  family: string,
  labels: Readonly<Record<string, string>> = {},
  suffix = '',
): number | undefined {
  const { series } = parseExposition(text).get(family) ?? { series: new Map<string, number>() };
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const values = [...series]
    .filter(([key]) => key.split('{')[0] === `${family}${suffix}` && wanted.every((pair) => key.includes(pair)))
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

export function countSeries(text: string): number {
  return [...parseExposition(text).values()].reduce((sum, { series }) => sum + series.size, 0);
}

/** Where a program of Prometheus is; undefined: not installed here. */
export function findProgram(program: 'prometheus' | 'promtool'): string | undefined {
  return ['/usr/bin', '/usr/local/bin']
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
