import { Anchor, Box, Group, Text, Title } from '@mantine/core';
import { IconArrowBackUp, IconHeartRateMonitor, IconShieldLock } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Logo } from '../../layout/Logo.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './EntryLayout.module.css';
import type { SignInState } from './accounts.queries.ts';
import { LookSwitches } from './LookSwitches.tsx';
import { OwnCertificate } from './OwnCertificate.tsx';
import { StarLattice } from './StarLattice.tsx';

const promises = [
  { key: 'undo', icon: IconArrowBackUp },
  { key: 'running', icon: IconHeartRateMonitor },
  { key: 'own', icon: IconShieldLock },
] as const;

type EntryLayoutProps = {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Once the panel has said it. */
  readonly state: SignInState | undefined;
  readonly children: ReactNode;
};

/** The full page of whoever is not signed in yet: the form on the side where reading begins, a drawing on the other. */
export function EntryLayout({ title, lead, state, children }: EntryLayoutProps) {
  const { t } = useTranslation();
  const panelName = state === undefined || state.panelName === '' ? t('common.productName') : state.panelName;
  useEffect(() => {
    document.title = `${title} · ${panelName}`;
  }, [title, panelName]);
  return (
    <div className={classes.page}>
      <div className={classes.side}>
        <header className={classes.header}>
          <Group gap={10} wrap="nowrap">
            <Logo size={30} />
            <Text fw={700} fz="md" component="span" lineClamp={1}>
              <bdi>{panelName}</bdi>
            </Text>
          </Group>
          <LookSwitches />
        </header>
        <main className={classes.main}>
          <Box className={classes.column}>
            <Title order={1} className={classes.title}>
              {title}
            </Title>
            {lead !== undefined && (
              <Text c="dimmed" mt={6} component="div">
                {lead}
              </Text>
            )}
            <Box mt={28}>{children}</Box>
            {state?.selfSignedFingerprint != null && <OwnCertificate fingerprint={state.selfSignedFingerprint} />}
          </Box>
        </main>
        <footer className={classes.footer}>
          {state !== undefined && (
            <span>
              {t('accounts.entry.version', { version: '' })}
              <Token>{state.version}</Token>
            </span>
          )}
          <Anchor href="/api/docs" c="inherit" fz="inherit" ms="auto">
            {t('accounts.entry.api')}
          </Anchor>
        </footer>
      </div>
      <aside className={classes.drawing}>
        <StarLattice />
        <div className={classes.words}>
          <p className={classes.tagline}>{t('accounts.entry.tagline')}</p>
          <ul className={classes.promises}>
            {promises.map(({ key, icon: PromiseIcon }) => (
              <li key={key}>
                <PromiseIcon size={19} stroke={1.6} aria-hidden className={key === 'undo' ? 'mirrored' : undefined} />
                <span>{t(`accounts.entry.promises.${key}`)}</span>
              </li>
            ))}
          </ul>
        </div>
      </aside>
    </div>
  );
}
