import { Button, MultiSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccounts, MachineGroup } from '#shared/machine-accounts.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useWhyNot } from './use-why-not.ts';
import { RootWarning } from './GroupsField.tsx';
import { useRemoveGroup, useSetMembers } from './machine-accounts.queries.ts';
import classes from './MachineAccounts.module.css';

type SheetProps = {
  readonly group: MachineGroup;
  readonly accounts: MachineAccounts;
  readonly onClose: () => void;
};

/** Who is in a group, and its end. */
export function GroupSheet({ group, accounts, onClose }: SheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const whyNot = useWhyNot(accounts);
  const save = useSetMembers(group.name);
  const remove = useRemoveGroup(group.name);
  const [members, setMembers] = useState(group.members);
  const [isSure, setIsSure] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const add = members.filter((name) => !group.members.includes(name));
  const gone = group.members.filter((name) => !members.includes(name));
  const needsWord = group.isRoot && add.length > 0 && !isSure;
  const people = accounts.items.filter(({ canChange }) => canChange).map(({ name }) => name);
  const isFixed = whyNot !== false || !group.canChange;
  return (
    <SideSheet
      title={<Token>{group.name}</Token>}
      onClose={onClose}
      closesOnEscape={!isAsking}
      footer={
        group.canChange ? (
          <>
            <WhyNot reason={whyNot}>
              <Button
                loading={save.isPending}
                disabled={isFixed || needsWord || add.length + gone.length === 0}
                onClick={() =>
                  finish(
                    save,
                    { add, remove: gone, becomesRoot: isSure },
                    {
                      onSuccess: () => {
                        sayDone(t('common.states.saved'));
                        onClose();
                      },
                    },
                  )
                }
              >
                {t('common.actions.save')}
              </Button>
            </WhyNot>
            {group.canDelete && (
              <Button color="red" variant="light" disabled={isFixed} onClick={() => setIsAsking(true)}>
                {t('machineAccounts.group.remove')}
              </Button>
            )}
          </>
        ) : undefined
      }
    >
      <Stack gap="md">
        {!group.canChange && <Notice tone="info">{t('machineAccounts.group.notOurs')}</Notice>}
        {group.primaryOf.length > 0 && (
          <p className={classes.hint}>
            {t('machineAccounts.group.primaryOf')} <Token>{group.primaryOf.slice(0, 12).join(' ')}</Token>
          </p>
        )}
        <MultiSelect
          label={t('machineAccounts.group.members')}
          data={[...new Set([...group.members, ...people])]}
          value={members}
          onChange={setMembers}
          searchable
          clearable
          hidePickedOptions
          dir="ltr"
          disabled={isFixed}
          nothingFoundMessage={t('machineAccounts.none')}
        />
        {group.isRoot && add.length > 0 && <RootWarning names={[group.name]} isSure={isSure} onSure={setIsSure} />}
        {save.isError && (
          <p className={classes.error} role="alert">
            {errorText(save.error)}
          </p>
        )}
      </Stack>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('machineAccounts.group.removeTitle', { name: group.name })}
        confirmLabel={t('machineAccounts.group.remove')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(remove, undefined, {
            onSuccess: () => {
              sayDone(t('machineAccounts.group.removed', { name: group.name }));
              onClose();
            },
            onError: (error) => {
              sayFailed(t('machineAccounts.group.notRemoved'), errorText(error));
              setIsAsking(false);
            },
          })
        }
      >
        {t('machineAccounts.group.removeText')}
      </ConfirmDialog>
    </SideSheet>
  );
}
