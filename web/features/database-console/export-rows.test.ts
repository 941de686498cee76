import { expect, it } from 'vitest';
import { csvOf, hasCutValues, jsonOf } from './export-rows.ts';

const column = (name: string) => ({ name, type: 'text' });
const given = {
  columns: [column('a,"b"'), column('x'), column('x'), column('__proto__')],
  rows: [
    ['say "no"', null, '', 'NULL'],
    ['two\nlines', '=1+1', { text: '00FF', isBinary: true, length: 2 }, { text: 'be', isBinary: false, length: 900 }],
  ],
};

it('CSV keeps NULL apart from an empty text and from the word', () => {
  expect(csvOf(given)).toBe(
    '\uFEFF"a,""b""",x,x,__proto__\r\n"say ""no""",,"",NULL\r\n"two\nlines",=1+1,0x00FF,be\r\n',
  );
});

it('JSON has every column, whatever it is called', () => {
  expect(jsonOf(given)).toContain('"__proto__": "be"');
  expect(JSON.parse(jsonOf({ ...given, columns: given.columns.slice(0, 3) }))).toEqual([
    { 'a,"b"': 'say "no"', x: null, x_2: '' },
    { 'a,"b"': 'two\nlines', x: '=1+1', x_2: '0x00FF' },
  ]);
  expect(jsonOf({ columns: [], rows: [] })).toBe('[\n\n]\n');
});

it('values that are not whole are noticed', () => {
  expect(hasCutValues(given)).toBe(true);
  expect(hasCutValues({ rows: given.rows.slice(0, 1) })).toBe(false);
});
