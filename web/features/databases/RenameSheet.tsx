import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseProblems } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useRenameDatabase } from './changes.queries.ts';
import type { Database } from './databases.queries.ts';
import classes from './Imports.module.css';

/** Another name for a database, as a job. */
export function RenameSheet({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const { id, name } = database;
  const rename = useRenameDatabase(id ?? '');
  const [next, setNext] = useState(name);
  const [isTried, setIsTried] = useState(false);
  const problem = databaseProblems.name(next);
  const said = rename.isError ? fieldErrors(rename.error)['name'] : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (problem !== undefined || next === name || rename.isPending) return;
    finish(rename, next, {
      onSuccess: (job) => {
        onClose();
        openJobs(job.id);
      },
    });
  };
  return (
    <SideSheet
      title={t('databaseChanges.rename.title', { name })}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="rename-database"
          disabled={next === name || database.state !== 'ready'}
          loading={rename.isPending}
        >
          {t('databaseChanges.rename.start')}
        </Button>
      }
    >
      <form id="rename-database" onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="lg">
          <p className={classes.text}>{t('databaseChanges.rename.lead')}</p>
          {rename.isError && said === undefined && (
            <Notice tone="bad" role="alert" title={t('databaseChanges.rename.failed')}>
              {errorText(rename.error)}
            </Notice>
          )}
          <TextInput
            label={t('databaseChanges.rename.name')}
            description={t('databases.fields.nameHint')}
            value={next}
            onChange={(event) => {
              setNext(event.currentTarget.value.trim());
              rename.reset();
            }}
            error={isTried && problem !== undefined ? fieldText(t, problem) : said}
            dir="ltr"
            maxLength={80}
            spellCheck={false}
            data-autofocus
          />
          <Notice tone="warn" title={t('databaseChanges.rename.cutTitle')}>
            {t('databaseChanges.rename.cutText')}
          </Notice>
        </Stack>
      </form>
    </SideSheet>
  );
}
