import { Alert } from '@mantine/core';
import { IconCloudOff, IconFlask, IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StreamState } from '../api/stream.ts';
import { useCan } from '../api/session.ts';
import { systemInfoQuery } from '../api/system.ts';
import classes from './ConnectionBanner.module.css';

/** A break shorter than this is nobody's business. */
const patienceMs = 2_500;

/** One line above the page while the panel or its agent cannot be reached. */
export function ConnectionBanner({ stream }: { readonly stream: StreamState }) {
  const { t } = useTranslation();
  const { data: info } = useQuery({ ...systemInfoQuery, enabled: useCan()('system.read') });

  if (stream === 'waiting') return <LostBanner />;
  if (info?.agent === 'away') {
    return (
      <Alert
        className={classes.banner}
        color="yellow"
        icon={<IconPlugConnectedX size={20} />}
        role="alert"
        title={t('shell.connection.agentAwayTitle')}
      >
        {t('shell.connection.agentAwayText')}
      </Alert>
    );
  }
  if (info?.agent === 'fake') {
    return (
      <div className={classes.fake}>
        <IconFlask size={16} stroke={1.8} aria-hidden />
        {t('shell.connection.fakeAgent')}
      </div>
    );
  }
  return null;
}

function LostBanner() {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <Alert
      className={classes.banner}
      color="red"
      icon={<IconCloudOff size={20} />}
      role="alert"
      title={t('shell.connection.offlineTitle')}
    >
      {t('shell.connection.offlineText')}
    </Alert>
  );
}
