import { expect, it } from 'vitest';
import { withoutMarkup } from './trusted-types.ts';

it('WEB-5 the only text that becomes content of an element is text without markup', () => {
  expect(withoutMarkup(':root{--size:calc(1rem * 2)}')).toBe(':root{--size:calc(1rem * 2)}');
  for (const text of ['<img src=x onerror=alert(1)>', '</style><script>1</script>', 'a<b']) {
    expect(() => withoutMarkup(text)).toThrow(TypeError);
  }
});
