import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxArchiveBytes } from '#shared/archives.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import classes from './Archives.module.css';
import { useDiscard, useReadArchivesAnew, type ArchiveUpload } from './archives.queries.ts';
import { DropFile } from './DropFile.tsx';
import { archiveOf, sendArchive } from './send-archive.ts';

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
      await sendArchive({ to: archiveOf(siteId), file, begun, signal: controller.signal, onProgress: setSending });
    } catch (error) {
      if (!controller.signal.aborted) setFailure(errorText(error));
    }
    await readAnew();
    setSending(null);
  };

  return (
    <Section title={t('archives.send.title')} description={t('archives.send.text')}>
      <DropFile
        accepted={accepted}
        title={t('archives.send.drop')}
        hint={t('archives.send.kinds', { most: format.bytes(maxArchiveBytes) })}
        mayWrite={mayWrite}
        sending={sending}
        onFile={(file) => void send(file)}
        onStop={() => stop.current?.abort()}
      />
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
