import { ActionIcon, Button, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBook2, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { placesOf } from '#shared/command-text.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { CommandForm } from './CommandForm.tsx';
import {
  savedCommandsQuery,
  useRemoveCommand,
  type CommandDraft,
  type SavedCommand,
} from './saved-commands.queries.ts';
import classes from './Terminals.module.css';
import { UseCommand } from './UseCommand.tsx';

type CommandBookProps = {
  /** The terminal takes what is typed. */
  readonly isConnected: boolean;
  readonly onUse: (line: string, runs: boolean) => void;
  readonly onClose: () => void;
};

/** So many are seen at a glance. */
const fewCommands = 6;

/** The person's saved commands: put into the shell, with the values they ask for; run only when that is chosen. */
export function CommandBook({ isConnected, onUse, onClose }: CommandBookProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(savedCommandsQuery);
  const remove = useRemoveCommand();
  const [draft, setDraft] = useState<CommandDraft | null>(null);
  const [used, setUsed] = useState<SavedCommand | null>(null);
  const [removing, setRemoving] = useState<SavedCommand | null>(null);
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const all = data?.items ?? [];
  const shown = all.filter(({ name, command }) => `${name}\n${command}`.toLowerCase().includes(wanted));
  const choose = (saved: SavedCommand): void =>
    placesOf(saved.command).length > 0 ? setUsed(saved) : onUse(saved.command, false);
  const forget = ({ id }: SavedCommand): void =>
    finish(remove, id, {
      onError: (failure) => sayFailed(t('terminals.book.notRemoved'), errorText(failure)),
      onSettled: () => setRemoving(null),
    });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setDraft({ name: '', command: '' })}>
      {t('terminals.book.add')}
    </Button>
  );
  return (
    <SideSheet title={t('terminals.book.title')} onClose={onClose} closesOnEscape={removing === null}>
      {draft !== null ? (
        <CommandForm start={draft} onDone={() => setDraft(null)} />
      ) : used !== null ? (
        <UseCommand saved={used} onUse={onUse} onBack={() => setUsed(null)} />
      ) : data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : all.length === 0 ? (
        <EmptyState
          icon={IconBook2}
          title={t('terminals.book.none')}
          text={t('terminals.book.noneText')}
          action={add}
        />
      ) : (
        <>
          <div className={classes.bookHead}>
            {all.length > fewCommands && (
              <TextInput
                className={classes.bookSearch}
                aria-label={t('terminals.book.search')}
                placeholder={t('terminals.book.search')}
                dir="auto"
                value={search}
                onChange={({ currentTarget: { value } }) => setSearch(value)}
              />
            )}
            {add}
          </div>
          {!isConnected && <Notice tone="warn">{t('terminals.book.notConnected')}</Notice>}
          <ul className={classes.book}>
            {shown.map((saved) => (
              <li key={saved.id} className={classes.saved}>
                <UnstyledButton
                  className={classes.savedUse ?? ''}
                  disabled={!isConnected}
                  title={t('terminals.book.insert')}
                  onClick={() => choose(saved)}
                >
                  <bdi>{saved.name}</bdi>
                  <code dir="ltr">{saved.command}</code>
                </UnstyledButton>
                <RowAction
                  icon={IconPencil}
                  label={t('terminals.book.change', { name: saved.name })}
                  onClick={() => setDraft({ id: saved.id, name: saved.name, command: saved.command })}
                />
                <RowAction
                  icon={IconTrash}
                  label={t('terminals.book.remove', { name: saved.name })}
                  onClick={() => setRemoving(saved)}
                />
              </li>
            ))}
          </ul>
          {shown.length === 0 && <p className={classes.bookSoft}>{t('terminals.book.notFound')}</p>}
        </>
      )}
      <ConfirmDialog
        isOpen={removing !== null}
        title={t('terminals.book.removeTitle', { name: removing?.name ?? '' })}
        confirmLabel={t('terminals.book.removeConfirm')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && forget(removing)}
      >
        {t('terminals.book.removeText')}
      </ConfirmDialog>
    </SideSheet>
  );
}

type RowActionProps = { readonly icon: typeof IconPencil; readonly label: string; readonly onClick: () => void };

function RowAction({ icon: ActionMark, label, onClick }: RowActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <ActionMark size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
