import { Button, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usualFetchBytes } from '#shared/file-fetch.ts';
import { fileNamePattern } from '#shared/file-names.ts';
import { uploadConflicts, type UploadConflict } from '#shared/file-transfers.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { toApiError } from '../../api/errors.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useJobStart } from './files.queries.ts';

type FetchSheetProps = {
  readonly siteId: string;
  /** Where the file comes. */
  readonly folder: string;
  readonly canWrite: boolean;
  readonly onClose: () => void;
};

const gigabyte = 1024 ** 3;
const limits = [gigabyte, usualFetchBytes, 20 * gigabyte, 100 * gigabyte];

/** An address of a file; then a job fetches it. */
export function FetchSheet({ siteId, folder, canWrite, onClose }: FetchSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const [address, setAddress] = useState('');
  const [name, setName] = useState('');
  const [sha256, setSha256] = useState('');
  const [mostBytes, setMostBytes] = useState(usualFetchBytes);
  const [onConflict, setOnConflict] = useState<UploadConflict>('refuse');
  const start = useJobStart(siteId);
  const isNameGood = name === '' || fileNamePattern.test(name);
  const lacksName = name === '' && onConflict === 'replace';
  const wrong = start.error === null ? {} : fieldErrors(start.error);
  const isOfFields = start.error !== null && toApiError(start.error).fields.length > 0;

  function begin(): void {
    const body = {
      address: address.trim(),
      into: folder,
      name: name === '' ? null : name,
      sha256: sha256.trim() === '' ? null : sha256.trim().toLowerCase(),
      mostBytes,
      onConflict,
    };
    start.mutate(() => call(filesApi.fetch, { params: { siteId }, body }), {
      onSuccess: ({ id }) => {
        openJobs(id);
        onClose();
      },
    });
  }

  return (
    <SideSheet
      title={t('fileFetch.title')}
      onClose={onClose}
      footer={
        <>
          <Button
            type="submit"
            form="fetch-file"
            loading={start.isPending}
            disabled={!canWrite || address.trim() === '' || !isNameGood || lacksName}
          >
            {t('fileFetch.begin')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form
        id="fetch-file"
        onSubmit={(event) => {
          event.preventDefault();
          begin();
        }}
      >
        <Stack gap="lg">
          <Text size="sm" c="dimmed" component="div">
            {t('fileFetch.into')}: {folder === '' ? t('fileFetch.home') : <ForeignText max={120}>{folder}</ForeignText>}
          </Text>
          <TextInput
            data-autofocus
            dir="ltr"
            type="url"
            label={t('fileFetch.address')}
            description={t('fileFetch.addressText')}
            placeholder="https://example.com/file.zip"
            value={address}
            maxLength={2_048}
            error={wrong['address']}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <TextInput
            dir="auto"
            label={t('fileFetch.name')}
            description={t('fileFetch.nameText')}
            value={name}
            maxLength={1_000}
            error={
              isNameGood
                ? lacksName
                  ? t('errors.fields.fetch_name_missing')
                  : wrong['name']
                : t('errors.fields.file_name_invalid')
            }
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Radio.Group
            label={t('fileFetch.conflict')}
            value={onConflict}
            onChange={(value) => setOnConflict(value as UploadConflict)}
          >
            <Stack gap={6} mt={6}>
              {uploadConflicts.map((value) => (
                <Radio key={value} value={value} label={t(`fileFetch.conflicts.${value}`)} />
              ))}
            </Stack>
          </Radio.Group>
          <Select
            label={t('fileFetch.most')}
            description={t('fileFetch.mostText')}
            allowDeselect={false}
            value={String(mostBytes)}
            data={limits.map((value) => ({ value: String(value), label: format.bytes(value) }))}
            onChange={(value) => setMostBytes(Number(value ?? usualFetchBytes))}
          />
          <TextInput
            dir="ltr"
            label={t('fileFetch.sha256')}
            description={t('fileFetch.sha256Text')}
            value={sha256}
            maxLength={80}
            error={wrong['sha256']}
            onChange={(event) => setSha256(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed">
            {t('fileFetch.safe')}
          </Text>
          {start.error !== null && !isOfFields && (
            <Notice tone="bad" role="alert">
              {errorText(start.error)}
            </Notice>
          )}
        </Stack>
      </form>
    </SideSheet>
  );
}
