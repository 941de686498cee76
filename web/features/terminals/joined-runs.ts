const letter = '[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]';
/** Letters that are written from right to left, with what stands between their words. */
const run = new RegExp(`${letter}+(?:[ .,:!?_/\\d\u060c\u061b\u061f\u0660-\u0669-]{0,3}${letter}+)*`, 'g');

/**
 * Where a line has text from right to left, as `[start, end)`: drawn as one piece, its letters join and stand in their order.
 * Several blanks end a piece, so that columns stay columns.
 */
export function joinedRuns(line: string): [number, number][] {
  return [...line.matchAll(run)]
    .map(({ index, 0: text }): [number, number] => [index, index + text.length])
    .filter(([start, end]) => end - start > 1);
}
