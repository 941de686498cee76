import '@mantine/spotlight/styles.css';
import { Spotlight, spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import {
  IconArchive,
  IconBook2,
  IconLanguage,
  IconLogout,
  IconPlus,
  IconRestore,
  IconSearch,
  IconSunMoon,
  IconUserCircle,
  IconWorld,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDomain, sitesApi } from '#shared/sites.ts';
import { useMantineColorScheme } from '@mantine/core';
import { call } from '../api/client.ts';
import { useCan } from '../api/session.ts';
import { navItems } from '../nav.ts';
import { useLook } from '../ui/LookProvider.tsx';
import { palette } from './panels.ts';
import { usePreferences } from './preferences.ts';
import { signOut } from './sign-out.ts';
import { useStore } from './store.ts';

/** Everything reachable from the keyboard: Ctrl-K (⌘K). */
export function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const can = useCan();
  const { language } = useLook();
  const { setPreferences } = usePreferences();
  const { colorScheme } = useMantineColorScheme();
  const { times } = useStore(palette);
  useEffect(() => {
    if (times > 0) spotlight.open();
  }, [times]);
  const [query, setQuery] = useState('');
  const [search] = useDebouncedValue(query.trim(), 120);
  const found = useQuery({
    queryKey: ['sites', 'palette', search],
    queryFn: ({ signal }) => call(sitesApi.list, { query: { search, pageSize: 6 }, signal }),
    enabled: search !== '' && can('sites.read'),
    placeholderData: keepPreviousData,
  });

  const pages: SpotlightActionData[] = navItems
    .filter(({ permission }) => can(permission))
    .map(({ key, to, icon: PageIcon }) => ({
      id: `page-${key}`,
      label: t(`shell.nav.${key}`),
      leftSection: <PageIcon size={20} stroke={1.6} />,
      onClick: () => void navigate({ to }),
    }));
  const actions: SpotlightActionData[] = [
    ...(can('sites.create')
      ? [
          {
            id: 'new-site',
            label: t('shell.palette.newSite'),
            leftSection: <IconPlus size={20} stroke={1.6} />,
            onClick: () => void navigate({ to: '/sites', search: { new: true } }),
          },
        ]
      : []),
    ...(can('backups.create')
      ? [
          {
            id: 'back-up',
            label: t('shell.palette.backUp'),
            leftSection: <IconArchive size={20} stroke={1.6} />,
            onClick: () => void navigate({ to: '/backups' }),
          },
        ]
      : []),
    ...(can('backups.restore')
      ? [
          {
            id: 'restore',
            label: t('shell.palette.restore'),
            leftSection: <IconRestore size={20} stroke={1.6} />,
            onClick: () => void navigate({ to: '/backups/sets' }),
          },
        ]
      : []),
    {
      id: 'account',
      label: t('accounts.myAccount'),
      leftSection: <IconUserCircle size={20} stroke={1.6} />,
      onClick: () => void navigate({ to: '/account' }),
    },
    {
      id: 'theme',
      label: t('shell.palette.toggleTheme'),
      leftSection: <IconSunMoon size={20} stroke={1.6} />,
      onClick: () => setPreferences({ theme: colorScheme === 'dark' ? 'light' : 'dark' }),
    },
    {
      id: 'language',
      label: t('shell.palette.switchLanguage'),
      leftSection: <IconLanguage size={20} stroke={1.6} />,
      onClick: () => setPreferences({ language: language === 'ar' ? 'en' : 'ar' }),
    },
    {
      id: 'reference',
      label: t('shell.palette.apiReference'),
      leftSection: <IconBook2 size={20} stroke={1.6} />,
      onClick: () => location.assign('/api/docs'),
    },
    {
      id: 'sign-out',
      label: t('shell.palette.signOut'),
      leftSection: <IconLogout size={20} stroke={1.6} className="mirrored" />,
      onClick: () => void signOut(),
    },
  ];
  const sites: SpotlightActionData[] = (search === '' ? [] : (found.data?.items ?? [])).map((site) => ({
    id: `site-${site.id}`,
    label: site.name,
    description: site.domains.slice(0, 3).map(formatDomain).join('  '),
    leftSection: <IconWorld size={20} stroke={1.6} />,
    // Found by the panel's own search: the palette must not filter it away.
    keywords: [query],
    onClick: () => void navigate({ to: '/sites/$siteId', params: { siteId: site.id } }),
  }));
  const groups: SpotlightActionGroupData[] = [
    { group: t('shell.palette.sites'), actions: sites },
    { group: t('shell.palette.pages'), actions: pages },
    { group: t('shell.palette.actions'), actions },
  ].filter((group) => group.actions.length > 0);

  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      attributes={{ content: { 'aria-label': t('shell.palette.title') } }}
      nothingFound={t('shell.palette.nothing')}
      highlightQuery
      scrollable
      maxHeight={420}
      radius="lg"
      searchProps={{
        leftSection: <IconSearch size={20} stroke={1.7} />,
        placeholder: t('shell.palette.placeholder'),
        'aria-label': t('shell.palette.title'),
      }}
    />
  );
}
