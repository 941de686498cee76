import { Button, UnstyledButton } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useFormat } from '../../ui/format.ts';
import { historyQuery, useClearHistory, type ConsoleEntry } from './console.queries.ts';
import classes from './Console.module.css';

type ConsoleHistoryProps = {
  readonly databaseId: string;
  readonly onClose: () => void;
  readonly onChoose: (entry: ConsoleEntry) => void;
};

/** What the person has run last in this database; nobody else sees it. */
export function ConsoleHistory({ databaseId, onClose, onChoose }: ConsoleHistoryProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(historyQuery(databaseId));
  const clear = useClearHistory(databaseId);
  const hasSome = data !== undefined && data.items.length > 0;
  return (
    <SideSheet
      title={t('databaseConsole.history')}
      onClose={onClose}
      footer={
        hasSome && (
          <Button variant="default" loading={clear.isPending} onClick={() => clear.mutate()}>
            {t('databaseConsole.clear')}
          </Button>
        )
      }
    >
      <p className={classes.soft}>{t('databaseConsole.historyText')}</p>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : hasSome ? (
        <ul className={classes.entries}>
          {data.items.map((entry) => (
            <li key={`${entry.at} ${entry.statement}`}>
              <UnstyledButton className={classes.entry ?? ''} onClick={() => onChoose(entry)}>
                <code dir="ltr">{entry.statement}</code>
                <span className={classes.soft}>
                  {[
                    format.dateTime(entry.at),
                    t(entry.mode === 'read' ? 'databaseConsole.read' : 'databaseConsole.write'),
                    entry.hasFailed ? t('databaseConsole.hasFailed') : '',
                  ]
                    .filter((text) => text !== '')
                    .join(' · ')}
                </span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState
          icon={IconHistory}
          title={t('databaseConsole.noHistory')}
          text={t('databaseConsole.noHistoryText')}
        />
      )}
    </SideSheet>
  );
}
