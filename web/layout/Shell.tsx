import { AppShell, Box } from '@mantine/core';
import { useDisclosure, useLocalStorage } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/session.ts';
import { useLook } from '../ui/LookProvider.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useJobNotices } from './job-notices.ts';
import { useLive } from './live.ts';
import classes from './Shell.module.css';
import { Sidebar } from './Sidebar.tsx';
import { TopBar } from './TopBar.tsx';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));
const JobsDrawer = lazy(async () => ({ default: (await import('../features/jobs/JobsDrawer.tsx')).JobsDrawer }));

/** The frame of everything a signed-in person sees. */
export function Shell() {
  const { t } = useTranslation();
  const { preferences } = useMe();
  const { setLook } = useLook();
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isNarrow, setIsNarrow] = useLocalStorage({ key: 'aapanel.sidebar', defaultValue: false });
  const stream = useLive();
  useJobNotices();

  // What the account says wins over what this browser showed last.
  useEffect(() => setLook(preferences), [preferences, setLook]);

  return (
    <AppShell
      header={{ height: 58 }}
      navbar={{ width: isNarrow ? 68 : 244, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
      layout="alt"
      classNames={{ main: classes.main, header: classes.header, navbar: classes.navbar }}
    >
      <a href="#content" className={classes.skip}>
        {t('shell.nav.skip')}
      </a>
      <AppShell.Navbar>
        <Sidebar isNarrow={isNarrow} onNarrow={setIsNarrow} onNavigate={menu.close} />
      </AppShell.Navbar>
      <AppShell.Header>
        <TopBar isMenuOpen={isMenuOpen} onMenu={menu.toggle} />
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionBanner stream={stream} />
        <Outlet />
      </AppShell.Main>
      {isMenuOpen && <Box className={classes.shade} onClick={menu.close} hiddenFrom="sm" aria-hidden />}
      <Suspense>
        <Palette />
        <JobsDrawer />
      </Suspense>
      <Notifications position="bottom-left" limit={4} zIndex={400} />
    </AppShell>
  );
}
