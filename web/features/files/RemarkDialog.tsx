import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxRemarkLength } from '#shared/file-remarks.ts';
import type { FileEntry } from '#shared/files.ts';
import { inMiddle } from './file-paths.ts';

type RemarkDialogProps = {
  readonly entry: FileEntry;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  readonly onRemark: (remark: string) => void;
};

/** A line about a file or folder; an empty one takes it away. */
export function RemarkDialog({ entry: { name, remark = '' }, isBusy, onClose, onRemark }: RemarkDialogProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(remark);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('files.remark.title')}
      size={480}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === remark) onClose();
          else onRemark(typed.trim());
        }}
      >
        <Stack gap="lg">
          <TextInput
            data-autofocus
            dir="auto"
            label={t('files.remark.label', { name: inMiddle(name, 60) })}
            description={t('files.remark.hint')}
            value={typed}
            maxLength={maxRemarkLength}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common.actions.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('files.remark.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
