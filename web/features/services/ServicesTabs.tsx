import { useTranslation } from 'react-i18next';
import { PageTabs } from '../../ui/PageTabs.tsx';

/** The places of services. */
export function ServicesTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t('services.tabs.label')}
      tabs={[
        { to: '/services', label: t('services.tabs.services') },
        { to: '/services/processes', label: t('services.tabs.processes') },
        { to: '/services/ports', label: t('services.tabs.ports') },
        { to: '/services/updates', label: t('services.tabs.updates') },
        { to: '/services/machine', label: t('services.tabs.machine') },
      ]}
    />
  );
}
