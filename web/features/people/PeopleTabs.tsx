import { useTranslation } from 'react-i18next';
import { PageTabs } from '../../ui/PageTabs.tsx';

/** People, and the roles that they have. */
export function PeopleTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t('people.tabs.label')}
      tabs={[
        { to: '/people', label: t('people.tabs.people') },
        { to: '/people/roles', label: t('people.tabs.roles') },
      ]}
    />
  );
}
