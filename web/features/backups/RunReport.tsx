import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { runQuery } from './backups.queries.ts';
import { Report } from './Report.tsx';
import classes from './Report.module.css';

/** What a run says of what it did. */
export function RunReport({ runId }: { readonly runId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(runQuery(runId));
  if (data === undefined) {
    return error === null ? <LoadingRows rows={3} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (data.report.length === 0) return <p className={classes.none}>{t('backups.run.noReport')}</p>;
  return <Report report={data.report} isCut={data.isReportCut} />;
}
