import { Button, Group, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mostRightsShown, rightsLeft, type RightsRecord } from '#shared/file-rights.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { modeText } from './file-paths.ts';
import { useJobStart } from './files.queries.ts';
import classes from './Files.module.css';

type RightsHistoryProps = { readonly siteId: string; readonly canWrite: boolean };

/** Earlier changes with all that they changed; each is taken back as a whole. */
export function RightsHistory({ siteId, canWrite }: RightsHistoryProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const queryKey = ['site', siteId, 'file-rights'];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => call(filesApi.rights, { params: { siteId }, signal }),
  });
  const start = useJobStart(siteId);
  const [asked, setAsked] = useState<RightsRecord | null>(null);
  const [shown, setShown] = useState<string | null>(null);

  function undo({ id: rightsId }: RightsRecord): void {
    start.mutate(() => call(filesApi.undoRights, { params: { siteId, rightsId } }), {
      onSuccess: ({ id }) => openJobs(id),
      onError: (why) => sayFailed(t('files.notDone'), errorText(why)),
      onSettled: () => {
        setAsked(null);
        void client.invalidateQueries({ queryKey });
      },
    });
  }

  if (data === undefined)
    return error === null ? <LoadingRows rows={2} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.items.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={500}>
        {t('fileRights.history')}
      </Text>
      <ul className={classes.bin} aria-label={t('fileRights.history')}>
        {data.items.map((record) => (
          <li key={record.id} className={classes.change}>
            <div className={classes.binItem}>
              <Summary record={record} />
              <Group gap={6} wrap="nowrap">
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-expanded={shown === record.id}
                  onClick={() => setShown(shown === record.id ? null : record.id)}
                >
                  {t('fileRights.report')}
                </Button>
                <Button
                  size="compact-xs"
                  variant="light"
                  disabled={!canWrite || record.state === 'running'}
                  onClick={() => setAsked(record)}
                >
                  {t('fileRights.undo')}
                </Button>
              </Group>
            </div>
            {shown === record.id && <Report siteId={siteId} record={record} />}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          isOpen
          title={t('fileRights.undoTitle')}
          confirmLabel={t('fileRights.undo')}
          isBusy={start.isPending}
          onClose={() => setAsked(null)}
          onConfirm={() => undo(asked)}
        >
          {t('fileRights.undoText')}
        </ConfirmDialog>
      )}
    </div>
  );
}

function Summary({ record }: { readonly record: RightsRecord }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { paths, fileMode, folderMode, toSite, changed, left, by, startedAt, state } = record;
  const octal = (mode: number | null): string => (mode === null ? '–' : mode.toString(8).padStart(3, '0'));
  return (
    <div className={classes.binText}>
      {paths[0] === '' ? t('fileRights.all') : <ForeignText max={100}>{paths.join('، ')}</ForeignText>}
      <span className={`${classes.sub} numbers`}>
        <ForeignText max={60}>{by}</ForeignText> · {format.ago(startedAt)} ·{' '}
        <code dir="ltr">{`${octal(fileMode)} / ${octal(folderMode)}`}</code>
        {toSite && ` · ${t('fileRights.given')}`}
      </span>
      <span className={`${classes.sub} numbers`}>
        {state === 'done'
          ? t('fileRights.changed', { count: changed, value: format.number(changed) })
          : t(`fileRights.${state}`)}
      </span>
      {rightsLeft.map((why) => {
        const count = left[why] ?? 0;
        return count === 0 ? null : (
          <span key={why} className={`${classes.sub} numbers`}>
            {t(`fileRights.left.${why}`, { value: format.number(count) })}
          </span>
        );
      })}
    </div>
  );
}

/** Path by path, what it had and what it has. */
function Report({
  siteId,
  record: { id: rightsId, changed },
}: {
  readonly siteId: string;
  readonly record: RightsRecord;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery({
    queryKey: ['site', siteId, 'file-rights', rightsId],
    queryFn: ({ signal }) => call(filesApi.rightsChanges, { params: { siteId, rightsId }, signal }),
  });
  if (data === undefined)
    return error === null ? <LoadingRows rows={3} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <ul className={classes.entries} aria-label={t('fileRights.report')} tabIndex={0}>
        {data.items.map(({ path, before, after }) => (
          <li key={path} className={classes.rightsLine}>
            <ForeignText max={120}>{path}</ForeignText>
            <code dir="ltr" className={classes.sub}>
              {`${modeText(before.mode)} → ${modeText(after.mode)}`}
              {(before.owner !== after.owner || before.group !== after.group) &&
                `  ${before.owner}:${before.group} → ${after.owner}:${after.group}`}
            </code>
          </li>
        ))}
      </ul>
      {changed > mostRightsShown && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('fileRights.first', { value: format.number(mostRightsShown) })}
        </Text>
      )}
    </>
  );
}
