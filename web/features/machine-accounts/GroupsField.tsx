import { Checkbox, MultiSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { rootGroupsOf, type MachineAccounts } from '#shared/machine-accounts.ts';
import { Notice } from '../../ui/Notice.tsx';

type GroupsFieldProps = {
  readonly accounts: MachineAccounts;
  /** Groups that the user is in already: these need no word. */
  readonly before: readonly string[];
  readonly value: readonly string[];
  readonly onChange: (names: string[]) => void;
  readonly isSure: boolean;
  readonly onSure: (isSure: boolean) => void;
};

/** Groups of one user; one that makes its members as mighty as root is asked about. */
export function GroupsField({ accounts, before, value, onChange, isSure, onSure }: GroupsFieldProps) {
  const { t } = useTranslation();
  const choices = accounts.groups.filter(({ name, canChange }) => canChange || value.includes(name));
  return (
    <>
      <MultiSelect
        label={t('machineAccounts.groups')}
        data={choices.map(({ name }) => name)}
        value={[...value]}
        onChange={onChange}
        searchable
        clearable
        hidePickedOptions
        dir="ltr"
        maxDropdownHeight={240}
        nothingFoundMessage={t('machineAccounts.noGroup')}
      />
      <RootWarning names={newRootGroups(value, before)} isSure={isSure} onSure={onSure} />
    </>
  );
}

/** Those that would be new and give the power of root. */
export function newRootGroups(value: readonly string[], before: readonly string[]): string[] {
  return rootGroupsOf(value).filter((name) => !before.includes(name));
}

type RootWarningProps = {
  readonly names: readonly string[];
  readonly isSure: boolean;
  readonly onSure: (isSure: boolean) => void;
};

export function RootWarning({ names, isSure, onSure }: RootWarningProps) {
  const { t } = useTranslation();
  if (names.length === 0) return null;
  return (
    <Notice tone="warn" role="status" title={t('machineAccounts.root.title', { names: names.join(' ') })}>
      {t('machineAccounts.root.text')}
      <Checkbox
        mt="xs"
        label={t('machineAccounts.root.sure')}
        checked={isSure}
        onChange={(event) => onSure(event.currentTarget.checked)}
      />
    </Notice>
  );
}
