import { expect, it } from 'vitest';
import { linesOf, textOf } from './php-lines.ts';

it('a list is read however it is typed, each thing once', () => {
  expect(linesOf('exec, system\nexec\n  passthru،popen ')).toEqual(['exec', 'system', 'passthru', 'popen']);
  expect(linesOf(' \n')).toEqual([]);
  expect(linesOf(textOf(['/uploads', '/files']))).toEqual(['/uploads', '/files']);
});
