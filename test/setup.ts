import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { guardEnvironment } from './environment-guard.ts';
import { cheapenHashes } from './testing/cheap-hashes.ts';

cheapenHashes();

// P1.3-5: a test, or a whole file, that leaves process.env changed fails.
let afterOne = guardEnvironment();
let afterFile = guardEnvironment();
beforeAll(() => {
  afterFile = guardEnvironment();
});
beforeEach(() => {
  afterOne = guardEnvironment();
});
afterEach(() => afterOne());
afterAll(() => afterFile());
