import { ActionIcon, Button, Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconArrowLeft, IconDownload, IconMovie, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TerminalRecording } from '#shared/terminal-recordings.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { saveText } from '../../ui/save-text.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { RecordingPlayer } from './RecordingPlayer.tsx';
import { RecordingSettingsForm } from './RecordingSettingsForm.tsx';
import { recordingsQuery, useRemoveRecording, wholeRecordingQuery } from './recordings.queries.ts';
import classes from './Terminals.module.css';

type RecordingsSheetProps = { readonly theme: 'dark' | 'light'; readonly onClose: () => void };

/** Recordings that this person may see: to watch, to download, to throw away; and what is recorded. */
export function RecordingsSheet({ theme, onClose }: RecordingsSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const can = useCan();
  const { data, error, refetch } = useQuery(recordingsQuery);
  const remove = useRemoveRecording();
  const [watched, setWatched] = useState<TerminalRecording | null>(null);
  const [removing, setRemoving] = useState<TerminalRecording | null>(null);
  const forget = ({ id }: TerminalRecording): void =>
    finish(remove, id, {
      onError: (failure) => sayFailed(t('terminals.recordings.notRemoved'), errorText(failure)),
      onSettled: () => setRemoving(null),
    });
  const nameOf = ({ user, startedAt }: TerminalRecording): string =>
    `\u2068${user}\u2069 \u2068${format.dateTime(startedAt)}\u2069`;
  return (
    <SideSheet
      title={t('terminals.recordings.title')}
      size={820}
      onClose={onClose}
      closesOnEscape={removing === null && watched === null}
    >
      {watched !== null ? (
        <Watched recording={watched} name={nameOf(watched)} theme={theme} onBack={() => setWatched(null)} />
      ) : data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="md">
            {t('terminals.recordings.lead')}
          </Text>
          {can('terminals.root') && <RecordingSettingsForm settings={data.settings} />}
          {data.items.length === 0 ? (
            <EmptyState
              icon={IconMovie}
              title={t('terminals.recordings.none')}
              text={t(
                data.settings.recorded === 'none'
                  ? 'terminals.recordings.noneOffText'
                  : 'terminals.recordings.noneText',
              )}
            />
          ) : (
            <ul className={classes.recordings}>
              {data.items.map((recording) => (
                <li key={recording.id} className={classes.recording}>
                  <UnstyledButton
                    className={classes.recordingName}
                    aria-label={t('terminals.recordings.watch', { name: nameOf(recording) })}
                    onClick={() => setWatched(recording)}
                  >
                    <Text fw={600} size="sm">
                      <bdi dir="ltr">{recording.user}</bdi> · <bdi>{recording.person.name}</bdi>
                    </Text>
                    <Text size="xs" c="dimmed">
                      {format.dateTime(recording.startedAt)} · {format.bytes(recording.sizeBytes)} ·{' '}
                      {recording.isRunning
                        ? t('terminals.recordings.running')
                        : format.duration(Date.parse(recording.lastAt) - Date.parse(recording.startedAt))}
                    </Text>
                  </UnstyledButton>
                  {can('terminals.root') && !recording.isRunning && (
                    <Tooltip label={t('terminals.recordings.remove')}>
                      <ActionIcon
                        aria-label={`${t('terminals.recordings.remove')}: ${nameOf(recording)}`}
                        onClick={() => setRemoving(recording)}
                      >
                        <IconTrash size={18} stroke={1.7} />
                      </ActionIcon>
                    </Tooltip>
                  )}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      <ConfirmDialog
        isOpen={removing !== null}
        title={t('terminals.recordings.removeTitle', { name: removing === null ? '' : nameOf(removing) })}
        confirmLabel={t('terminals.recordings.remove')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && forget(removing)}
      >
        {t('terminals.recordings.removeText')}
      </ConfirmDialog>
    </SideSheet>
  );
}

type WatchedProps = {
  readonly recording: TerminalRecording;
  readonly name: string;
  readonly theme: 'dark' | 'light';
  readonly onBack: () => void;
};

function Watched({ recording, name, theme, onBack }: WatchedProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(wholeRecordingQuery(recording.id));
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconArrowLeft size={16} className="mirrored" aria-hidden />}
          onClick={onBack}
        >
          {t('terminals.recordings.back')}
        </Button>
        <Text size="sm">
          <bdi>{recording.person.name}</bdi> · {name}
        </Text>
        <Button
          variant="default"
          size="xs"
          disabled={data === undefined}
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => saveText(`${recording.user}-${recording.id}.cast`, data?.text ?? '')}
        >
          {t('terminals.recordings.download')}
        </Button>
      </Group>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={6} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <RecordingPlayer cast={data.cast} theme={theme} />
      )}
    </>
  );
}
