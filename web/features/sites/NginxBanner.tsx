import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPackageImport, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { InstallButton } from '../software/InstallButton.tsx';
import { softwareQuery } from '../software/software.queries.ts';
import classes from './NginxBanner.module.css';

/** Says that no site can be served, and offers what helps; nothing while nginx runs. */
export function NginxBanner() {
  const { t } = useTranslation();
  const can = useCan();
  const { data } = useQuery({ ...softwareQuery, enabled: can('system.read') });
  const nginx = data?.items.find(({ name }) => name === 'nginx');
  if (nginx === undefined || nginx.isRunning) return null;
  if (nginx.isInstalled) {
    return (
      <Alert
        className={classes.banner}
        color="yellow"
        icon={<IconServerOff size={20} />}
        title={t('sites.nginx.stopped')}
      >
        <Group justify="space-between" gap="sm">
          <Text size="sm" maw={640}>
            {t('sites.nginx.stoppedText')}
          </Text>
          <Button component={Link} to="/software" variant="default" size="xs">
            {t('sites.nginx.toSoftware')}
          </Button>
        </Group>
      </Alert>
    );
  }
  return (
    <Alert
      className={classes.banner}
      color="brand"
      icon={<IconPackageImport size={20} />}
      title={t('sites.nginx.missing')}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" maw={640}>
          {t('sites.nginx.missingText')}
        </Text>
        <InstallButton name="nginx" size="xs" />
      </Group>
    </Alert>
  );
}
