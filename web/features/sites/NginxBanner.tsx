import { Button } from '@mantine/core';
import { IconPackageImport, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Notice } from '../../ui/Notice.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { softwareQuery } from '../software/software.queries.ts';

/** Says that no site can be served, and offers what helps; nothing while nginx runs. */
export function NginxBanner() {
  const { t } = useTranslation();
  const can = useCan();
  const { data } = useQuery({ ...softwareQuery, enabled: can('system.read') });
  const nginx = data?.items.find(({ name }) => name === 'nginx');
  if (nginx === undefined || nginx.isRunning) return null;
  return nginx.isInstalled ? (
    <Notice
      tone="warn"
      icon={IconServerOff}
      title={t('sites.nginx.stopped')}
      actions={
        <Button component={Link} to="/software" variant="default" size="xs">
          {t('sites.nginx.toSoftware')}
        </Button>
      }
    >
      {t('sites.nginx.stoppedText')}
    </Notice>
  ) : (
    <Notice
      tone="info"
      icon={IconPackageImport}
      title={t('sites.nginx.missing')}
      actions={<InstallButton name="nginx" size="xs" />}
    >
      {t('sites.nginx.missingText')}
    </Notice>
  );
}
