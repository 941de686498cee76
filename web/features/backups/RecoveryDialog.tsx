import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../../layout/store.ts';
import { Notice } from '../../ui/Notice.tsx';
import { QrCode } from '../account/QrCode.tsx';
import { freshRecovery } from './fresh-recovery.ts';
import classes from './RecoveryDialog.module.css';
import { RecoverySheet } from './RecoverySheet.tsx';

/** The recovery key, once. Only the person's word closes it: nobody can show it again. */
export function RecoveryDialog() {
  const { t } = useTranslation();
  const fresh = useStore(freshRecovery);
  return (
    <Modal
      opened={fresh !== null}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size={600}
      zIndex={340}
      title={
        <Text component="span" fw={600}>
          {t('backups.sheet.title')}
        </Text>
      }
    >
      {fresh !== null && <Fresh recoveryKey={fresh.key} keyId={fresh.keyId} />}
    </Modal>
  );
}

function Fresh({ recoveryKey, keyId }: { readonly recoveryKey: string; readonly keyId: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2_000 });
  const [isStored, setIsStored] = useState(false);
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        {t('backups.sheet.once')}
      </Text>
      <div className={classes.sheet}>
        <div className={classes.key} dir="ltr" tabIndex={0} aria-label={t('backups.sheet.key')} role="group">
          {recoveryKey}
        </div>
        <div className={classes.qr}>
          <QrCode text={recoveryKey} label={t('backups.sheet.qr')} />
        </div>
      </div>
      <RecoverySheet recoveryKey={recoveryKey} keyId={keyId} />
      <Notice tone="warn">{t('backups.sheet.warn')}</Notice>
      <Group gap="xs">
        <Button
          leftSection={<IconPrinter size={16} aria-hidden />}
          // The browser's own dialog; the style sheet leaves only the sheet on the page.
          onClick={() => window.print()}
        >
          {t('backups.sheet.print')}
        </Button>
        <Button
          variant="default"
          leftSection={clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={() => clipboard.copy(recoveryKey)}
        >
          {clipboard.copied ? t('common.actions.copied') : t('backups.sheet.copy')}
        </Button>
      </Group>
      <Checkbox
        checked={isStored}
        onChange={(event) => setIsStored(event.currentTarget.checked)}
        label={t('backups.sheet.stored')}
      />
      <Group justify="flex-end">
        <Button disabled={!isStored} onClick={() => freshRecovery.set(null)}>
          {t('backups.sheet.done')}
        </Button>
      </Group>
    </Stack>
  );
}
