import { Button, Group, NumberInput, SegmentedControl, Skeleton, Stack } from '@mantine/core';
import { IconHistory, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import type { Database } from '../databases/databases.queries.ts';
import { Answer } from './Answer.tsx';
import { useStatement, type ConsoleMode } from './console.queries.ts';
import { ConsoleHistory } from './ConsoleHistory.tsx';
import classes from './Console.module.css';

/** With what colours the text. */
const StatementField = lazy(async () => ({ default: (await import('./StatementField.tsx')).StatementField }));

type ConsoleProps = { readonly databaseId: string; readonly database: Database };

const limits = { rows: { usual: 1_000, most: 10_000 }, seconds: { usual: 30, most: 60 } } as const;
const within = (value: number | string, { usual, most }: { usual: number; most: number }): number =>
  typeof value === 'number' && value >= 1 ? Math.min(Math.round(value), most) : usual;

/** One statement, its limits, and what came of it. */
export function Console({ databaseId, database }: ConsoleProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [statement, setStatement] = useState('');
  const [mode, setMode] = useState<ConsoleMode>('read');
  const [maxRows, setMaxRows] = useState<number | string>(limits.rows.usual);
  const [seconds, setSeconds] = useState<number | string>(limits.seconds.usual);
  const [hasHistory, setHasHistory] = useState(false);
  const { run, cancel, isCancelled } = useStatement(databaseId);
  const start = (): void => {
    if (statement.trim() === '' || run.isPending) return;
    run.mutate({
      statement,
      mode,
      maxRows: within(maxRows, limits.rows),
      timeoutSeconds: within(seconds, limits.seconds),
    });
  };
  return (
    <>
      <Section>
        <Stack gap="md">
          <Suspense fallback={<Skeleton height={190} />}>
            <StatementField
              databaseId={databaseId}
              engine={database.engine}
              value={statement}
              onChange={setStatement}
              onRun={start}
            />
          </Suspense>
          <Group className={classes.tools ?? ''} justify="space-between">
            <Group className={classes.tools ?? ''}>
              <SegmentedControl
                aria-label={t('databaseConsole.mode')}
                value={mode}
                onChange={(value) => setMode(value === 'write' ? 'write' : 'read')}
                data={[
                  { value: 'read', label: t('databaseConsole.read') },
                  { value: 'write', label: t('databaseConsole.write') },
                ]}
              />
              <NumberInput
                className={classes.number ?? ''}
                label={t('databaseConsole.maxRows')}
                min={1}
                max={limits.rows.most}
                allowDecimal={false}
                value={maxRows}
                onChange={setMaxRows}
              />
              <NumberInput
                className={classes.number ?? ''}
                label={t('databaseConsole.seconds')}
                min={1}
                max={limits.seconds.most}
                allowDecimal={false}
                value={seconds}
                onChange={setSeconds}
              />
            </Group>
            <Group gap="xs">
              <Button
                variant="default"
                leftSection={<IconHistory size={17} aria-hidden />}
                onClick={() => setHasHistory(true)}
              >
                {t('databaseConsole.history')}
              </Button>
              {run.isPending ? (
                <Button color="red" leftSection={<IconPlayerStop size={17} aria-hidden />} onClick={cancel}>
                  {t('databaseConsole.stop')}
                </Button>
              ) : (
                <Button
                  leftSection={<IconPlayerPlay size={17} aria-hidden />}
                  disabled={statement.trim() === ''}
                  onClick={start}
                >
                  {t('databaseConsole.run')}
                </Button>
              )}
            </Group>
          </Group>
          <p className={classes.soft}>
            {t(mode === 'read' ? 'databaseConsole.readText' : 'databaseConsole.writeText', {
              user: database.user ?? '',
            })}
          </p>
        </Stack>
      </Section>
      <div className={classes.below} aria-live="polite" aria-busy={run.isPending}>
        {run.isPending ? (
          <p className={classes.soft} role="status">
            {t('databaseConsole.running')}
          </p>
        ) : isCancelled ? (
          <Notice tone="info" title={t('databaseConsole.cancelled')}>
            {t('databaseConsole.cancelledText')}
          </Notice>
        ) : run.error !== null ? (
          <Notice tone="bad" role="alert">
            {errorText(run.error)}
          </Notice>
        ) : run.data === undefined ? null : (
          <Answer answer={run.data} name={database.name} mode={run.variables?.mode ?? 'read'} />
        )}
      </div>
      {hasHistory && (
        <ConsoleHistory
          databaseId={databaseId}
          onClose={() => setHasHistory(false)}
          onChoose={(entry) => {
            setStatement(entry.statement);
            setMode(entry.mode);
            setHasHistory(false);
          }}
        />
      )}
    </>
  );
}
