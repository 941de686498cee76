import { describe, expect, it } from 'vitest';
import { accessMarks, emptyLog, errorMarks, matching, maxLines, withPiece } from './log-lines.ts';

const piece = (...lines: string[]) => ({ lines, isTruncated: false });
const textsOf = (log: ReturnType<typeof withPiece>) => log.lines.map(({ text }) => text);

describe('a followed log', () => {
  it('grows by its pieces, with a key of its own for each line', () => {
    const log = withPiece(withPiece(emptyLog, { lines: ['a', 'b'], isTruncated: true }, true), piece('b'), false);
    expect(textsOf(log)).toEqual(['a', 'b', 'b']);
    expect(new Set(log.lines.map(({ key }) => key)).size).toBe(3);
    expect(log.isCut).toBe(true);
  });

  it('leaves out what a new stream sends again', () => {
    const log = withPiece(emptyLog, piece('1', '2', '3', '4'), true);
    expect(textsOf(withPiece(log, piece('2', '3', '4', '5'), true))).toEqual(['1', '2', '3', '4', '5']);
    expect(textsOf(withPiece(log, piece('1', '2', '3', '4'), true))).toEqual(['1', '2', '3', '4']);
    expect(textsOf(withPiece(log, piece('7', '8'), true))).toEqual(['1', '2', '3', '4', '7', '8']);
    expect(textsOf(withPiece(withPiece(emptyLog, piece('x'), true), piece('w', 'x', 'y'), true))).toEqual(['x', 'y']);
  });

  it('keeps a bounded number of lines', () => {
    const many = Array.from({ length: maxLines }, (_, index) => `line ${index}`);
    const log = withPiece(withPiece(emptyLog, piece(...many), true), piece('last'), false);
    expect(log.lines).toHaveLength(maxLines);
    expect([log.lines[0]?.text, log.lines.at(-1)?.text, log.isCut]).toEqual(['line 1', 'last', true]);
  });

  it('is searched without regard to case', () => {
    const { lines } = withPiece(emptyLog, piece('GET /a', 'POST /b'), true);
    expect(matching(lines, 'post').map(({ text }) => text)).toEqual(['POST /b']);
    expect(matching(lines, '')).toBe(lines);
  });
});

describe('colours of lines', () => {
  it('follow the class of the status code, and ignore numbers elsewhere', () => {
    const line = (status: number) => `192.0.2.1 - - [t] "GET /404 HTTP/1.1" ${status} 153 "-" "x"`;
    expect([200, 301, 404, 502].map((status) => accessMarks(line(status))[0]?.tone)).toEqual([
      'good',
      'info',
      'warn',
      'bad',
    ]);
    const [mark] = accessMarks(line(404));
    expect(line(404).slice(mark?.from, mark?.to)).toBe('404');
    expect(accessMarks('no request')).toEqual([]);
  });

  it('follow the level of an error', () => {
    expect(['notice', 'warn', 'error', 'emerg'].map((level) => errorMarks(`t [${level}] 1#1: x`)[0]?.tone)).toEqual([
      'soft',
      'warn',
      'bad',
      'bad',
    ]);
    expect(errorMarks('t [other] x')).toEqual([]);
  });
});
