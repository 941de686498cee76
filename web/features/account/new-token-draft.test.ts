import { describe, expect, it } from 'vitest';
import { addressLines, emptyTokenDraft, missingParts, tokenBody } from './new-token-draft.ts';

describe('a token that is being made', () => {
  it('needs a name and at least one permission', () => {
    expect(missingParts(emptyTokenDraft)).toEqual(['name', 'scopes']);
    expect(missingParts({ ...emptyTokenDraft, name: ' x ', scopes: ['sites.read'] })).toEqual([]);
  });

  it('is sent without blanks, for any address when none is given', () => {
    expect(tokenBody({ ...emptyTokenDraft, name: '  deploy ', scopes: ['sites.read'] })).toEqual({
      name: 'deploy',
      scopes: ['sites.read'],
      addresses: [],
      isElevated: false,
      expiresInDays: 90,
    });
  });

  it('takes addresses however they are separated, each once', () => {
    expect(addressLines(' 10.0.0.0/8\n2001:db8::/32، 203.0.113.7,10.0.0.0/8 ')).toEqual([
      '10.0.0.0/8',
      '2001:db8::/32',
      '203.0.113.7',
    ]);
  });
});
