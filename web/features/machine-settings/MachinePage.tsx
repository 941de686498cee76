import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { MachineAccountsSections } from '../machine-accounts/AccountsSection.tsx';
import { ServicesTabs } from '../services/ServicesTabs.tsx';
import { AutomaticUpdatesSetting } from './AutomaticUpdatesSetting.tsx';
import { HostnameSetting } from './HostnameSetting.tsx';
import { machineSettingsQuery } from './machine-settings.queries.ts';
import { SwapSetting } from './SwapSetting.tsx';
import { ZoneSetting } from './ZoneSetting.tsx';

/** What the machine itself is called, which time it has, what it swaps to, and who has an account on it. */
export function MachinePage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="services.read" title={t('services.title')}>
      <Page title={t('services.title')} description={t('services.lead')}>
        <ServicesTabs />
        <Settings />
        <MachineAccountsSections />
      </Page>
    </NeedsPermission>
  );
}

function Settings() {
  const { data, error, refetch } = useQuery(machineSettingsQuery);
  if (data === undefined)
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  return (
    <Section>
      <HostnameSetting key={`name ${data.hostname}`} now={data.hostname} />
      <ZoneSetting key={`zone ${data.clock.zone}`} clock={data.clock} />
      <SwapSetting key={`swap ${data.swap.ownMib}`} swap={data.swap} memoryBytes={data.memoryBytes} />
      <AutomaticUpdatesSetting now={data.automaticUpdates} />
    </Section>
  );
}
