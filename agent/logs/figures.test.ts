import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAccessLine } from './access-line.ts';
import { dayOf, midnightBefore, periodOf } from './days.ts';
import { addToTop, places, readTop, storeTop, topOf, type TopList } from './top-list.ts';
import { addVisitor, countVisitors, noVisitors, packVisitors, unpackVisitors } from './visitors.ts';
import { readWholeLines } from './whole-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'aapanel-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain =
  '192.0.2.7 - - [28/Nov/2026:02:55:05 +0130] "GET /a/b?token=secret HTTP/1.1" 200 153 "-" "curl/8" 0.000 12-3-1-1.5';

describe('a line of an access log', () => {
  it('is read with its time in its zone, and without the query', () => {
    expect(parseAccessLine(plain)).toEqual({
      address: '192.0.2.7',
      at: Date.UTC(2026, 10, 28, 1, 25, 5) / 1_000,
      day: '2026-11-28',
      path: '/a/b',
      status: 200,
      bytes: 153,
      agent: 'curl/8',
    });
  });

  it('cannot be forged by a name, a referer or a program: what nginx wrote itself counts', () => {
    const user = 'x [01/Jan/2000:00:00:00 +0000] \\x22GET /forged HTTP/1.1\\x22 500 9 ';
    const agent = 'a\\x22 500 1 \\x22-\\x22 \\x22b';
    const line = plain.replace(' - - ', ` - ${user} `).replace('curl/8', agent);
    expect(parseAccessLine(line)).toMatchObject({ day: '2026-11-28', path: '/a/b', status: 200, bytes: 153 });
  });

  it.each([
    ['nothing', ''],
    ['another format', '{"time":"2026-11-28T02:55:05+00:00","status":200}'],
    ['a month that is none', plain.replace('Nov', 'Now')],
    ['a status that is none', plain.replace('" 200 ', '" 99 ')],
    ['bytes that are none', plain.replace(' 153 ', ' -1 ')],
    ['a cut line', plain.slice(0, 80)],
    ['quotes alone', '"'.repeat(40)],
  ])('is not counted when it is %s', (_, line) => expect(parseAccessLine(line)).toBeUndefined());

  it('of something that is no request of HTTP has no path', () => {
    for (const request of ['\\x16\\x03\\x01', '', 'GET', 'GET http://other.test/ HTTP/1.1', 'OPTIONS * HTTP/1.1'])
      expect(parseAccessLine(plain.replace('GET /a/b?token=secret HTTP/1.1', request))?.path).toBe('');
  });

  it('shows no byte that could turn the text around, and never more than 200 characters', () => {
    const odd = parseAccessLine(plain.replace('/a/b', `/\u001b[31m\u00e2\u0080\u00ae${'x'.repeat(5_000)}`));
    expect(odd?.path).toMatch(/^\/\?\[31m\?\?\?x+$/);
    expect(odd?.path).toHaveLength(200);
  });
});

it('lines are read whole, on from where it stopped; one that is longer than all memory for it is passed over', () => {
  const path = join(folder, 'lines.log');
  const long = 'y'.repeat(900_000);
  const read = (from: number, isOver = () => false): { lines: (string | undefined)[]; next: number } => {
    const lines: (string | undefined)[] = [];
    const next = readWholeLines(openSync(path, 'r'), from, { line: (text) => lines.push(text), isOver });
    return { lines, next };
  };
  writeFileSync(path, `one\ntwo\n${long}\nthree\nhal`);
  const whole = read(0);
  expect(whole.lines).toEqual(['one', 'two', undefined, 'three']);
  writeFileSync(path, `f`, { flag: 'a' });
  expect(read(whole.next)).toEqual({ lines: [], next: whole.next });
  writeFileSync(path, `\n`, { flag: 'a' });
  expect(read(whole.next).lines).toEqual(['half']);
  // A long line that is not at its end yet is begun anew: its rest never passes for a line.
  writeFileSync(path, `one\n${long}`);
  expect(read(0)).toEqual({ lines: ['one'], next: 4 });
  writeFileSync(path, 'z\nend\n', { flag: 'a' });
  expect(read(4).lines).toEqual([undefined, 'end']);
});

describe('the most frequent keys', () => {
  it('are exact while there is room', () => {
    const list: TopList = new Map();
    for (let index = 0; index < 5_000; index++) addToTop(list, `key ${Math.floor(Math.sqrt(index)) % 60}`);
    const counts = new Map<string, number>();
    for (let index = 0; index < 5_000; index++) {
      const key = `key ${Math.floor(Math.sqrt(index)) % 60}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const shown = topOf([readTop(JSON.parse(JSON.stringify(storeTop(list))))], 60);
    expect(new Map(shown.map(({ key, requests }) => [key, requests]))).toEqual(counts);
  });

  it('stay the first ones beside a million others, which take no room', () => {
    const list: TopList = new Map();
    for (let index = 0; index < 300_000; index++) {
      addToTop(list, `/random/${index}`);
      if (index % 10 === 0) addToTop(list, '/home');
    }
    expect(list.size).toBe(places);
    const [first] = topOf([list], 1);
    expect(first?.key).toBe('/home');
    expect(first?.requests).toBeGreaterThan(25_000);
    expect(first?.requests).toBeLessThanOrEqual(30_000);
  });
});

describe('visitors', () => {
  const crowd = (from: number, to: number) => {
    const visitors = noVisitors();
    for (let index = from; index < to; index++) {
      addVisitor(visitors, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255} Mozilla/5.0`);
      addVisitor(visitors, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255} Mozilla/5.0`);
    }
    return visitors;
  };
  it.each([1, 10, 100, 3_000, 10_000, 400_000])('%i are estimated within 5 %%', (count) => {
    const estimate = countVisitors([crowd(0, count)]);
    expect(Math.abs(estimate - count)).toBeLessThanOrEqual(count * 0.05);
  });
  it('who come on two days are counted once, also after they were stored', () => {
    const days = [crowd(0, 6_000), crowd(3_000, 9_000)].map((day) => unpackVisitors(packVisitors(day)));
    expect(Math.abs(countVisitors(days) - 9_000)).toBeLessThan(450);
    expect(countVisitors([unpackVisitors('no such thing')])).toBe(0);
  });
});

it('days, weeks and months are those of the machine', () => {
  const at = new Date(2026, 2, 1, 0, 30).getTime();
  expect(dayOf(at)).toBe('2026-03-01');
  expect(dayOf(midnightBefore(at, 1))).toBe('2026-02-28');
  expect(periodOf(at, 'month')).toBe('2026-03');
  // A Sunday belongs to the week that began on Monday before.
  expect(periodOf(at, 'week')).toBe('2026-02-23');
  expect(periodOf(new Date(2026, 1, 23).getTime(), 'week')).toBe('2026-02-23');
});
