import { Button } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Databases.module.css';
import { useDiscardRemoved, useRestoreDatabase, type RemovedDatabase } from './databases.queries.ts';

/** What was deleted and can come back. Nothing is shown while there is none. */
export function RemovedDatabases({ items }: { readonly items: readonly RemovedDatabase[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <Section title={t('databases.removed.title')} description={t('databases.removed.text')} padding="flush">
      <ul className={classes.list}>
        {items.map((item) => (
          <RemovedRow key={item.removalId} item={item} />
        ))}
      </ul>
    </Section>
  );
}

function RemovedRow({ item: { removalId, name, removedAt, sizeBytes, tables } }: { readonly item: RemovedDatabase }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayManage = useCan()('databases.manage');
  const restore = useRestoreDatabase();
  const discard = useDiscardRemoved();
  const [isAsking, setIsAsking] = useState(false);
  const failed = (title: string) => (error: unknown) => {
    const text = errorText(error);
    if (text !== '') sayFailed(title, text);
  };
  return (
    <li className={classes.row}>
      <div className={classes.rowName}>
        <Token mono>{name}</Token>
        <span className={classes.soft}>
          {t('databases.removed.when', { ago: format.ago(removedAt) })}
          {' · '}
          {t('databases.tables', { count: tables, value: format.number(tables) })}
          {' · '}
          {format.bytes(sizeBytes)}
        </span>
      </div>
      <WhyNot reason={!mayManage}>
        <Button
          variant="default"
          size="xs"
          disabled={!mayManage}
          loading={restore.isPending}
          leftSection={<IconArrowBackUp size={15} aria-hidden className="mirrored" />}
          onClick={() =>
            finish(restore, removalId, {
              onSuccess: (job) => openJobs(job.id),
              onError: failed(t('databases.removed.restoreFailed')),
            })
          }
        >
          {t('databases.removed.restore')}
        </Button>
      </WhyNot>
      <Button
        variant="subtle"
        color="red"
        size="xs"
        disabled={!mayManage}
        leftSection={<IconTrash size={15} aria-hidden />}
        onClick={() => setIsAsking(true)}
      >
        {t('databases.removed.discard')}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('databases.removed.discardTitle', { name })}
        confirmLabel={t('databases.removed.discardConfirm')}
        isDangerous
        isBusy={discard.isPending}
        onConfirm={() =>
          finish(discard, removalId, {
            onSuccess: () => sayDone(t('databases.removed.discarded', { name })),
            onError: failed(t('databases.removed.discardFailed')),
            onSettled: () => setIsAsking(false),
          })
        }
        onClose={() => setIsAsking(false)}
      >
        {t('databases.removed.discardText')}
      </ConfirmDialog>
    </li>
  );
}
