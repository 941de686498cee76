import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fileNamePattern } from '#shared/file-names.ts';
import type { FileEntry } from '#shared/files.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { modeText } from './file-paths.ts';
import classes from './Files.module.css';

type NameDialogProps = {
  readonly title: string;
  readonly label: string;
  readonly name: string;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onName: (name: string) => void;
};

/** One name; what stands before its ending is marked, as it is what people change. */
export function NameDialog({ title, label, name, isBusy, onClose, onName }: NameDialogProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(name);
  const isGood = fileNamePattern.test(typed);
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={440}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood && typed !== name) onName(typed);
        }}
      >
        <Stack gap="lg">
          <TextInput
            data-autofocus
            dir="auto"
            label={t('files.name')}
            value={typed}
            maxLength={1_020}
            error={typed === '' || isGood ? undefined : t('errors.fields.file_name_invalid')}
            onChange={(event) => setTyped(event.currentTarget.value)}
            onFocus={(event) => {
              const dot = name.lastIndexOf('.');
              event.currentTarget.setSelectionRange(0, dot > 0 ? dot : name.length);
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common.actions.cancel')}
            </Button>
            <Button type="submit" loading={isBusy} disabled={!isGood || typed === name}>
              {label}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

const groups = ['owner', 'group', 'others'] as const;
const rights = ['read', 'write', 'run'] as const;

type ModeDialogProps = {
  readonly entries: readonly FileEntry[];
  readonly isBusy: boolean;
  readonly canWrite: boolean;
  readonly onClose: () => void;
  readonly onMode: (mode: number) => void;
};

/** Who may do what, as nine boxes and as the number that people know. */
export function ModeDialog({ entries, isBusy, canWrite, onClose, onMode }: ModeDialogProps) {
  const { t } = useTranslation();
  const [mode, setMode] = useState((entries[0]?.mode ?? 0o644) & 0o777);
  const canChange = canWrite && entries.some(({ type }) => type === 'file' || type === 'folder');
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('files.mode')}
      size={440}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed" component="div">
          {entries.length === 1 ? (
            <ForeignText>{entries[0]?.name ?? ''}</ForeignText>
          ) : (
            t('files.selected', { count: entries.length, value: String(entries.length) })
          )}
          {entries.length === 1 && entries[0]?.remark !== undefined && (
            <div>
              {t('files.remark.title')}: <bdi>{entries[0].remark}</bdi>
            </div>
          )}
        </Text>
        <table className={classes.rights}>
          <thead>
            <tr>
              <td />
              {rights.map((right) => (
                <th key={right} scope="col">
                  {t(`files.rights.${right}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map((group, row) => (
              <tr key={group}>
                <th scope="row">{t(`files.rights.${group}`)}</th>
                {rights.map((right, column) => {
                  const bit = 1 << (8 - row * 3 - column);
                  return (
                    <td key={right}>
                      <Checkbox
                        aria-label={`${t(`files.rights.${group}`)}: ${t(`files.rights.${right}`)}`}
                        checked={(mode & bit) !== 0}
                        disabled={!canChange}
                        onChange={() => setMode(mode ^ bit)}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <Text size="sm" c="dimmed">
          <code dir="ltr">{`${mode.toString(8).padStart(3, '0')}  ${modeText(mode)}`}</code>
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
          <Button loading={isBusy} disabled={!canChange} onClick={() => onMode(mode)}>
            {t('files.setMode')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

type ConflictDialogProps = {
  readonly names: readonly string[];
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onRename: () => void;
};

/** Something of the name is there: nothing has moved yet. */
export function ConflictDialog({ names, isBusy, onClose, onRename }: ConflictDialogProps) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      isOpen
      title={t('files.conflict.title')}
      confirmLabel={t('files.conflict.rename')}
      isBusy={isBusy}
      onClose={onClose}
      onConfirm={onRename}
    >
      <p>{t('files.conflict.text')}</p>
      {names.slice(0, 5).map((name) => (
        <div key={name}>
          <ForeignText max={60}>{name}</ForeignText>
        </div>
      ))}
    </ConfirmDialog>
  );
}
