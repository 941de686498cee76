import { useTranslation } from 'react-i18next';
import { PageTabs } from '../../ui/PageTabs.tsx';

/** The five places of backups. */
export function BackupsTabs() {
  const { t } = useTranslation();
  return (
    <PageTabs
      label={t('backups.tabs.label')}
      tabs={[
        { to: '/backups', label: t('backups.tabs.overview') },
        { to: '/backups/sets', label: t('backups.tabs.sets') },
        { to: '/backups/runs', label: t('backups.tabs.runs') },
        { to: '/backups/keys', label: t('backups.tabs.keys') },
        { to: '/backups/alerts', label: t('backups.tabs.alerts') },
      ]}
    />
  );
}
