import { describe, expect, it } from 'vitest';
import { tidyRecoveryCode, usableKinds } from './proof-form.ts';

describe('the ways to confirm', () => {
  it('keep the order of the panel', () => {
    expect(usableKinds(['passkey', 'totp', 'recovery'], true)).toEqual(['passkey', 'totp', 'recovery']);
  });

  it('leave passkeys out where they cannot work', () => {
    expect(usableKinds(['passkey', 'totp', 'recovery'], false)).toEqual(['totp', 'recovery']);
  });
});

describe('a recovery code', () => {
  it('is put into its printed form', () => {
    expect(tidyRecoveryCode(' ABCDE 23456 ')).toBe('abcde-23456');
    expect(tidyRecoveryCode('abcde23456')).toBe('abcde-23456');
    expect(tidyRecoveryCode('abcde-2')).toBe('abcde-2');
  });

  it('is left alone when it is something else', () => {
    expect(tidyRecoveryCode('not a code at all')).toBe('not a code at all');
    expect(tidyRecoveryCode('abc')).toBe('abc');
  });
});
