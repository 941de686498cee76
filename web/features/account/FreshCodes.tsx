import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconDownload, IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { useStore } from '../../layout/store.ts';
import { tidyRecoveryCode } from '../accounts/proof-form.ts';
import { codesAsText, freshCodes } from './fresh-codes.ts';
import classes from './FreshCodes.module.css';

/** The ten recovery codes, once. Only the person's word closes it: nobody can show them again. */
export function FreshCodes() {
  const { t } = useTranslation();
  const codes = useStore(freshCodes);
  return (
    <Modal
      opened={codes !== null}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size={520}
      zIndex={340}
      title={
        <Text component="span" fw={600}>
          {t('account.codes.title')}
        </Text>
      }
    >
      {codes !== null && <Codes codes={codes.map(tidyRecoveryCode)} />}
    </Modal>
  );
}

function Codes({ codes }: { readonly codes: readonly string[] }) {
  const { t } = useTranslation();
  const { person } = useMe();
  const clipboard = useClipboard({ timeout: 2_000 });
  const [isKept, setIsKept] = useState(false);
  const title = t('account.codes.fileTitle', { product: t('common.productName'), place: location.host });
  const lead = t('account.codes.fileText', { name: person.name });
  const text = codesAsText(title, lead, codes);
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        {t('account.codes.text')}
      </Text>
      <div className={classes.sheet}>
        <p className={classes.printed}>{title}</p>
        <p className={classes.printed}>{lead}</p>
        <ol className={classes.codes} dir="ltr">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={() => clipboard.copy(codes.join('\n'))}
        >
          {clipboard.copied ? t('common.actions.copied') : t('common.actions.copy')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => download(`aapanel-recovery-codes-${person.name}.txt`, text)}
        >
          {t('account.codes.download')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPrinter size={16} aria-hidden />}
          // The browser's own dialog; the style sheet leaves the codes alone on the page.
          onClick={() => window.print()}
        >
          {t('account.codes.print')}
        </Button>
      </Group>
      <Checkbox
        checked={isKept}
        onChange={(event) => setIsKept(event.currentTarget.checked)}
        label={t('account.codes.kept')}
      />
      <Group justify="flex-end">
        <Button disabled={!isKept} onClick={() => freshCodes.set(null)}>
          {t('account.codes.done')}
        </Button>
      </Group>
    </Stack>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
