import { describe, expect, it } from 'vitest';
import { findCircle } from './chunk-circles.config.ts';

describe('files of the build that import each other', () => {
  it('are found wherever the circle is', () => {
    const imports = new Map([
      ['page', ['shared-1', 'shared-2']],
      ['shared-1', ['initial']],
      ['shared-2', ['shared-3']],
      ['shared-3', ['initial', 'shared-2']],
      ['initial', []],
    ]);
    expect(findCircle(imports)).toEqual(['shared-2', 'shared-3', 'shared-2']);
  });

  it('are none when all lead to the first file', () => {
    expect(
      findCircle(
        new Map([
          ['page', ['shared', 'initial']],
          ['shared', ['initial']],
          ['initial', []],
        ]),
      ),
    ).toBeUndefined();
  });
});
