import { accountKinds, type MachineAccount } from '#shared/machine-accounts.ts';
import type { SortOrder } from '../../ui/lists/list-search.ts';
import type { AccountSort } from './accounts-search.ts';

export const firstOrder = (): SortOrder => 'asc';

export const accountValue: Readonly<Record<AccountSort, (account: MachineAccount) => string | number>> = {
  name: ({ name }) => name,
  kind: ({ kind }) => accountKinds.indexOf(kind),
  uid: ({ uid }) => uid,
  groups: ({ group, groups }) => [group, ...groups].join(' '),
  shell: ({ loginShell }) => loginShell,
};
