import { useTranslation } from 'react-i18next';
import type { MachineAccount } from '#shared/machine-accounts.ts';
import { Status } from '../../ui/Status.tsx';

/** Whose it is, and whether it is let in. */
export function AccountState({ account }: { readonly account: MachineAccount }) {
  const { t } = useTranslation();
  const { kind, canSignIn, isLocked } = account;
  if (isLocked === true) return <Status tone="bad">{t('machineAccounts.locked')}</Status>;
  return (
    <Status tone={kind === 'root' ? 'warn' : canSignIn ? 'good' : 'idle'}>{t(`machineAccounts.kinds.${kind}`)}</Status>
  );
}
