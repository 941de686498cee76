import { describe, expect, it } from 'vitest';
import { judgePassword } from './password-strength.ts';

describe('the hint beside a new password', () => {
  it.each([
    ['', 'weak'],
    ['aaaaaaaaaaaaaaaa', 'weak'],
    ['123456789012', 'weak'],
    ['abcdefgh', 'weak'],
    ['kqzrmwtx', 'weak'],
    ['kqzr-mwtx', 'fair'],
    ['correct horse battery', 'strong'],
    ['بيت أخضر وباب قديم', 'strong'],
    ['Tr0ub4dor&3x', 'good'],
  ])('calls %j %s', (password, level) => {
    expect(judgePassword(password).level).toBe(level);
  });

  it('says how many characters are missing, counted after NFKC as the panel does', () => {
    expect(judgePassword('abcde').missing).toBe(3);
    // The ligature ﷺ becomes eighteen characters.
    expect(judgePassword('ﷺ').missing).toBe(0);
    expect(judgePassword('x'.repeat(129)).isTooLong).toBe(true);
  });

  it('sees the user name behind digits and signs', () => {
    expect(judgePassword('Ahmad-2026!', 'ahmad')).toMatchObject({ isLikeName: true, level: 'weak' });
    expect(judgePassword('anything else', 'ahmad').isLikeName).toBe(false);
  });
});
