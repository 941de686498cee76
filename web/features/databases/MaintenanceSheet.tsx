import { Button, NativeSelect, NumberInput, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maintenanceMinutes, maintenanceOf, type MaintenanceKind } from '#shared/database-maintenance.ts';
import { charsetNames, databaseCollations, type DatabaseCollation } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import type { Database } from './databases.queries.ts';
import classes from './Imports.module.css';
import { useMaintain } from './maintenance.queries.ts';
import { TableChoice } from './TableChoice.tsx';

const most = 500;
/** While it lasts, nobody else writes into the table, or even reads it. */
const locks: readonly MaintenanceKind[] = ['convert_charset', 'convert_storage', 'optimize', 'reindex', 'repair'];

/** What is done to look after tables, to which, and how long for each at most. */
export function MaintenanceSheet({ database, onClose }: { readonly database: Database; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { id, name, engine } = database;
  const databaseId = id ?? '';
  const kinds: readonly MaintenanceKind[] = maintenanceOf[engine];
  const [kind, setKind] = useState<MaintenanceKind>('analyze');
  const [tables, setTables] = useState<readonly string[]>([]);
  const [minutes, setMinutes] = useState<number | string>(maintenanceMinutes.usual);
  const [charset, setCharset] = useState<(typeof charsetNames)[number]>('utf8mb4');
  const [collation, setCollation] = useState<DatabaseCollation>(databaseCollations.utf8mb4[0]);
  const isConverting = kind === 'convert_charset';
  const maintain = useMaintain(databaseId);
  const isTimed = typeof minutes === 'number' && minutes >= 1 && minutes <= maintenanceMinutes.most;
  const start = (): void => {
    if (!isTimed) return;
    finish(
      maintain,
      {
        kind,
        tables: [...tables],
        minutes,
        charset: isConverting ? charset : null,
        collation: isConverting ? collation : null,
      },
      {
        onSuccess: (job) => {
          onClose();
          openJobs(job.id);
        },
      },
    );
  };
  return (
    <SideSheet
      title={t('databaseMaintenance.title', { name })}
      onClose={onClose}
      footer={
        <Button
          disabled={
            (tables.length === 0 && !isConverting) || tables.length > most || !isTimed || database.state !== 'ready'
          }
          loading={maintain.isPending}
          onClick={start}
        >
          {t('databaseMaintenance.start')}
        </Button>
      }
    >
      <Stack gap="lg">
        <p className={classes.text}>{t('databaseMaintenance.lead')}</p>
        {maintain.isError && (
          <Notice tone="bad" role="alert" title={t('databaseMaintenance.failed')}>
            {errorText(maintain.error)}
          </Notice>
        )}
        <Radio.Group
          label={t('databaseMaintenance.what')}
          value={kind}
          onChange={(value) => setKind(kinds.find((each) => each === value) ?? 'analyze')}
        >
          <Stack gap={10} mt={8}>
            {kinds.map((each) => (
              <Radio
                key={each}
                value={each}
                label={t(`databaseMaintenance.kinds.${each}`)}
                description={t(
                  `databaseMaintenance.hints.${engine}.${each}` as 'databaseMaintenance.hints.mariadb.check',
                )}
              />
            ))}
          </Stack>
        </Radio.Group>
        {isConverting && (
          <>
            <NativeSelect
              label={t('databases.fields.charset')}
              description={t('databaseMaintenance.charsetHint')}
              value={charset}
              onChange={(event) => {
                const next = charsetNames.find((each) => each === event.currentTarget.value) ?? 'utf8mb4';
                setCharset(next);
                setCollation(databaseCollations[next][0]);
              }}
              data={[...charsetNames]}
              maw={220}
              dir="ltr"
            />
            <NativeSelect
              label={t('databaseMaintenance.collation')}
              description={t('databaseMaintenance.collationHint')}
              value={collation}
              onChange={(event) => {
                const known: readonly DatabaseCollation[] = databaseCollations[charset];
                setCollation(
                  known.find((each) => each === event.currentTarget.value) ?? databaseCollations[charset][0],
                );
              }}
              data={[...databaseCollations[charset]]}
              maw={280}
              dir="ltr"
            />
          </>
        )}
        {locks.includes(kind) && <Notice tone="warn">{t('databaseMaintenance.locks')}</Notice>}
        {isConverting && tables.length === 0 && <p className={classes.text}>{t('databaseMaintenance.noTables')}</p>}
        <TableChoice databaseId={databaseId} areTablesOnly value={tables} onChange={setTables} />
        {tables.length > most && <Notice tone="warn">{t('databaseExports.tooMany', { count: most })}</Notice>}
        <NumberInput
          label={t('databaseMaintenance.minutes')}
          description={t('databaseMaintenance.minutesHint')}
          min={1}
          max={maintenanceMinutes.most}
          allowDecimal={false}
          value={minutes}
          onChange={setMinutes}
          maw={160}
        />
      </Stack>
    </SideSheet>
  );
}
