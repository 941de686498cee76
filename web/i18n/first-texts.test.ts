import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { more } from './ar/more.ts';

/** Drawn with the first load, or over any page: texts that come later must not be wanted here. */
const folders = ['api', 'layout', 'features/dashboard', 'features/history', 'features/jobs'];
it('what is part of the first load uses no text that is loaded after it', () => {
  const used = new RegExp(`t\\(\\s*['"\`](${Object.keys(more).join('|')})\\.`);
  const found = folders.flatMap((folder) => {
    const path = join(import.meta.dirname, '..', folder);
    return readdirSync(path)
      .filter((name) => /\.tsx?$/.test(name))
      .filter((name) => used.test(readFileSync(join(path, name), 'utf8')))
      .map((name) => `${folder}/${name}`);
  });
  expect(found).toEqual([]);
});
