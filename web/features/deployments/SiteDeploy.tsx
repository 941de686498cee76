import { Stack } from '@mantine/core';
import { IconGitBranch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { useSite } from '../sites/site-context.ts';
import { InstallButton } from '../software/InstallButton.tsx';
import { ConnectSteps } from './ConnectSteps.tsx';
import { deployStateQuery } from './deployments.queries.ts';
import { DeploySettings } from './DeploySettings.tsx';
import { HookSection } from './HookSection.tsx';
import { KeySection } from './KeySection.tsx';
import { LiveSection } from './LiveSection.tsx';
import { Releases } from './Releases.tsx';

/** Deployment of a site from Git: connected step by step, then what is live, what was, and how it comes to be. */
export function SiteDeploy() {
  const { t } = useTranslation();
  const site = useSite();
  const isPossible = site.kind !== 'proxy';
  const { data, error, refetch } = useQuery({ ...deployStateQuery(site.id), enabled: isPossible });
  if (!isPossible)
    return (
      <Section>
        <EmptyState icon={IconGitBranch} title={t('deployments.otherKind')} text={t('deployments.otherKindText')} />
      </Section>
    );
  if (data === undefined)
    return (
      <Section>
        {error === null ? <LoadingRows /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  const source = site.deploy?.source ?? null;
  return (
    <Stack gap="lg">
      {!data.isGitInstalled && (
        <Notice tone="warn" title={t('deployments.gitMissing')} actions={<InstallButton name="git" size="xs" />}>
          {t('deployments.gitMissingText')}
        </Notice>
      )}
      {site.app !== null && !/^current(\/|$)/.test(site.app.folder) && (
        <Notice tone="info" title={t('deployments.appFolder')}>
          {t('deployments.appFolderText')}
        </Notice>
      )}
      {source === null ? (
        <ConnectSteps site={site} state={data} />
      ) : (
        <LiveSection site={site} source={source} state={data} />
      )}
      {data.items.length > 0 && <Releases site={site} state={data} />}
      {source !== null && site.deploy !== null && (
        <>
          <HookSection siteId={site.id} hook={data.hook} />
          <DeploySettings site={site} deploy={site.deploy} source={source} />
          <KeySection siteId={site.id} deployKey={data.key} />
        </>
      )}
    </Stack>
  );
}
