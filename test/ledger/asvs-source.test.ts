import { describe, expect, it } from 'vitest';
import { isTestFile } from '../architecture/policy.ts';
import { readSources } from '../architecture/sources.ts';

/*
 * What ASVS asks for and the source itself shows.
 */

const product = (await readSources()).filter(({ path }) => !isTestFile(path) && !/^(scripts|test)\//.test(path));
const filesWith = (pattern: RegExp, files = product): string[] =>
  files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
const browser = product.filter(({ path }) => path.startsWith('web/'));

describe('the source', () => {
  it('randomness comes from node:crypto only', () => {
    // Where chance needs to be no secret: the pause before the next try, and whether a row is the same one.
    expect(filesWith(/Math\.random/)).toEqual(['server/core/doors-rows.ts', 'server/db/transaction.ts']);
    for (const { path, text } of product.filter((file) => !file.path.startsWith('web/'))) {
      if (!/\brandom(Bytes|UUID|Int|Fill)\b/.test(text)) continue;
      expect([path, /import \{[^}]*\brandom\w+[^}]*\} from 'node:crypto'/.test(text)]).toEqual([path, true]);
    }
  });

  it('the browser keeps only look, an unsent form, the time of a reload, sealed drafts, and keys that are nothing without the session', () => {
    expect(filesWith(/localStorage|sessionStorage|indexedDB|document\.cookie/, browser)).toEqual([
      'web/features/files/drafts.ts',
      'web/features/files/files-look.ts',
      'web/features/sites/new-site-draft.ts',
      'web/features/terminals/terminal-keys.ts',
      'web/features/terminals/terminal-look.ts',
      'web/layout/lazy-screen.tsx',
      'web/ui/lists/list-columns.ts',
      'web/ui/look.ts',
    ]);
  });

  it('passwords are typed into fields that hide them, take a paste and name themselves to password managers', () => {
    const fields = browser.flatMap(({ path, text }) =>
      [...text.matchAll(/<(\w+)\s[^<]*?autoComplete="(?:current|new)-password"/g)].map(([, tag]) => `${path} ${tag}`),
    );
    expect(fields.length).toBeGreaterThan(3);
    expect(fields.filter((field) => !field.endsWith(' PasswordField'))).toEqual([]);
    expect(filesWith(/<PasswordInput/, browser)).toEqual(['web/ui/PasswordField.tsx']);
    // Files are dropped there, not texts.
    expect(filesWith(/onPaste|onDrop=/, browser)).toEqual([
      'web/features/archives/DropFile.tsx',
      'web/features/files/SiteFiles.tsx',
    ]);
    const uses = browser.flatMap(({ text }) => text.match(/<(PasswordField|NewPasswordInput)\b/g) ?? []);
    // NewPasswordInput is a PasswordField that names itself; each other one does so where it stands.
    const named = fields.length + uses.filter((use) => use === '<NewPasswordInput').length;
    expect(uses.length).toBe(named);
  });
});
