import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { isFullPath } from './plan-draft.ts';

type PathDialogProps = {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly example: string;
  readonly onClose: () => void;
  readonly onPath: (path: string) => void;
};

/** Asks for the path of a file on this server. */
export function PathDialog({ title, text, action, example, onClose, onPath }: PathDialogProps) {
  const { t } = useTranslation();
  const [path, setPath] = useState('');
  const isRight = isFullPath(path.trim());
  return (
    <ConfirmDialog
      isOpen
      title={title}
      confirmLabel={action}
      canConfirm={isRight}
      onConfirm={() => onPath(path.trim())}
      onClose={onClose}
    >
      <p>{text}</p>
      <TextInput
        label={t('backups.set.exportPath')}
        placeholder={example}
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
        error={path.trim() !== '' && !isRight ? t('backups.set.pathError') : undefined}
        dir="ltr"
        autoComplete="off"
        spellCheck={false}
      />
    </ConfirmDialog>
  );
}
