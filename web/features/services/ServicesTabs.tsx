import { useTranslation } from 'react-i18next';
import { PageTabs } from '../../ui/PageTabs.tsx';

/** The three places of services. */
export function ServicesTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t('services.tabs.label')}
      tabs={[
        { to: '/services', label: t('services.tabs.services') },
        { to: '/services/processes', label: t('services.tabs.processes') },
        { to: '/services/ports', label: t('services.tabs.ports') },
      ]}
    />
  );
}
