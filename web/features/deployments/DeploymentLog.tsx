import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LogView, type LogLine } from '../../ui/LogView.tsx';
import { ErrorState } from '../../ui/States.tsx';
import classes from './Deploy.module.css';
import { deployLogQuery } from './deployments.queries.ts';

/** The log of one deployment, followed while it runs. */
export function DeploymentLog({ siteId, deploymentId }: { readonly siteId: string; readonly deploymentId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isFollowing, setIsFollowing] = useState(true);
  const { data, error, refetch } = useQuery(deployLogQuery(client, siteId, deploymentId));
  const text = data?.text ?? '';
  const lines = useMemo<LogLine[]>(
    () =>
      text === ''
        ? []
        : text
            .replace(/\n$/, '')
            .split('\n')
            .map((line, index) => ({ key: index, text: line, tone: line.startsWith('$ ') ? 'note' : 'out' })),
    [text],
  );
  if (data === undefined && error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className={classes.log}>
      <LogView
        lines={lines}
        isFollowing={isFollowing}
        onFollowingChange={setIsFollowing}
        label={t('deployments.list.logLabel')}
        height={Math.min(360, 48 + 22 * Math.max(lines.length, 2))}
        isWrapped
        empty={t('deployments.list.logEmpty')}
      />
    </div>
  );
}
