import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupKey } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useChangeKeys } from './backups.queries.ts';

/** A new key signs from now on. */
export function RotateKey({ isDisabled }: { readonly isDisabled: boolean }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('backups.manage');
  const keys = useChangeKeys();
  const [isAsking, setIsAsking] = useState(false);
  const confirm = (): void =>
    finish(
      keys,
      { operation: 'rotate' },
      {
        onSuccess: () => sayDone(t('backups.keys.rotated')),
        onError: (error) => sayFailed(t('backups.keys.rotateFailed'), errorText(error)),
        onSettled: () => setIsAsking(false),
      },
    );
  return (
    <>
      <WhyNot reason={!mayManage}>
        <Button variant="default" disabled={!mayManage || isDisabled} onClick={() => setIsAsking(true)}>
          {t('backups.keys.rotate')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.keys.rotateTitle')}
        confirmLabel={t('backups.keys.rotate')}
        isBusy={keys.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('backups.keys.rotateText')}
      </ConfirmDialog>
    </>
  );
}

/** What it signed cannot be read any more: said in numbers, and signed with the key's own number. */
export function RetireKey({ backupKey: { keyId, setCount, state } }: { readonly backupKey: BackupKey }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayManage = useCan()('backups.manage');
  const keys = useChangeKeys();
  const [isAsking, setIsAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const whyNot = !mayManage ? true : state === 'active' ? t('backups.keys.retireActive') : false;
  const close = (): void => {
    setIsAsking(false);
    setTyped('');
  };
  const confirm = (): void =>
    finish(
      keys,
      { operation: 'retire', keyId },
      {
        onSuccess: () => sayDone(t('backups.keys.retired')),
        onError: (error) => sayFailed(t('backups.keys.retireFailed'), errorText(error)),
        onSettled: close,
      },
    );
  return (
    <>
      <WhyNot reason={whyNot}>
        <Button size="xs" variant="default" disabled={whyNot !== false} onClick={() => setIsAsking(true)}>
          {t('backups.keys.retire')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.keys.retireTitle')}
        confirmLabel={t('backups.keys.retire')}
        isDangerous
        isBusy={keys.isPending}
        canConfirm={typed.trim() === keyId}
        onConfirm={confirm}
        onClose={close}
      >
        <p>{t('backups.keys.retireText', { count: setCount, value: format.number(setCount) })}</p>
        <TextInput
          label={
            <>
              {t('backups.keys.retireSign')} <Token mono>{keyId}</Token>
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </ConfirmDialog>
    </>
  );
}
