import { Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { siteRights } from '#shared/file-rights.ts';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { modeText } from './file-paths.ts';
import { useJobStart } from './files.queries.ts';
import { RightsHistory } from './RightsHistory.tsx';
import classes from './Files.module.css';

type RightsSheetProps = {
  readonly siteId: string;
  /** That are changed with everything in them; `''` is the site's folder. */
  readonly paths: readonly string[];
  readonly canWrite: boolean;
  readonly onClose: () => void;
};

const presets = {
  site: siteRights,
  usual: { fileMode: 0o644, folderMode: 0o755 },
} as const;
const octal = (mode: number): string => mode.toString(8).padStart(3, '0');
const mostShown = 5;

/** Rights of folders with everything below them, and the way back from what was changed before. */
export function RightsSheet({ siteId, paths, canWrite, onClose }: RightsSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [modes, setModes] = useState({ file: octal(siteRights.fileMode), folder: octal(siteRights.folderMode) });
  const [keepsRun, setKeepsRun] = useState(true);
  const [toSite, setToSite] = useState(false);
  const start = useJobStart(siteId);
  const [file, folder] = [readMode(modes.file), readMode(modes.folder)];
  const isClosed = typeof folder === 'number' && (folder & 0o500) !== 0o500;
  const isGood = file !== undefined && folder !== undefined && !isClosed;
  const changesNothing = file === null && folder === null && !toSite;

  function begin(): void {
    if (!isGood) return;
    const body = { paths: [...paths], fileMode: file, folderMode: folder, keepsRun, toSite };
    start.mutate(() => call(filesApi.setRights, { params: { siteId }, body }), {
      onSuccess: ({ id }) => {
        void client.invalidateQueries({ queryKey: ['site', siteId, 'file-rights'] });
        openJobs(id);
        onClose();
      },
    });
  }

  const field = (key: 'file' | 'folder', value: number | null | undefined, error: string | undefined) => (
    <TextInput
      dir="ltr"
      label={t(`fileRights.${key}`)}
      description={
        value === null ? t('fileRights.stays') : value === undefined ? t('fileRights.octal') : modeText(value)
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      error={error}
      value={modes[key]}
      maxLength={4}
      inputMode="numeric"
      classNames={{ description: `${classes.modeText} numbers` }}
      onChange={(event) => setModes({ ...modes, [key]: event.currentTarget.value })}
    />
  );
  return (
    <SideSheet
      title={t('fileRights.title')}
      onClose={onClose}
      footer={
        <>
          <Button loading={start.isPending} disabled={!canWrite || !isGood || changesNothing} onClick={begin}>
            {t('fileRights.begin')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <div>
          <Text size="sm" fw={500}>
            {t('fileRights.where')}
          </Text>
          <ul className={classes.chosen}>
            {paths.slice(0, mostShown).map((path) => (
              <li key={path}>{path === '' ? t('fileRights.all') : <ForeignText max={120}>{path}</ForeignText>}</li>
            ))}
            {paths.length > mostShown && (
              <li className="numbers">
                {t('fileRights.more', {
                  count: paths.length - mostShown,
                  value: format.number(paths.length - mostShown),
                })}
              </li>
            )}
          </ul>
        </div>
        <Group gap="xs">
          {(['site', 'usual'] as const).map((name) => (
            <Button
              key={name}
              size="xs"
              variant="default"
              onClick={() => setModes({ file: octal(presets[name].fileMode), folder: octal(presets[name].folderMode) })}
            >
              {t(`fileRights.presets.${name}`)}
            </Button>
          ))}
        </Group>
        <Group grow align="flex-start">
          {field('file', file, file === undefined ? t('fileRights.wrong') : undefined)}
          {field(
            'folder',
            folder,
            folder === undefined ? t('fileRights.wrong') : isClosed ? t('errors.fields.file_folder_closed') : undefined,
          )}
        </Group>
        <Checkbox
          label={t('fileRights.keepsRun')}
          description={t('fileRights.keepsRunText')}
          checked={keepsRun}
          onChange={(event) => setKeepsRun(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('fileRights.toSite')}
          description={t('fileRights.toSiteText')}
          checked={toSite}
          onChange={(event) => setToSite(event.currentTarget.checked)}
        />
        <Text size="xs" c="dimmed">
          {t('fileRights.safe')}
        </Text>
        {start.error !== null && (
          <Notice tone="bad" role="alert">
            {errorText(start.error)}
          </Notice>
        )}
        <RightsHistory siteId={siteId} canWrite={canWrite} />
      </Stack>
    </SideSheet>
  );
}

/** null: nothing is typed, and what is there stays. undefined: no mode. */
function readMode(text: string): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return null;
  return /^0?[0-7]{3}$/.test(typed) ? Number.parseInt(typed, 8) : undefined;
}
