import { Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxArchiveBytes, type ArchiveUpload } from '#shared/archives.ts';
import { sealedFileEnd, siteFileEnd } from '#shared/site-files.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { DropFile } from '../archives/DropFile.tsx';
import { sendArchive } from '../archives/send-archive.ts';
import { ImportForm } from './ImportForm.tsx';
import { siteFile } from './site-files.queries.ts';

/** A site out of one file: sent first, then the dry run, and only then made. */
export function ImportSitePage() {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayCreate = useCan()('sites.create');
  const [sending, setSending] = useState<ArchiveUpload | null>(null);
  const [upload, setUpload] = useState<ArchiveUpload | null>(null);
  const [failure, setFailure] = useState('');
  // The same file again goes on where it broke off.
  const begun = useRef<{ readonly name: string; readonly size: number; readonly upload: ArchiveUpload } | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const send = async (file: File): Promise<void> => {
    setFailure('');
    if (file.size === 0 || file.size > maxArchiveBytes) {
      setFailure(t('archives.send.wrongSize', { most: format.bytes(maxArchiveBytes) }));
      return;
    }
    const before = begun.current;
    const controller = new AbortController();
    stop.current = controller;
    setSending({ id: '', fileName: file.name, sizeBytes: file.size, receivedBytes: 0, startedAt: '' });
    try {
      const whole = await sendArchive({
        to: siteFile,
        file,
        begun: before?.name === file.name && before.size === file.size ? before.upload : undefined,
        signal: controller.signal,
        onProgress: (each) => {
          begun.current = { name: file.name, size: file.size, upload: each };
          setSending(each);
        },
      });
      setUpload(whole);
    } catch (error) {
      if (!controller.signal.aborted) setFailure(errorText(error));
    }
    setSending(null);
  };

  const startAgain = (): void => {
    begun.current = null;
    setUpload(null);
  };

  return (
    <Page
      title={t('siteFiles.import.title')}
      description={t('siteFiles.import.description')}
      back={{ to: '/sites', label: t('sites.title') }}
    >
      <Stack gap="lg">
        {upload === null ? (
          <Section title={t('siteFiles.import.file')} description={t('siteFiles.import.fileHint')}>
            <DropFile
              accepted=".tar,.sealed"
              title={t('siteFiles.import.drop')}
              hint={t('siteFiles.import.kind', {
                end: siteFileEnd,
                sealed: sealedFileEnd,
                most: format.bytes(maxArchiveBytes),
              })}
              mayWrite={mayCreate}
              sending={sending}
              onFile={(file) => void send(file)}
              onStop={() => stop.current?.abort()}
            />
          </Section>
        ) : (
          <ImportForm key={upload.id} upload={upload} onDone={startAgain} />
        )}
        {failure !== '' && (
          <Notice tone="bad" role="alert" title={t('siteFiles.import.sendFailed')}>
            {failure}
          </Notice>
        )}
      </Stack>
    </Page>
  );
}
