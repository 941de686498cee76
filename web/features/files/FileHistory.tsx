import { Button, Group, Loader, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unifiedDiff } from '#shared/diff.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { DiffCount, DiffView } from '../../ui/DiffView.tsx';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { readVersion } from './file-content.ts';
import { guessEncoding, readText, type OpenText } from './text-bytes.ts';
import classes from './Editor.module.css';

type FileHistoryProps = {
  readonly siteId: string;
  readonly path: string;
  /** What is in the editor now. */
  readonly text: string;
  readonly canWrite: boolean;
  readonly onTake: (text: OpenText) => void;
  readonly onClose: () => void;
};

/** What a file held before each save: compared with what is in the editor, and put back into it. */
export function FileHistory({ siteId, path, text, canWrite, onTake, onClose }: FileHistoryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<string | null>(null);
  const list = useQuery({
    queryKey: ['site', siteId, 'file-versions', path],
    queryFn: ({ signal }) => call(filesApi.versions, { params: { siteId }, query: { path }, signal }),
  });
  const version = useQuery({
    queryKey: ['site', siteId, 'file-versions', path, chosen],
    queryFn: async ({ signal }) => {
      const bytes = await readVersion({ siteId, path }, chosen ?? '', signal);
      const encoding = guessEncoding(bytes);
      return encoding === undefined ? null : (readText(bytes, encoding) ?? null);
    },
    enabled: chosen !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const found = version.data;
  const diff = useMemo(() => (found ? unifiedDiff(`/${path}`, flat(found.text), flat(text)) : ''), [found, path, text]);
  return (
    <SideSheet
      title={t('fileEditor.history.title')}
      onClose={onClose}
      size={760}
      footer={
        found ? (
          <Group justify="space-between" gap="xs">
            <DiffCount diff={diff} />
            <Button disabled={!canWrite} onClick={() => onTake(found)}>
              {t('fileEditor.history.take')}
            </Button>
          </Group>
        ) : undefined
      }
    >
      {list.data === undefined ? (
        list.error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        )
      ) : list.data.items.length === 0 ? (
        <EmptyState icon={IconHistory} title={t('fileEditor.history.empty')} text={t('fileEditor.history.emptyText')} />
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {t('fileEditor.history.lead')}
          </Text>
          <ul className={classes.versions}>
            {list.data.items.map(({ id, replacedAt, replacedBy, sizeBytes }) => (
              <li key={id}>
                <button
                  type="button"
                  className={classes.version}
                  aria-pressed={id === chosen}
                  onClick={() => setChosen(id)}
                >
                  <span className="numbers">{t('fileEditor.history.until', { at: format.dateTime(replacedAt) })}</span>
                  <span className={`${classes.sub} numbers`}>
                    {format.bytes(sizeBytes)} · {t('fileEditor.history.by')}{' '}
                    <ForeignText max={60}>{replacedBy}</ForeignText>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          {chosen !== null && version.isLoading && <Loader size="sm" />}
          {version.error !== null && <ErrorState error={version.error} onRetry={() => void version.refetch()} />}
          {found === null && <Notice tone="info">{t('fileEditor.history.noText')}</Notice>}
          {found && <DiffView diff={diff} label={t('fileEditor.history.difference')} maxHeight="50vh" />}
        </>
      )}
    </SideSheet>
  );
}

/** Line ends alone are no difference to look at. */
export function flat(text: string): string {
  return text.replaceAll(/\r\n|\r/g, '\n');
}
