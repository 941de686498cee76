import { expect, it } from 'vitest';
import { readCast } from './asciicast.ts';

it('a recording is read up to the line that is still being written', () => {
  const text =
    '{"version":2,"width":100,"height":30,"timestamp":1}\n[0.5,"o","a\\r\\n"]\n[1,"i","typed"]\n[1.5,"r","80x24"]\n[2,"m","full"]\n[3,"o","ha';
  expect(readCast(text)).toEqual({
    cols: 100,
    rows: 30,
    seconds: 2,
    events: [
      { at: 0.5, kind: 'output', text: 'a\r\n' },
      { at: 1.5, kind: 'resize', cols: 80, rows: 24 },
      { at: 2, kind: 'full' },
    ],
  });
  expect(readCast('')).toEqual({ cols: 80, rows: 24, events: [], seconds: 0 });
});
