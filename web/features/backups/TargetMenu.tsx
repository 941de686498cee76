import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconFileImport, IconPencil, IconShieldCheck, IconTrash, IconZoomCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupTarget } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useRemoveTarget } from './backups.queries.ts';
import { PathDialog } from './PathDialog.tsx';
import { useRun } from './use-run.ts';

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

type TargetMenuProps = { readonly target: BackupTarget; readonly isUsed: boolean; readonly onEdit: () => void };

/** What is done to a target less often. */
export function TargetMenu({ target: { id, name, state }, isUsed, onEdit }: TargetMenuProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const mayManage = can('backups.manage');
  const remove = useRemoveTarget();
  const run = useRun();
  const [question, setQuestion] = useState<'remove' | 'import' | null>(null);
  const close = (): void => setQuestion(null);
  const hasSets = state.setCount > 0;
  const confirm = (): void =>
    finish(remove, id, {
      onSuccess: () => sayDone(t('backups.targets.removed', { name })),
      onError: (error) => sayFailed(t('backups.targets.removeFailed'), errorText(error)),
      onSettled: close,
    });
  const verify = (isFull: boolean): void => run.start({ kind: 'verify', targetId: id, setId: null, isFull });
  return (
    <>
      <Menu width={250}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t('backups.targets.menu', { name })}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...icon} />} disabled={!mayManage} onClick={onEdit}>
            {t('backups.targets.edit')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconZoomCheck {...icon} />}
            disabled={!can('backups.create') || !hasSets}
            onClick={() => verify(false)}
          >
            {t('backups.targets.verifyQuick')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconShieldCheck {...icon} />}
            disabled={!can('backups.create') || !hasSets}
            onClick={() => verify(true)}
          >
            {t('backups.targets.verifyFull')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileImport {...icon} />}
            disabled={!can('backups.restore')}
            onClick={() => setQuestion('import')}
          >
            {t('backups.targets.import')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={!mayManage}
            onClick={() => setQuestion('remove')}
          >
            {t('backups.targets.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        isOpen={question === 'remove'}
        title={t('backups.targets.removeTitle', { name })}
        confirmLabel={t('backups.targets.remove')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={isUsed ? null : confirm}
        onClose={close}
      >
        {t(isUsed ? 'backups.targets.removeUsed' : 'backups.targets.removeText')}
      </ConfirmDialog>
      {question === 'import' && (
        <PathDialog
          title={t('backups.set.importTitle')}
          text={t('backups.set.importText', { target: name })}
          action={t('backups.set.importAction')}
          example="/root/shop.aapanel-backup"
          onClose={close}
          onPath={(path) => {
            close();
            run.start({ kind: 'import', path, targetId: id });
          }}
        />
      )}
    </>
  );
}
