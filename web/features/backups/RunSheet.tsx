import { Anchor, Button, Progress } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BackupRun } from '#shared/backups.ts';
import { toApiError } from '../../api/errors.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { useNow } from '../jobs/use-now.ts';
import { shownMs } from '../jobs/job-log.ts';
import { backupsQuery, runQuery, type RunAnswer } from './backups.queries.ts';
import { Report } from './Report.tsx';
import classes from './Report.module.css';
import { RunState } from './RunState.tsx';
import { failureError, phaseText, runTitle } from './run-texts.ts';

/** One run beside the list: how it went, why it failed, its report, what it made. */
export function RunSheet({ runId, onClose }: { readonly runId: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const state = useQuery(backupsQuery).data;
  const { data, error, refetch } = useQuery(runQuery(runId));
  return (
    <SideSheet
      title={data === undefined ? t('backups.runs.title') : runTitle(t, data.run.request, state)}
      onClose={onClose}
      size={620}
    >
      {data !== undefined ? (
        <Loaded answer={data} />
      ) : error === null ? (
        <LoadingRows rows={6} />
      ) : toApiError(error).code === 'not_found' ? (
        <EmptyState icon={IconListSearch} title={t('backups.run.gone')} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </SideSheet>
  );
}

function Loaded({ answer: { run, report, isReportCut } }: { readonly answer: RunAnswer }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const isRunning = run.state === 'running';
  // A run of the timer has no job that could be opened.
  const hasJob = run.actorName !== 'schedule';
  return (
    <div className={classes.parts}>
      <RunFacts run={run} />
      {isRunning && (
        <div role="status">
          <Progress value={run.progress ?? 100} animated={run.progress === null} size={8} radius="xl" aria-hidden />
          <p className={classes.none}>{run.phase === null ? t('backups.phase.other') : phaseText(t, run.phase)}</p>
        </div>
      )}
      {run.failure !== null && (
        <Notice tone="bad" title={t('backups.run.failure')}>
          {errorText(failureError(run.failure))}
        </Notice>
      )}
      {run.setIds.length > 0 && <Sets run={run} />}
      {!isRunning && (
        <section>
          <h3 className={classes.heading}>{t('backups.run.report')}</h3>
          {report.length === 0 ? (
            <p className={classes.none}>{t('backups.run.noReport')}</p>
          ) : (
            <Report report={report} isCut={isReportCut} />
          )}
        </section>
      )}
      {hasJob && (
        <div>
          <Button variant="default" size="xs" onClick={() => openJobs(run.runId)}>
            {t('backups.restore.log')}
          </Button>
        </div>
      )}
    </div>
  );
}

function RunFacts({ run }: { readonly run: BackupRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow(run.endedAt === null);
  const took = shownMs(run, now);
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('backups.runs.state')}</dt>
        <dd>
          <RunState run={run} />
        </dd>
      </div>
      <div>
        <dt>{t('backups.runs.by')}</dt>
        <dd>
          <bdi>{run.actorName === 'schedule' ? t('backups.runs.schedule') : run.actorName}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t('backups.runs.at')}</dt>
        <dd>{format.dateTime(run.startedAt)}</dd>
      </div>
      <div>
        <dt>{t('backups.runs.took')}</dt>
        <dd className="numbers">{took === undefined ? '—' : format.duration(took)}</dd>
      </div>
      <div>
        <dt>{t('jobs.drawer.number')}</dt>
        <dd>
          <Token mono>{run.runId}</Token> <CopyButton value={run.runId} />
        </dd>
      </div>
    </dl>
  );
}

/** The backups it made; of a plan with several targets, one in each. */
function Sets({ run }: { readonly run: BackupRun }) {
  const { t } = useTranslation();
  const state = useQuery(backupsQuery).data;
  const { request } = run;
  const planId = request.kind === 'create' ? request.planId : null;
  const plan = state?.plans.find(({ id }) => id === planId)?.plan;
  const targetIds = 'targetId' in request ? [request.targetId] : (plan?.targetIds ?? []);
  return (
    <section>
      <h3 className={classes.heading}>{t('backups.run.sets')}</h3>
      <ul className={classes.sets}>
        {run.setIds.map((setId, index) => {
          const targetId = targetIds[index] ?? targetIds[0];
          return (
            <li key={setId}>
              {targetId === undefined ? (
                <Token mono>{setId}</Token>
              ) : (
                <Anchor
                  underline="always"
                  renderRoot={(props) => (
                    <Link {...props} to="/backups/sets/$targetId/$setId" params={{ targetId, setId }} />
                  )}
                >
                  {t('backups.run.openSet')} <Token mono>{setId}</Token>
                </Anchor>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
