import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/session.ts';
import { DoorsWatch } from '../features/doors/DoorsWatch.tsx';
import { useLook } from '../ui/LookProvider.tsx';
import { whenToastsAreWanted } from '../ui/toasts.ts';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useJobNotices } from './job-notices.ts';
import { useLive } from './live.ts';
import { jobsDrawer, openPalette, palette } from './panels.ts';
import classes from './Shell.module.css';
import { Sidebar } from './Sidebar.tsx';
import { useStore } from './store.ts';
import { TopBar } from './TopBar.tsx';

const Palette = lazy(async () => ({ default: (await import('./Palette.tsx')).Palette }));
const Toasts = lazy(async () => ({ default: (await import('./Toasts.tsx')).Toasts }));
const JobsDrawer = lazy(async () => ({ default: (await import('../features/jobs/JobsDrawer.tsx')).JobsDrawer }));

/** The frame of everything a signed-in person sees. */
export function Shell() {
  const { t } = useTranslation();
  const { preferences } = useMe();
  const { setLook } = useLook();
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isNarrow, setIsNarrow] = useLocalStorage({
    key: 'aapanel.sidebar',
    defaultValue: false,
    // Not after the first drawing, which would be done twice.
    getInitialValueInEffect: false,
  });
  const stream = useLive();
  useJobNotices();

  // What the account says wins over what this browser showed last.
  useEffect(() => setLook(preferences), [preferences, setLook]);

  return (
    <div className={classes.shell} data-narrow={isNarrow || undefined} data-menu={isMenuOpen || undefined}>
      <a href="#content" className={classes.skip}>
        {t('shell.nav.skip')}
      </a>
      <aside className={classes.navbar}>
        <Sidebar isNarrow={isNarrow} onNarrow={setIsNarrow} onNavigate={menu.close} />
      </aside>
      <header className={classes.header}>
        <TopBar isMenuOpen={isMenuOpen} onMenu={menu.toggle} />
      </header>
      <main id="content" tabIndex={-1} className={classes.main}>
        <DoorsWatch />
        <ConnectionBanner stream={stream} />
        <Outlet />
      </main>
      {isMenuOpen && <div className={classes.shade} onClick={menu.close} aria-hidden />}
      <Overlays />
    </div>
  );
}

/** What lies over the page, each part loaded when it is first wanted. */
function Overlays() {
  const isPaletteWanted = useStore(palette).times > 0;
  const isDrawerWanted = useStore(jobsDrawer).wasOpened;
  const [areToastsWanted, setAreToastsWanted] = useState(false);
  useHotkeys([['mod+K', openPalette]], []);
  useEffect(() => whenToastsAreWanted(() => setAreToastsWanted(true)), []);
  return (
    <>
      <Suspense>{isPaletteWanted && <Palette />}</Suspense>
      <Suspense>{isDrawerWanted && <JobsDrawer />}</Suspense>
      <Suspense>{areToastsWanted && <Toasts />}</Suspense>
    </>
  );
}
