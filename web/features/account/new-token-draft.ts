import type { Permission } from '#shared/access.ts';
import type { NewToken } from './account.queries.ts';

/** Days that are offered; the contract takes 1 to 366. */
export const expiryChoices = [7, 30, 90, 180, 366] as const;

export type TokenDraft = {
  readonly name: string;
  readonly scopes: readonly Permission[];
  /** As typed: one address or network in a line. */
  readonly addresses: string;
  readonly isElevated: boolean;
  readonly expiresInDays: number;
};

export const emptyTokenDraft: TokenDraft = {
  name: '',
  scopes: [],
  addresses: '',
  isElevated: false,
  expiresInDays: 90,
};

export type MissingPart = 'name' | 'scopes';

/** What has to be filled in still, in the order of the form. */
export function missingParts({ name, scopes }: TokenDraft): MissingPart[] {
  return [...(name.trim() === '' ? ['name' as const] : []), ...(scopes.length === 0 ? ['scopes' as const] : [])];
}

export function tokenBody(draft: TokenDraft): NewToken {
  return {
    name: draft.name.trim(),
    scopes: [...draft.scopes],
    addresses: addressLines(draft.addresses),
    isElevated: draft.isElevated,
    expiresInDays: draft.expiresInDays,
  };
}

/** Lines, commas and blanks all separate. */
export function addressLines(text: string): string[] {
  return [...new Set(text.split(/[\s,،;]+/).filter((each) => each !== ''))];
}
