import { useTranslation } from 'react-i18next';
import type { MachineAccounts } from '#shared/machine-accounts.ts';
import { useCan } from '../../api/session.ts';

/** Why nothing can be changed here; false: it can. */
export function useWhyNot({ tools }: Pick<MachineAccounts, 'tools'>): string | boolean {
  const { t } = useTranslation();
  const mayWrite = useCan()('terminals.root');
  if (tools !== 'ready') return t(`machineAccounts.tools.${tools}`);
  return !mayWrite;
}
