import { expect, it } from 'vitest';
import { pathOf } from './QrCode.tsx';

it('dark modules side by side are one rectangle, light ones none', () => {
  expect(
    pathOf([
      [false, true, true, false],
      [false, false, false, false],
      [true, false, true, true],
    ]),
  ).toBe('M1 0h2v1h-2zM0 2h1v1h-1zM2 2h2v1h-2z');
});
