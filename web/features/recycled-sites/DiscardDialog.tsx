import { Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useDiscard, type RecycledSite } from './recycled-sites.queries.ts';

/** The second step before something goes for good: the name of the site, or a word for many. */
export function DiscardDialog({
  items,
  onClose,
}: {
  readonly items: readonly RecycledSite[];
  readonly onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const discard = useDiscard();
  const [typed, setTyped] = useState('');
  const name = items[0]?.slug ?? '';
  const word = items.length === 1 ? name : t('recycledSites.discard.word');
  return (
    <ConfirmDialog
      isOpen
      isDangerous
      title={t('recycledSites.discard.title', { count: items.length, value: format.number(items.length), name })}
      confirmLabel={t('recycledSites.discard.confirm')}
      canConfirm={typed.trim() === word}
      isBusy={discard.isPending}
      onClose={onClose}
      onConfirm={() =>
        finish(
          discard,
          items.map(({ id }) => id),
          {
            onSuccess: () => sayDone(t('recycledSites.discard.done')),
            onError: (error) => {
              const text = errorText(error);
              if (text !== '') sayFailed(t('recycledSites.discard.failed'), text);
            },
            onSettled: onClose,
          },
        )
      }
    >
      <Stack gap="md">
        <span>{t('recycledSites.discard.text')}</span>
        <TextInput
          label={
            <>
              {t('recycledSites.discard.sign')} <bdi>{word}</bdi>
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          dir="auto"
          autoComplete="off"
          spellCheck={false}
        />
      </Stack>
    </ConfirmDialog>
  );
}
