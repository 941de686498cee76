import { Button, Group, Progress } from '@mantine/core';
import { IconArrowBackUp, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { Database } from './databases.queries.ts';
import { useDropImportCopy, useUndoImport, type DatabaseImport } from './imports.queries.ts';
import classes from './Imports.module.css';

const tones: Readonly<Record<DatabaseImport['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};

type ImportListProps = {
  readonly database: Database;
  readonly items: readonly DatabaseImport[];
  /** A job has begun that has the database now. */
  readonly onStarted: () => void;
};

/** Imports of the last days. A copy from before is offered back, first of all where one has failed. */
export function ImportList({ database, items, onStarted }: ImportListProps) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="database-imports">
      <h3 id="database-imports" className={classes.heading}>
        {t('databaseImports.list.title')}
      </h3>
      <ul className={classes.list}>
        {items.map((item) => (
          <Row key={item.id} database={database} item={item} onStarted={onStarted} />
        ))}
      </ul>
    </section>
  );
}

type RowProps = Omit<ImportListProps, 'items'> & { readonly item: DatabaseImport };

function Row({ database, item, onStarted }: RowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { path, state, sizeBytes, doneBytes, startedAt, failure, copy, hasBegun } = item;
  return (
    <li className={classes.item}>
      <Group gap="sm">
        <Status tone={tones[state]}>{t(`databaseImports.states.${state}`)}</Status>
        <ForeignText>{`/${path}`}</ForeignText>
      </Group>
      <span className={classes.soft}>
        {format.dateTime(startedAt)}
        {sizeBytes > 0 && ` · ${format.bytes(sizeBytes)}`}
      </span>
      {state === 'running' && sizeBytes > 0 && (
        <Progress value={(doneBytes / sizeBytes) * 100} size="sm" aria-label={t('databaseImports.states.running')} />
      )}
      {failure !== null && (
        <Notice tone="bad">
          {errorText(
            new ApiError({ code: 'in_use', reason: failure.reason ?? 'database_run_failed', params: failure.params }),
          )}
        </Notice>
      )}
      {state !== 'running' && state !== 'succeeded' && (
        <span className={classes.soft}>
          {t(
            hasBegun
              ? copy === null
                ? 'databaseImports.list.half'
                : 'databaseImports.list.halfWithCopy'
              : 'databaseImports.list.untouched',
          )}
        </span>
      )}
      {copy !== null && state !== 'running' && (
        <Copy database={database} item={item} copy={copy} onStarted={onStarted} />
      )}
    </li>
  );
}

type CopyProps = RowProps & { readonly copy: NonNullable<DatabaseImport['copy']> };

function Copy({ database, item, copy, onStarted }: CopyProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayManage = useCan()('databases.manage');
  const databaseId = database.id ?? '';
  const undo = useUndoImport(databaseId);
  const drop = useDropImportCopy(databaseId);
  const [asks, setAsks] = useState<'undo' | 'drop' | null>(null);
  const isReady = mayManage && database.state === 'ready';
  const close = (): void => setAsks(null);
  const failed = (error: unknown): void => sayFailed(t('databaseImports.list.notDone'), errorText(error));
  return (
    <div className={classes.copy}>
      <span className={classes.soft}>
        {t('databaseImports.list.copy', { size: format.bytes(copy.sizeBytes) })}
        {' · '}
        {t('databases.tables', { count: copy.tables, value: format.number(copy.tables) })}
      </span>
      <Group gap="xs">
        <WhyNot reason={!mayManage}>
          <Button
            variant="default"
            size="xs"
            disabled={!isReady}
            loading={undo.isPending}
            leftSection={<IconArrowBackUp size={15} aria-hidden className="mirrored" />}
            onClick={() => setAsks('undo')}
          >
            {t('databaseImports.list.undo')}
          </Button>
        </WhyNot>
        <Button
          variant="subtle"
          color="red"
          size="xs"
          disabled={!isReady}
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => setAsks('drop')}
        >
          {t('databaseImports.list.drop')}
        </Button>
      </Group>
      <ConfirmDialog
        isOpen={asks === 'undo'}
        title={t('databaseImports.list.undoTitle', { name: database.name })}
        confirmLabel={t('databaseImports.list.undo')}
        isDangerous
        isBusy={undo.isPending}
        onClose={close}
        onConfirm={() =>
          finish(undo, item.id, {
            onSuccess: (job) => {
              onStarted();
              openJobs(job.id);
            },
            onError: failed,
            onSettled: close,
          })
        }
      >
        {t('databaseImports.list.undoText', { when: format.dateTime(item.startedAt) })}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asks === 'drop'}
        title={t('databaseImports.list.dropTitle')}
        confirmLabel={t('databaseImports.list.drop')}
        isDangerous
        isBusy={drop.isPending}
        onClose={close}
        onConfirm={() =>
          finish(drop, item.id, {
            onSuccess: () => sayDone(t('databaseImports.list.dropped')),
            onError: failed,
            onSettled: close,
          })
        }
      >
        {t('databaseImports.list.dropText')}
      </ConfirmDialog>
    </div>
  );
}
