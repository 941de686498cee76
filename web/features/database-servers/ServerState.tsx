import { Button, Group } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DatabaseEngine } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { stateQuery, useEndProcess, type ServerFigures, type ServerProcess } from './database-servers.queries.ts';
import classes from './DatabaseServers.module.css';

/** What a server is doing now: figures, and everybody who is connected. */
export function ServerState({ engine }: { readonly engine: DatabaseEngine }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(stateQuery(engine));
  if (data === undefined)
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  return (
    <>
      <Section padding="flush">
        <Figures state={data} />
      </Section>
      <Section
        title={t('databaseServers.processes.title')}
        description={t('databaseServers.processes.text')}
        padding="flush"
      >
        {data.processes.length === 0 ? (
          <EmptyState icon={IconPlugConnectedX} title={t('databaseServers.processes.none')} />
        ) : (
          <ul className={classes.list}>
            {data.processes.map((each) => (
              <li key={each.id} className={classes.process}>
                <ProcessRow engine={engine} shown={each} />
              </li>
            ))}
          </ul>
        )}
        {data.isCut && <p className={classes.note}>{t('databaseServers.processes.cut')}</p>}
      </Section>
    </>
  );
}

function Figures({ state }: { readonly state: ServerFigures }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { version, uptime, connections, sizeBytes, databases, cache, statements, slowStatements } = state;
  const { open, limit, most, running } = connections;
  const figures = [
    ['version', <Token key="version">{version}</Token>, ''],
    ['uptime', format.uptime(uptime), ''],
    [
      'size',
      format.bytes(sizeBytes),
      t('databaseServers.figures.databases', { count: databases, value: format.number(databases) }),
    ],
    [
      'connections',
      t('databaseServers.figures.of', { value: format.number(open), limit: format.number(limit) }),
      t('databaseServers.figures.connectionsText', { running: format.number(running), most: format.number(most) }),
    ],
    [
      'cache',
      format.bytes(cache.sizeBytes),
      cache.hits === null ? '' : t('databaseServers.figures.hits', { value: format.percent(cache.hits * 100, 1) }),
    ],
    ...(statements === null || slowStatements === null
      ? []
      : [
          [
            'statements',
            format.number(statements),
            t('databaseServers.figures.slow', { count: slowStatements, value: format.number(slowStatements) }),
          ] as const,
        ]),
  ] as const;
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value, more]) => (
        <div key={name}>
          <dt>{t(`databaseServers.figures.${name}`)}</dt>
          <dd className="numbers">{value}</dd>
          {more !== '' && <dd className={`${classes.soft} numbers`}>{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

type ProcessRowProps = { readonly engine: DatabaseEngine; readonly shown: ServerProcess };

function ProcessRow({ engine, shown }: ProcessRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const end = useEndProcess(engine);
  const [asked, setAsked] = useState<'connection' | 'statement' | null>(null);
  const { id, user, host, database, isRunning, sinceMs, state, statement, isCut, canEnd } = shown;
  const send = (what: 'connection' | 'statement'): void =>
    finish(
      end,
      { processId: id, what },
      {
        onSuccess: () => sayDone(t(`databaseServers.processes.ended.${what}`)),
        onError: (error) => sayFailed(t('databaseServers.processes.notEnded'), errorText(error)),
        onSettled: () => setAsked(null),
      },
    );
  return (
    <>
      <div className={classes.processHead}>
        <span className={classes.place}>
          <ForeignText mono className={classes.who}>
            {user === '' ? '—' : user}
          </ForeignText>
          {database !== '' && (
            <span className={classes.soft}>
              <ForeignText mono>{database}</ForeignText>
            </span>
          )}
          <span className={classes.soft}>
            {host === '' ? t('databaseServers.processes.here') : <ForeignText mono>{host}</ForeignText>}
          </span>
        </span>
        <span className={classes.marks}>
          <Status tone={isRunning ? 'good' : 'idle'}>
            {t(isRunning ? 'databaseServers.processes.running' : 'databaseServers.processes.idle', {
              time: format.duration(sinceMs),
            })}
          </Status>
        </span>
      </div>
      {statement !== '' && (
        <pre className={classes.statement} dir="ltr">
          <ForeignText mono max={2_000}>
            {isCut ? `${statement}…` : statement}
          </ForeignText>
        </pre>
      )}
      {state !== '' && (
        <span className={classes.soft}>
          <Token>{state}</Token>
        </span>
      )}
      {canEnd ? (
        <Group gap="xs" mt={6}>
          {isRunning && (
            <Button size="compact-xs" variant="default" onClick={() => setAsked('statement')}>
              {t('databaseServers.processes.stop')}
            </Button>
          )}
          <Button size="compact-xs" variant="default" onClick={() => setAsked('connection')}>
            {t('databaseServers.processes.cutOff')}
          </Button>
        </Group>
      ) : (
        <span className={classes.soft}>{t('databaseServers.processes.ofServer')}</span>
      )}
      <ConfirmDialog
        isOpen={asked !== null}
        title={t(`databaseServers.processes.ask.${asked ?? 'statement'}`, { user })}
        confirmLabel={t(asked === 'connection' ? 'databaseServers.processes.cutOff' : 'databaseServers.processes.stop')}
        isDangerous
        isBusy={end.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() => asked !== null && send(asked)}
      >
        {t(`databaseServers.processes.askText.${asked ?? 'statement'}`)}
      </ConfirmDialog>
    </>
  );
}
