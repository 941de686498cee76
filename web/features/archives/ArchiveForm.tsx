import { Button, Checkbox, Group, Radio, Skeleton, Stack, TextInput } from '@mantine/core';
import { IconPackageImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { conflictChoices, folderInSitePattern, type ConflictChoice } from '#shared/archives.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { previewQuery, useDiscard, useUnpack, type ArchiveUpload, type UnpackInput } from './archives.queries.ts';
import { ArchiveItems } from './ArchiveItems.tsx';

type ArchiveFormProps = {
  readonly siteId: string;
  readonly root: string;
  readonly upload: ArchiveUpload;
  readonly isBusy: boolean;
};

/** What is in an archive that has arrived, where it goes, and what happens to what stands there. */
export function ArchiveForm({ siteId, root, upload, isBusy }: ArchiveFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const [typed, setTyped] = useState('');
  const [folder, setFolder] = useState('');
  const [stripsTopFolder, setStrips] = useState(true);
  const [onConflict, setOnConflict] = useState<ConflictChoice>('keep');
  const isFolderGood = folderInSitePattern.test(typed);
  const choices: UnpackInput = { folder, stripsTopFolder, onConflict };
  const preview = useQuery({ ...previewQuery(siteId, upload.id, choices), enabled: mayWrite });
  const unpack = useUnpack(siteId, upload.id);
  const discard = useDiscard(siteId);
  const { data } = preview;
  const there = data?.items.filter(({ isThere }) => isThere).length ?? 0;
  const isReady = mayWrite && !isBusy && isFolderGood && typed === folder && data !== undefined && !preview.isFetching;
  return (
    <Section
      title={t('archives.form.title')}
      description={
        <>
          <bdi>{upload.fileName}</bdi> · <span className="numbers">{format.bytes(upload.sizeBytes)}</span>
        </>
      }
      actions={
        <Button
          variant="default"
          size="xs"
          disabled={!mayWrite}
          loading={discard.isPending}
          onClick={() => discard.mutate(upload.id)}
        >
          {t('archives.form.discard')}
        </Button>
      }
    >
      <Stack gap="lg">
        {data === undefined && preview.error === null && mayWrite && (
          <div role="status" aria-label={t('archives.form.reading')}>
            <Skeleton height={160} radius="md" />
          </div>
        )}
        {preview.error !== null && (
          <Notice tone="bad" role="alert" title={t('archives.form.refused')}>
            {errorText(preview.error)}
          </Notice>
        )}
        {data !== undefined && preview.error === null && (
          <>
            <ArchiveItems preview={data} />
            <TextInput
              label={t('archives.form.folder')}
              description={
                <>
                  {t('archives.form.folderHint')} <Token mono>{`${root}/${typed}`}</Token>
                </>
              }
              error={isFolderGood ? undefined : t('errors.fields.folder_in_site_invalid')}
              value={typed}
              dir="ltr"
              maw={420}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onBlur={() => isFolderGood && setFolder(typed)}
              onKeyDown={(event) => event.key === 'Enter' && isFolderGood && setFolder(typed)}
            />
            {data.topFolder !== null && (
              <Checkbox
                label={t('archives.form.strip', { name: data.topFolder })}
                checked={stripsTopFolder}
                onChange={(event) => setStrips(event.currentTarget.checked)}
              />
            )}
            <Radio.Group
              label={t('archives.form.conflict')}
              description={there === 0 ? t('archives.form.noConflict') : t('archives.form.conflicts', { count: there })}
              value={onConflict}
              onChange={(value) => setOnConflict(value as ConflictChoice)}
            >
              <Stack gap="xs" mt="xs">
                {conflictChoices.map((choice) => (
                  <Radio
                    key={choice}
                    value={choice}
                    label={t(`archives.form.choices.${choice}`)}
                    description={t(`archives.form.choiceTexts.${choice}`)}
                  />
                ))}
              </Stack>
            </Radio.Group>
            <Group>
              <WhyNot reason={!mayWrite}>
                <Button
                  disabled={!isReady}
                  loading={unpack.isPending}
                  color={onConflict === 'empty' ? 'red' : 'brand'}
                  leftSection={<IconPackageImport size={17} aria-hidden />}
                  onClick={() =>
                    finish(unpack, choices, {
                      onSuccess: () => sayDone(t('archives.form.started')),
                      onError: (error) => sayFailed(t('archives.form.failed'), errorText(error)),
                    })
                  }
                >
                  {t('archives.form.unpack')}
                </Button>
              </WhyNot>
            </Group>
          </>
        )}
      </Stack>
    </Section>
  );
}
