import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './Token.module.css';

/** A technical word (domain, path, address, size, command): always left to right, never broken by the text around it. */
export function Token({ children, mono = false }: { readonly children: string; readonly mono?: boolean }) {
  return (
    <bdi dir="ltr" className={mono ? classes.mono : undefined}>
      {children}
    </bdi>
  );
}

export function CopyButton({ value, label }: { readonly value: string; readonly label?: string }) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 1500 });
  const text = clipboard.copied ? t('common.actions.copied') : (label ?? t('common.actions.copy'));
  return (
    <Tooltip label={text}>
      <ActionIcon size="sm" aria-label={text} onClick={() => clipboard.copy(value)}>
        {clipboard.copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
