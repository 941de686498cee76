import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { importNamePattern } from '#shared/database-imports.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import type { Database } from './databases.queries.ts';
import { FileChoice } from './FileChoice.tsx';
import { ImportList } from './ImportList.tsx';
import { databaseImportsQuery, useStartImport } from './imports.queries.ts';
import classes from './Imports.module.css';
import { SiteChoice } from './SiteChoice.tsx';

/** A SQL file is put into a database; those that were, and the way back. */
export function ImportSheet({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayRead = useCan()('files.read');
  const { id, name, user } = database;
  const databaseId = id ?? '';
  const [site, setSite] = useState(database.site);
  const [path, setPath] = useState<string | null>(null);
  const start = useStartImport(databaseId);
  const { data } = useQuery(databaseImportsQuery(databaseId));
  const begin = (): void => {
    if (site === null || path === null) return;
    finish(
      start,
      { siteId: site.id, path },
      {
        onSuccess: (job) => {
          onClose();
          openJobs(job.id);
        },
      },
    );
  };
  const isReady = database.state === 'ready';
  return (
    <SideSheet
      title={t('databaseImports.title', { name })}
      onClose={onClose}
      size={620}
      footer={
        <Button
          disabled={site === null || path === null || !isReady || !mayRead}
          loading={start.isPending}
          onClick={begin}
        >
          {t('databaseImports.start')}
        </Button>
      }
    >
      <Stack gap="lg">
        <p className={classes.text}>{t('databaseImports.lead')}</p>
        {!mayRead && <Notice tone="warn">{t('databaseImports.needsFiles')}</Notice>}
        {start.isError && (
          <Notice tone="bad" role="alert" title={t('databaseImports.failed')}>
            {errorText(start.error)}
          </Notice>
        )}
        {mayRead && (
          <SiteChoice
            label={t('databaseImports.site')}
            description={t('databaseImports.siteHint')}
            value={site}
            isRequired
            onChange={(next) => {
              setSite(next);
              setPath(null);
            }}
          />
        )}
        {mayRead && site !== null && (
          <FileChoice
            key={site.id}
            siteId={site.id}
            pattern={importNamePattern}
            accept=".sql,.gz,.zst,.zip"
            value={path}
            onChange={setPath}
          />
        )}
        {path !== null && (
          <Notice tone="info" title={t('databaseImports.what')}>
            <ul className={classes.facts}>
              <li>
                {t('databaseImports.file')} <ForeignText>{`/${path}`}</ForeignText>
              </li>
              <li>{t('databaseImports.copyFirst')}</li>
              <li>{t('databaseImports.rights', { user: user ?? '' })}</li>
              <li>{t('databaseImports.overwrites')}</li>
            </ul>
          </Notice>
        )}
        <ImportList database={database} items={data?.items ?? []} onStarted={onClose} />
      </Stack>
    </SideSheet>
  );
}
