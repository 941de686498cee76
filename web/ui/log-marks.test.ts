import { describe, expect, it } from 'vitest';
import { piecesOf } from './log-marks.ts';

describe('pieces of a log line', () => {
  it('are the whole line when nothing is marked, and none for an empty line', () => {
    expect(piecesOf('GET /', '', [])).toEqual([{ from: 0, text: 'GET /', tone: undefined, isFound: false }]);
    expect(piecesOf('', 'x', [])).toEqual([]);
  });

  it('mark every place of the search whatever its case', () => {
    const found = piecesOf('Error and error', 'ERROR', []).filter(({ isFound }) => isFound);
    expect(found.map(({ text }) => text)).toEqual(['Error', 'error']);
  });

  it('keep the colour where the search crosses it', () => {
    const pieces = piecesOf('a 404 b', '04 b', [{ from: 2, to: 5, tone: 'warn' }]);
    expect(pieces.map(({ text, tone, isFound }) => [text, tone, isFound])).toEqual([
      ['a ', undefined, false],
      ['4', 'warn', false],
      ['04', 'warn', true],
      [' b', undefined, true],
    ]);
    expect(pieces.map(({ text }) => text).join('')).toBe('a 404 b');
  });
});
