import { expect, it } from 'vitest';
import { joinedRuns } from './joined-runs.ts';

it('Arabic on a line is one piece with the blanks between its words; columns and Latin text stay apart', () => {
  const pieces = (line: string): string[] => joinedRuns(line).map(([start, end]) => line.slice(start, end));
  expect(pieces('echo مرحبا بالعالم')).toEqual(['مرحبا بالعالم']);
  expect(pieces('ملف.txt  صور    مجلد/صورة 12')).toEqual(['ملف', 'صور', 'مجلد/صورة']);
  expect(pieces('قال: نعم، لا')).toEqual(['قال: نعم، لا']);
  expect(pieces('مَرحَبًا שלום')).toEqual(['مَرحَبًا שלום']);
  expect(pieces('ls -la و x')).toEqual([]);
});
