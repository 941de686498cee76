import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useFlush } from './redis.queries.ts';

/** Everything in one database, after a question that says how much that is. */
export function FlushRedis({ database, keys }: { readonly database: number; readonly keys: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const flush = useFlush(database);
  const [isAsking, setIsAsking] = useState(false);
  const empty = (): void =>
    finish(flush, undefined, {
      onSuccess: ({ deleted }) =>
        sayDone(t('redis.flush.done', { count: deleted, value: format.number(deleted), database })),
      onError: (error) => {
        const text = errorText(error);
        if (text !== '') sayFailed(t('redis.flush.failed'), text);
      },
      onSettled: () => setIsAsking(false),
    });
  return (
    <>
      <Button
        variant="default"
        disabled={keys === 0}
        leftSection={<IconTrash size={16} aria-hidden />}
        onClick={() => setIsAsking(true)}
      >
        {t('redis.flush.action')}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('redis.flush.title', { database })}
        confirmLabel={t('redis.flush.action')}
        isDangerous
        isBusy={flush.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={empty}
      >
        {t('redis.flush.text', { count: keys, value: format.number(keys) })}
      </ConfirmDialog>
    </>
  );
}
