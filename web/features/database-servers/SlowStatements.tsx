import { Button } from '@mantine/core';
import { IconClockPlay, IconStopwatch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { slowQuery, type SlowStatement } from './database-servers.queries.ts';
import classes from './DatabaseServers.module.css';

/** What took the server long, put together by statement: the most expensive first. */
export function SlowStatements() {
  const { t } = useTranslation();
  const { data, error, refetch, isFetching } = useQuery(slowQuery);
  return (
    <Section
      title={t('databaseServers.slow.title')}
      description={t('databaseServers.slow.text')}
      padding="flush"
      actions={
        data?.isOn === true && (
          <Button size="xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
            {t('databaseServers.slow.reload')}
          </Button>
        )
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={data.isOn ? IconStopwatch : IconClockPlay}
          title={t(data.isOn ? 'databaseServers.slow.none' : 'databaseServers.slow.off')}
          text={t(data.isOn ? 'databaseServers.slow.noneText' : 'databaseServers.slow.offText')}
          {...(data.isOn
            ? {}
            : {
                action: (
                  <Link to="/databases/servers/$engine" params={{ engine: 'mariadb' }} search={{ part: 'settings' }}>
                    {t('databaseServers.slow.turnOn')}
                  </Link>
                ),
              })}
        />
      ) : (
        <ul className={classes.list}>
          {data.items.map((each) => (
            <li key={`${each.database} ${each.digest}`} className={classes.process}>
              <Statement statement={each} />
            </li>
          ))}
        </ul>
      )}
      {data?.isCut === true && <p className={classes.note}>{t('databaseServers.slow.cut')}</p>}
    </Section>
  );
}

function Statement({ statement }: { readonly statement: SlowStatement }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { digest, database, user, count, totalMs, mostMs, rowsExamined, rowsSent, lastAt } = statement;
  return (
    <>
      <pre className={classes.statement} dir="ltr">
        <ForeignText mono max={1_000}>
          {digest}
        </ForeignText>
      </pre>
      <div className={`${classes.facts} numbers`}>
        <span>
          <strong>{format.duration(totalMs)}</strong> {t('databaseServers.slow.total')}
        </span>
        <span>{t('databaseServers.slow.times', { count, value: format.number(count) })}</span>
        <span>{t('databaseServers.slow.most', { time: format.duration(mostMs) })}</span>
        <span>
          {t('databaseServers.slow.rows', { read: format.number(rowsExamined), sent: format.number(rowsSent) })}
        </span>
        {database !== '' && <ForeignText mono>{database}</ForeignText>}
        <ForeignText mono>{user}</ForeignText>
        {lastAt !== null && <span>{format.ago(lastAt)}</span>}
      </div>
    </>
  );
}
