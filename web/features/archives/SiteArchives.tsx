import { Stack } from '@mantine/core';
import { IconFileZip } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { useSite } from '../sites/site-context.ts';
import { archivesQuery } from './archives.queries.ts';
import { ArchiveForm } from './ArchiveForm.tsx';
import { SendSection } from './SendSection.tsx';
import { Unpackings } from './Unpackings.tsx';

/** Files of a site given as an archive: sent, looked at, put in its place, and taken back when it was wrong. */
export function SiteArchives() {
  const { t } = useTranslation();
  const site = useSite();
  const isDeployed = site.deploy?.source != null;
  const isPossible = site.kind !== 'proxy' && !isDeployed;
  const { data, error, refetch } = useQuery({ ...archivesQuery(site.id), enabled: isPossible });
  if (!isPossible)
    return (
      <Section>
        <EmptyState
          icon={IconFileZip}
          title={t(isDeployed ? 'archives.deployed' : 'archives.otherKind')}
          text={t(isDeployed ? 'archives.deployedText' : 'archives.otherKindText')}
        />
      </Section>
    );
  if (data === undefined)
    return (
      <Section>
        {error === null ? <LoadingRows /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  const whole = data.uploads.filter(({ receivedBytes, sizeBytes }) => receivedBytes === sizeBytes);
  return (
    <Stack gap="lg">
      <SendSection siteId={site.id} uploads={data.uploads} />
      {whole.map((upload) => (
        <ArchiveForm
          key={upload.id}
          siteId={site.id}
          root={site.root}
          upload={upload}
          isBusy={data.unpackings.some(({ state }) => state === 'running')}
        />
      ))}
      {data.unpackings.length > 0 && <Unpackings siteId={site.id} items={data.unpackings} />}
    </Stack>
  );
}
