import { Button, Checkbox, Group, Modal, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { filePathPattern, fileNamePattern } from '#shared/file-names.ts';
import {
  archiveFormats,
  mostChosen,
  unpackConflicts,
  type ArchiveFormat,
  type UnpackConflict,
} from '#shared/file-work.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { joinPath, nameOf, parentOf, typedPath } from './file-paths.ts';
import { useJobStart } from './files.queries.ts';
import classes from './Files.module.css';

type PackDialogProps = {
  readonly siteId: string;
  readonly folder: string;
  readonly paths: readonly string[];
  readonly onClose: () => void;
};

const formatKeys = { zip: 'zip', 'tar.gz': 'tar_gz', 'tar.zst': 'tar_zst' } as const satisfies Record<
  ArchiveFormat,
  string
>;

/** A name and a kind; then a job makes it. */
export function PackDialog({ siteId, folder, paths, onClose }: PackDialogProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const only = paths.length === 1 ? nameOf(paths[0] ?? '') : '';
  const [name, setName] = useState(only === '' ? nameOf(folder) || 'archive' : only);
  const [format, setFormat] = useState<ArchiveFormat>('zip');
  const start = useJobStart(siteId);
  const isGood = fileNamePattern.test(name);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('files.archive.pack')}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const body = { paths: [...paths], into: folder, name: `${name}.${format}` };
          start.mutate(() => call(filesApi.pack, { params: { siteId }, body }), {
            onSuccess: ({ id }) => {
              openJobs(id);
              onClose();
            },
          });
        }}
      >
        <Stack gap="lg">
          <TextInput
            data-autofocus
            dir="auto"
            label={t('files.name')}
            value={name}
            maxLength={1_000}
            error={name === '' || isGood ? undefined : t('errors.fields.file_name_invalid')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={t('files.archive.format')}
            value={format}
            allowDeselect={false}
            data={archiveFormats.map((value) => ({ value, label: t(`files.archive.formats.${formatKeys[value]}`) }))}
            onChange={(value) => setFormat((value ?? 'zip') as ArchiveFormat)}
          />
          {start.error !== null && (
            <Notice tone="bad" role="alert">
              {errorText(start.error)}
            </Notice>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common.actions.cancel')}
            </Button>
            <Button type="submit" loading={start.isPending} disabled={!isGood}>
              {t('files.archive.make')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

type ArchiveSheetProps = {
  readonly siteId: string;
  readonly path: string;
  readonly canWrite: boolean;
  readonly onClose: () => void;
};

/** What is in an archive; all of it, or what is chosen, is unpacked into a folder. */
export function ArchiveSheet({ siteId, path, canWrite, onClose }: ArchiveSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const bare = nameOf(path).replace(/\.(?:zip|tar|tar\.gz|tgz|tar\.zst)$/i, '');
  const [into, setInto] = useState(joinPath(parentOf(path), bare));
  const [onConflict, setOnConflict] = useState<UnpackConflict>('refuse');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const start = useJobStart(siteId);
  const { data, error, refetch } = useQuery({
    queryKey: ['site', siteId, 'file-archive', path],
    queryFn: ({ signal }) => call(filesApi.preview, { params: { siteId }, query: { path }, signal }),
    retry: false,
    staleTime: 30_000,
  });
  const folder = typedPath(into);
  const isGood = filePathPattern.test(folder);

  function toggle(each: string): void {
    const next = new Set(chosen);
    if (!next.delete(each) && next.size < mostChosen) next.add(each);
    setChosen(next);
  }

  return (
    <SideSheet
      title={t('files.archive.open')}
      onClose={onClose}
      size={640}
      footer={
        <>
          <Button
            disabled={!canWrite || data === undefined || !isGood}
            loading={start.isPending}
            onClick={() =>
              start.mutate(
                () =>
                  call(filesApi.unpack, {
                    params: { siteId },
                    body: { path, into: folder, only: [...chosen], onConflict },
                  }),
                {
                  onSuccess: ({ id }) => {
                    openJobs(id);
                    onClose();
                  },
                },
              )
            }
          >
            {chosen.size === 0
              ? t('files.archive.all')
              : t('files.archive.some', { count: chosen.size, value: format.number(chosen.size) })}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed" component="div">
          <ForeignText max={120}>{path}</ForeignText>
        </Text>
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={6} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <>
            <TextInput
              dir="auto"
              label={t('files.archive.into')}
              description={t('files.archive.intoText')}
              value={into}
              error={isGood ? undefined : t('errors.fields.file_path_invalid')}
              onChange={(event) => setInto(event.currentTarget.value)}
            />
            <Radio.Group
              label={t('files.archive.conflict')}
              value={onConflict}
              onChange={(value) => setOnConflict(value as UnpackConflict)}
            >
              <Stack gap={6} mt={6}>
                {unpackConflicts.map((value) => (
                  <Radio key={value} value={value} label={t(`files.archive.conflicts.${value}`)} />
                ))}
              </Stack>
            </Radio.Group>
            {start.error !== null && (
              <Notice tone="bad" role="alert">
                {errorText(start.error)}
              </Notice>
            )}
            <div>
              <Text size="sm" fw={500}>
                {t('files.archive.sum', {
                  count: data.files,
                  value: format.number(data.files),
                  bytes: format.bytes(data.bytes),
                })}
              </Text>
              <Text size="xs" c="dimmed" mb="xs">
                {t('files.archive.choose')}
              </Text>
              <ul className={classes.entries} aria-label={t('files.archive.content')}>
                {data.entries.map((entry) => (
                  <li key={entry.path} className={classes.entry}>
                    <Checkbox
                      size="xs"
                      checked={chosen.has(entry.path)}
                      onChange={() => toggle(entry.path)}
                      label={
                        <ForeignText max={120}>{entry.type === 'folder' ? `${entry.path}/` : entry.path}</ForeignText>
                      }
                    />
                    {entry.type === 'file' && (
                      <span className={`${classes.sub} numbers`}>{format.bytes(entry.sizeBytes)}</span>
                    )}
                  </li>
                ))}
              </ul>
              {data.entryCount > data.entries.length && (
                <Text size="xs" c="dimmed" mt="xs">
                  {t('files.archive.more', {
                    count: data.entryCount - data.entries.length,
                    value: format.number(data.entryCount - data.entries.length),
                  })}
                </Text>
              )}
            </div>
          </>
        )}
      </Stack>
    </SideSheet>
  );
}
