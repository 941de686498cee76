import { Button, Group } from '@mantine/core';
import { IconRecycle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BinItem } from '#shared/files.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { fileBinQuery, useFileWork } from './files.queries.ts';
import classes from './Files.module.css';

type FileBinProps = { readonly siteId: string; readonly canWrite: boolean; readonly onClose: () => void };

/** What was deleted, and the way back. */
export function FileBin({ siteId, canWrite, onClose }: FileBinProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(fileBinQuery(siteId));
  const work = useFileWork(siteId);
  const errorText = useErrorText();
  const [asked, setAsked] = useState<readonly BinItem[] | null>(null);
  const failed = (why: unknown): void => sayFailed(t('files.notDone'), errorText(why));
  const restore = ({ id }: BinItem): void =>
    finish(
      work,
      { verb: 'restore', body: { ids: [id] } },
      { onSuccess: () => sayDone(t('files.bin.restored')), onError: failed },
    );
  return (
    <SideSheet
      title={t('files.bin.title')}
      onClose={onClose}
      closesOnEscape={asked === null}
      footer={
        data !== undefined && data.items.length > 0 && canWrite ? (
          <Button color="red" variant="light" onClick={() => setAsked(data.items.slice(0, 500))}>
            {t('files.bin.discardAll')}
          </Button>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <EmptyState icon={IconRecycle} title={t('files.bin.empty')} text={t('files.bin.emptyText')} />
      ) : (
        <ul className={classes.bin}>
          {data.items.map((item) => (
            <BinLine
              key={item.id}
              item={item}
              canWrite={canWrite && !work.isPending}
              onRestore={() => restore(item)}
              onDiscard={() => setAsked([item])}
            />
          ))}
        </ul>
      )}
      {asked !== null && (
        <ConfirmDialog
          isOpen
          isDangerous
          title={t('files.bin.discardTitle', { count: asked.length })}
          confirmLabel={t('files.bin.discard')}
          isBusy={work.isPending}
          onClose={() => setAsked(null)}
          onConfirm={() =>
            finish(
              work,
              { verb: 'discard', body: { ids: asked.map(({ id }) => id) } },
              { onError: failed, onSettled: () => setAsked(null) },
            )
          }
        >
          {t('files.bin.discardText')}
        </ConfirmDialog>
      )}
    </SideSheet>
  );
}

type BinLineProps = {
  readonly item: BinItem;
  readonly canWrite: boolean;
  readonly onRestore: () => void;
  readonly onDiscard: () => void;
};

function BinLine({
  item: { path, type, sizeBytes, deletedAt, deletedBy },
  canWrite,
  onRestore,
  onDiscard,
}: BinLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.binItem}>
      <div className={classes.binText}>
        <ForeignText max={160}>{path}</ForeignText>
        <span className={classes.sub}>
          <ForeignText max={60}>{deletedBy}</ForeignText> · {format.ago(deletedAt)}
          {type === 'file' && ` · ${format.bytes(sizeBytes)}`}
        </span>
      </div>
      <Group gap={6} wrap="nowrap">
        <Button size="compact-xs" variant="light" disabled={!canWrite} onClick={onRestore}>
          {t('files.bin.restore')}
        </Button>
        <Button size="compact-xs" variant="subtle" color="red" disabled={!canWrite} onClick={onDiscard}>
          {t('files.bin.discard')}
        </Button>
      </Group>
    </li>
  );
}
