import { expect, it } from 'vitest';
import { lineOf } from './directive-line.ts';

it('finds the line that an error of custom directives speaks of', () => {
  expect(lineOf({ params: { directive: 'load_module', line: 3 } }, 'a.com')).toBe(3);
  const message = 'nginx: [emerg] invalid number "x" in /etc/nginx/aapanel/custom/a.com.conf:12';
  expect(lineOf({ params: { message } }, 'a.com')).toBe(12);
  expect(lineOf({ params: { message } }, 'b.com')).toBeNull();
  expect(lineOf({ params: {} }, 'a.com')).toBeNull();
});
