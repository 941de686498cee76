import type { FactorKind } from '#shared/factors.ts';

/** Ways that can be offered here and now, strongest first; passkeys only where browser and address know them. */
export function usableKinds(kinds: readonly FactorKind[], canUsePasskey: boolean): FactorKind[] {
  return kinds.filter((kind) => kind !== 'passkey' || canUsePasskey);
}

/** `abcde-23456`, from whatever a person typed or pasted; longer or other text stays as it is for the panel to judge. */
export function tidyRecoveryCode(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[\s-]/g, '');
  return /^[a-z2-7]{6,10}$/.test(plain) ? `${plain.slice(0, 5)}-${plain.slice(5)}` : text.trim();
}
