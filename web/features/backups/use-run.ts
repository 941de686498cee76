import { useTranslation } from 'react-i18next';
import type { BackupRequest } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { useStartRun } from './backups.queries.ts';

/** Starts a run and opens its job beside the page; what is wrong is said in a toast. */
export function useRun(): { readonly isPending: boolean; readonly start: (request: BackupRequest) => void } {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const run = useStartRun();
  return {
    isPending: run.isPending,
    start: (request) =>
      finish(run, request, {
        onSuccess: (job) => openJobs(job.id),
        onError: (error) => sayFailed(t('backups.run.startFailed'), errorText(error)),
      }),
  };
}
