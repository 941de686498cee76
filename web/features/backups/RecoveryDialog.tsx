import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../../layout/store.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { QrCode } from '../account/QrCode.tsx';
import { placeLine } from './backup-names.ts';
import { backupsQuery } from './backups.queries.ts';
import { freshRecovery } from './fresh-recovery.ts';
import classes from './RecoveryDialog.module.css';

/** The command that brings a machine back; part of the printed sheet. */
const recoverCommand = 'aapanel backup recover';

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
      <Sheet recoveryKey={recoveryKey} keyId={keyId} />
      <Notice tone="warn">{t('backups.sheet.warn')}</Notice>
      <Group gap="xs">
        <Button
          leftSection={<IconPrinter size={16} aria-hidden />}
          // The browser's own dialog; the style sheet leaves the sheet alone on the page.
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

/** What is printed: the key to read and to scan, where the backups lie, and what to do with both. */
function Sheet({ recoveryKey, keyId }: { readonly recoveryKey: string; readonly keyId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(backupsQuery);
  const [before, after] = t('backups.sheet.how2', { command: '\u0000' }).split('\u0000');
  return (
    <div className={classes.sheet} data-testid="recovery-sheet">
      <div className={classes.printed}>
        <h1>
          {t('common.productName')}: {t('backups.sheet.printTitle')}
        </h1>
        <dl>
          <dt>{t('backups.sheet.host')}</dt>
          <dd>
            <Token>{location.host}</Token>
          </dd>
          <dt>{t('backups.sheet.date')}</dt>
          <dd>{data?.recovery == null ? '' : format.dateTime(data.recovery.createdAt)}</dd>
          <dt>{t('backups.sheet.number')}</dt>
          <dd>
            <Token mono>{keyId}</Token>
          </dd>
        </dl>
      </div>
      <div className={classes.keyLine}>
        <div className={classes.key} dir="ltr" tabIndex={0} aria-label={t('backups.sheet.key')} role="group">
          {recoveryKey}
        </div>
        <div className={classes.qr}>
          <QrCode text={recoveryKey} label={t('backups.sheet.qr')} />
        </div>
      </div>
      <div className={classes.printed}>
        {data !== undefined && data.targets.length > 0 && (
          <>
            <h2>{t('backups.sheet.targets')}</h2>
            <ul>
              {data.targets.map(({ id, name, place }) => (
                <li key={id}>
                  <bdi>{name}</bdi>: {t(`backups.targets.kinds.${place.kind}`)}, <Token mono>{placeLine(place)}</Token>
                </li>
              ))}
            </ul>
          </>
        )}
        <h2>{t('backups.sheet.howTitle')}</h2>
        <ol>
          <li>{t('backups.sheet.how1')}</li>
          <li>
            {before}
            <Token mono>{recoverCommand}</Token>
            {after}
          </li>
          <li>{t('backups.sheet.how3')}</li>
        </ol>
        <p>{t('backups.sheet.warn')}</p>
        <p>{t('backups.sheet.care')}</p>
      </div>
    </div>
  );
}
