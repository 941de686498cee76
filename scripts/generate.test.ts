import { expect, it } from 'vitest';
import { findDrift } from './generate.ts';

it('everything made from the code is as the code says (npm run generate)', async () => {
  expect(await findDrift()).toEqual([]);
});
