import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { NodeSoftware } from '../apps/NodeSoftware.tsx';
import { PhpSoftware } from '../php/PhpSoftware.tsx';
import { SoftwareItem } from './SoftwareItem.tsx';
import { softwareQuery } from './software.queries.ts';
import { SoftwareNotices } from './SoftwareNotices.tsx';
import { ToolsSoftware } from './ToolsSoftware.tsx';

export function SoftwarePage() {
  const { t } = useTranslation();
  const { data, error, refetch, isFetching } = useQuery(softwareQuery);
  return (
    <Page title={t('software.title')} description={t('software.description')} width="narrow">
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <>
          <SoftwareNotices port80Owner={data.port80Owner} isolated={data.isolated} />
          {data.items.map((item) => (
            <SoftwareItem key={item.name} software={item} isChecking={isFetching} onCheck={() => void refetch()} />
          ))}
          <PhpSoftware />
          <NodeSoftware />
          <ToolsSoftware tools={data.tools} />
        </>
      )}
    </Page>
  );
}
