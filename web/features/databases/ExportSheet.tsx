import { Button, Radio, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { Token } from '../../ui/Token.tsx';
import type { Database } from './databases.queries.ts';
import { ExportProgress } from './ExportProgress.tsx';
import { downloadExport, useBeginExport, type ExportWish } from './exports.queries.ts';
import classes from './Imports.module.css';
import { TableChoice } from './TableChoice.tsx';

const whats = ['all', 'structure', 'data'] as const;
const formats = ['sql.gz', 'sql.zst', 'sql'] as const;
const most = 500;

/** A database, or tables of it, as a file of SQL. */
export function ExportSheet({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { id, name, user } = database;
  const databaseId = id ?? '';
  const [what, setWhat] = useState<ExportWish['what']>('all');
  const [format, setFormat] = useState<ExportWish['format']>('sql.gz');
  const [tables, setTables] = useState<readonly string[] | null>(null);
  const [exportId, setExportId] = useState<string | null>(null);
  const begin = useBeginExport(databaseId);
  const start = (): void =>
    finish(
      begin,
      { what, format, tables: tables === null ? null : [...tables] },
      {
        onSuccess: (begun) => {
          setExportId(begun.id);
          downloadExport(databaseId, begun.id);
        },
      },
    );
  const isTooMany = tables !== null && tables.length > most;
  return (
    <SideSheet
      title={t('databaseExports.title', { name })}
      onClose={onClose}
      size={560}
      footer={
        <Button
          leftSection={<IconDownload size={17} aria-hidden />}
          disabled={tables?.length === 0 || isTooMany || database.state !== 'ready'}
          loading={begin.isPending}
          onClick={start}
        >
          {t('databaseExports.start')}
        </Button>
      }
    >
      <Stack gap="lg">
        <p className={classes.text}>{t('databaseExports.lead', { user: user ?? '' })}</p>
        {begin.isError && (
          <Notice tone="bad" role="alert" title={t('databaseExports.failed')}>
            {errorText(begin.error)}
          </Notice>
        )}
        {exportId !== null && <ExportProgress key={exportId} databaseId={databaseId} exportId={exportId} />}
        <Radio.Group
          label={t('databaseExports.what')}
          value={what}
          onChange={(value) => setWhat(whats.find((each) => each === value) ?? 'all')}
        >
          <Stack gap={8} mt={8}>
            {whats.map((each) => (
              <Radio key={each} value={each} label={t(`databaseExports.whats.${each}`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t('databaseExports.format')}
          value={format}
          onChange={(value) => setFormat(formats.find((each) => each === value) ?? 'sql.gz')}
        >
          <Stack gap={8} mt={8}>
            {formats.map((each) => (
              <Radio
                key={each}
                value={each}
                label={<Token mono>{`.${each}`}</Token>}
                description={t(`databaseExports.formats.${each === 'sql' ? 'sql' : each === 'sql.gz' ? 'gz' : 'zst'}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={t('databaseExports.tables')}
          value={tables === null ? 'all' : 'some'}
          onChange={(value) => setTables(value === 'some' ? [] : null)}
        >
          <Stack gap={8} mt={8}>
            <Radio value="all" label={t('databaseExports.whole')} description={t('databaseExports.wholeHint')} />
            <Radio value="some" label={t('databaseExports.some')} description={t('databaseExports.someHint')} />
          </Stack>
        </Radio.Group>
        {tables !== null && <TableChoice databaseId={databaseId} value={tables} onChange={setTables} />}
        {isTooMany && <Notice tone="warn">{t('databaseExports.tooMany', { count: most })}</Notice>}
      </Stack>
    </SideSheet>
  );
}
