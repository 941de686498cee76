import { accountNamePattern, isReservedAccount } from '#shared/machine-accounts.ts';

/** Code of what is wrong with a new name of a user or group. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'required';
  if (!accountNamePattern.test(name)) return 'account_name_invalid';
  return isReservedAccount(name) ? 'account_name_reserved' : undefined;
}

/** What stands behind the key in its line: usually who has it. */
export function keyName(line: string): string | undefined {
  const name = line.trim().split(/\s+/).slice(2).join(' ').slice(0, 60).trim();
  return name === '' ? undefined : name;
}
