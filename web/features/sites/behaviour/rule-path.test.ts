import { expect, it } from 'vitest';
import { readablePath } from './rule-path.ts';

it('a path that was copied out of a browser becomes one that people read', () => {
  expect(readablePath(' https://example.com/%D9%82%D8%AF%D9%8A%D9%85/x?y=1#z ')).toBe('/قديم/x');
  expect(readablePath('old')).toBe('/old');
  expect(readablePath('/a%zz')).toBe('/a%zz');
  expect(readablePath('')).toBe('');
});
