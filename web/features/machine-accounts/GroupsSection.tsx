import { Badge, Button, Group, SegmentedControl, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineAccounts, MachineGroup } from '#shared/machine-accounts.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from '../services/Services.module.css';
import { useWhyNot } from './use-why-not.ts';
import { GroupSheet } from './GroupSheet.tsx';
import own from './MachineAccounts.module.css';
import { useCreateGroup } from './machine-accounts.queries.ts';
import { nameFault } from './account-names.ts';

/** Those that somebody is in or that can be taken away; those of packages only when they are asked for. */
export function GroupsSection({ accounts }: { readonly accounts: MachineAccounts }) {
  const { t } = useTranslation();
  const whyNot = useWhyNot(accounts);
  const [shown, setShown] = useState<'used' | 'all'>('used');
  const [open, setOpen] = useState<string | null>(null);
  const [isAdding, setIsAdding] = useState(false);
  const items = accounts.groups.filter(
    ({ canChange, canDelete, members }) => shown === 'all' || canDelete || (canChange && members.length > 0),
  );
  const opened = accounts.groups.find(({ name }) => name === open);
  return (
    <Section
      title={t('machineAccounts.groups')}
      description={t('machineAccounts.groupsText')}
      padding="flush"
      actions={
        <WhyNot reason={whyNot}>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={whyNot !== false || isAdding}
            onClick={() => setIsAdding(true)}
          >
            {t('machineAccounts.group.add')}
          </Button>
        </WhyNot>
      }
    >
      <div className={own.bar}>
        <SegmentedControl
          size="xs"
          aria-label={t('machineAccounts.group.show')}
          value={shown}
          onChange={(value) => setShown(value === 'all' ? 'all' : 'used')}
          data={[
            { value: 'used', label: t('machineAccounts.group.used') },
            { value: 'all', label: t('services.filters.all') },
          ]}
        />
      </div>
      {isAdding && <NewGroup onClose={() => setIsAdding(false)} />}
      {items.length === 0 ? (
        <EmptyState icon={IconUsersGroup} title={t('machineAccounts.group.none')} />
      ) : (
        <GroupsTable items={items} onOpen={setOpen} />
      )}
      {opened !== undefined && <GroupSheet group={opened} accounts={accounts} onClose={() => setOpen(null)} />}
    </Section>
  );
}

type TableProps = { readonly items: readonly MachineGroup[]; readonly onOpen: (name: string) => void };

function GroupsTable({ items, onOpen }: TableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} data-kind="groups">
      <thead>
        <tr>
          <th scope="col">{t('machineAccounts.group.name')}</th>
          <th scope="col" data-column="uid">
            {t('machineAccounts.columns.uid')}
          </th>
          <th scope="col">{t('machineAccounts.group.members')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ name, gid, members, isRoot }) => (
          <tr key={`${gid} ${name}`} className={classes.row}>
            <td>
              <UnstyledButton
                className={`${classes.name} ${own.open}`}
                title={t('machineAccounts.group.open', { name })}
                onClick={() => onOpen(name)}
              >
                <Token>{name}</Token>
              </UnstyledButton>
              {isRoot && (
                <Badge variant="light" color="orange" size="xs" className={classes.badge ?? ''}>
                  {t('machineAccounts.group.isRoot')}
                </Badge>
              )}
            </td>
            <td data-column="uid">
              <Token>{String(gid)}</Token>
            </td>
            <td className={own.groups}>{members.length === 0 ? '—' : <Token>{members.join(' ')}</Token>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function NewGroup({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const create = useCreateGroup();
  const [name, setName] = useState('');
  const [isTried, setIsTried] = useState(false);
  const code = nameFault(name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (code !== undefined) return;
    finish(
      create,
      { name },
      {
        onSuccess: () => {
          sayDone(t('machineAccounts.group.made', { name }));
          onClose();
        },
      },
    );
  };
  return (
    <form className={own.newGroup} onSubmit={submit} noValidate aria-label={t('machineAccounts.group.add')}>
      <TextInput
        label={t('machineAccounts.group.name')}
        description={t('machineAccounts.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={
          create.isError ? errorText(create.error) : isTried && code !== undefined ? fieldText(t, code) : undefined
        }
        dir="ltr"
        maxLength={32}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
      />
      <Group gap="xs">
        <Button type="submit" loading={create.isPending}>
          {t('machineAccounts.group.add')}
        </Button>
        <Button variant="default" onClick={onClose} disabled={create.isPending}>
          {t('common.actions.cancel')}
        </Button>
      </Group>
    </form>
  );
}
