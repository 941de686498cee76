import { Button, FileButton, Group, Progress } from '@mantine/core';
import { IconFileZip, IconUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxArchiveBytes } from '#shared/archives.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Archives.module.css';
import { useDiscard, useReadArchivesAnew, type ArchiveUpload } from './archives.queries.ts';
import { sendArchive } from './send-archive.ts';

const accepted = '.zip,.tar,.tgz,.tar.gz,.tar.zst,.tzst,.tar.xz,.txz,.gz,.zst,.xz';

/** Where a file is dropped or chosen, and how far it is. */
export function SendSection({
  siteId,
  uploads,
}: {
  readonly siteId: string;
  readonly uploads: readonly ArchiveUpload[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const readAnew = useReadArchivesAnew(siteId);
  const discard = useDiscard(siteId);
  const [sending, setSending] = useState<ArchiveUpload | null>(null);
  const [isOver, setIsOver] = useState(false);
  const [failure, setFailure] = useState('');
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const broken = uploads.filter(({ id, receivedBytes, sizeBytes }) => receivedBytes < sizeBytes && id !== sending?.id);

  const send = async (file: File): Promise<void> => {
    if (file.size === 0 || file.size > maxArchiveBytes) {
      setFailure(t('archives.send.wrongSize', { most: format.bytes(maxArchiveBytes) }));
      return;
    }
    const begun = broken.find(({ fileName, sizeBytes }) => fileName === file.name && sizeBytes === file.size);
    const controller = new AbortController();
    stop.current = controller;
    setFailure('');
    setSending({ id: '', fileName: file.name, sizeBytes: file.size, receivedBytes: 0, startedAt: '' });
    try {
      await sendArchive({ siteId, file, begun, signal: controller.signal, onProgress: setSending });
    } catch (error) {
      if (!controller.signal.aborted) setFailure(errorText(error));
    }
    await readAnew();
    setSending(null);
  };

  return (
    <Section title={t('archives.send.title')} description={t('archives.send.text')}>
      {sending === null ? (
        <div
          className={classes.drop}
          data-over={isOver || undefined}
          onDragOver={(event) => {
            event.preventDefault();
            setIsOver(mayWrite);
          }}
          onDragLeave={() => setIsOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setIsOver(false);
            const [file] = event.dataTransfer.files;
            if (file !== undefined && mayWrite) void send(file);
          }}
        >
          <IconFileZip size={34} stroke={1.5} aria-hidden className={classes.dropIcon} />
          <div className={classes.dropTitle}>{t('archives.send.drop')}</div>
          <div className={classes.soft}>{t('archives.send.kinds', { most: format.bytes(maxArchiveBytes) })}</div>
          <WhyNot reason={!mayWrite}>
            <FileButton accept={accepted} onChange={(file) => file !== null && void send(file)}>
              {(props) => (
                <Button {...props} disabled={!mayWrite} leftSection={<IconUpload size={17} aria-hidden />}>
                  {t('archives.send.choose')}
                </Button>
              )}
            </FileButton>
          </WhyNot>
        </div>
      ) : (
        <div className={classes.sending} role="status">
          <Group justify="space-between" gap="xs">
            <bdi className={classes.name}>{sending.fileName}</bdi>
            <span className="numbers">
              {t('archives.send.progress', {
                done: format.bytes(sending.receivedBytes),
                all: format.bytes(sending.sizeBytes),
              })}
            </span>
          </Group>
          <Progress
            value={(sending.receivedBytes / sending.sizeBytes) * 100}
            aria-label={t('archives.send.progressLabel')}
            size="md"
          />
          <Group justify="flex-end">
            <Button variant="default" size="xs" onClick={() => stop.current?.abort()}>
              {t('archives.send.stop')}
            </Button>
          </Group>
        </div>
      )}
      {failure !== '' && (
        <Notice tone="bad" role="alert" className={classes.below}>
          {failure}
        </Notice>
      )}
      {broken.map((upload) => (
        <Notice
          key={upload.id}
          tone="warn"
          className={classes.below}
          title={t('archives.send.broken')}
          actions={
            <Button
              variant="default"
              size="xs"
              disabled={!mayWrite}
              loading={discard.isPending && discard.variables === upload.id}
              onClick={() => discard.mutate(upload.id)}
            >
              {t('archives.form.discard')}
            </Button>
          }
        >
          {t('archives.send.brokenText', {
            name: upload.fileName,
            done: format.bytes(upload.receivedBytes),
            all: format.bytes(upload.sizeBytes),
          })}
        </Notice>
      ))}
    </Section>
  );
}
