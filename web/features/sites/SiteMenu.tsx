import { ActionIcon, Menu, Text } from '@mantine/core';
import {
  IconCopy,
  IconDots,
  IconExternalLink,
  IconFileExport,
  IconFileText,
  IconPlayerPause,
  IconPlayerPlay,
  IconTerminal2,
  IconTrash,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { addressOf, shownName } from './site-names.ts';
import { useSetEnabled } from './SiteSwitch.tsx';

const CopySheet = lazy(async () => ({ default: (await import('./CopySheet.tsx')).CopySheet }));

const ExportSheet = lazy(async () => ({
  default: (await import('../site-files/ExportSheet.tsx')).ExportSheet,
}));

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** What is done most to a site, from the list. Only a button until it is pressed: there are many rows. */
export function SiteMenu({ site }: { readonly site: ListedSite }) {
  const { t } = useTranslation();
  const [isWanted, setIsWanted] = useState(false);
  const label = t('sites.menu.label', { name: shownName(site) });
  if (isWanted) return <OpenedMenu site={site} label={label} />;
  return (
    <ActionIcon size="lg" aria-label={label} aria-haspopup="menu" onClick={() => setIsWanted(true)}>
      <IconDots size={19} stroke={1.8} />
    </ActionIcon>
  );
}

function OpenedMenu({ site, label }: { readonly site: ListedSite; readonly label: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const target = useRef<HTMLButtonElement>(null);
  const address = addressOf(site.domains);
  const { isEnabled, setEnabled } = useSetEnabled(site);
  const [isCopying, setIsCopying] = useState(false);
  const [isExporting, setIsExporting] = useState(false);
  const mayCopy = can('sites.create') && can('sites.write');
  const params = { siteId: site.id };
  const SwitchIcon = isEnabled ? IconPlayerPause : IconPlayerPlay;
  return (
    <>
      <Menu width={220} defaultOpened withInitialFocusPlaceholder={false} onClose={() => target.current?.focus()}>
        <Menu.Target>
          <ActionIcon ref={target} size="lg" aria-label={label}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {address === null ? (
            <Menu.Item disabled leftSection={<IconExternalLink {...icon} className="mirrored" />}>
              {t('sites.menu.openWildcard')}
            </Menu.Item>
          ) : (
            <Menu.Item
              component="a"
              href={address}
              target="_blank"
              rel="noreferrer"
              leftSection={<IconExternalLink {...icon} className="mirrored" />}
            >
              {t('sites.menu.open')}
            </Menu.Item>
          )}
          <Menu.Item
            renderRoot={(props) => <Link {...props} to="/sites/$siteId/configuration" params={params} />}
            leftSection={<IconFileText {...icon} />}
          >
            {t('sites.tabs.configuration')}
          </Menu.Item>
          <Menu.Item
            renderRoot={(props) => <Link {...props} to="/sites/$siteId/logs" params={params} />}
            leftSection={<IconTerminal2 {...icon} />}
          >
            {t('sites.tabs.logs')}
          </Menu.Item>
          <Menu.Item
            leftSection={<SwitchIcon {...icon} />}
            disabled={!can('sites.write') || site.state === 'applying' || site.state === 'deleting'}
            onClick={() => setEnabled(!isEnabled)}
          >
            {t(isEnabled ? 'sites.menu.disable' : 'sites.menu.enable')}
            {!can('sites.write') && <NotAllowed />}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy {...icon} />}
            disabled={!mayCopy || site.state !== 'active'}
            onClick={() => setIsCopying(true)}
          >
            {t('sites.menu.copy')}
            {!mayCopy && <NotAllowed />}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileExport {...icon} />}
            disabled={!can('sites.write') || site.state !== 'active'}
            onClick={() => setIsExporting(true)}
          >
            {t('sites.menu.export')}
            {!can('sites.write') && <NotAllowed />}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            renderRoot={(props) => <Link {...props} to="/sites/$siteId/delete" params={params} />}
            color="red"
            disabled={!can('sites.delete')}
            leftSection={<IconTrash {...icon} />}
          >
            {t('sites.menu.delete')}
            {!can('sites.delete') && <NotAllowed />}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {isCopying && <CopySheet siteId={site.id} name={shownName(site)} onClose={() => setIsCopying(false)} />}
        {isExporting && (
          <ExportSheet
            siteId={site.id}
            name={shownName(site)}
            isApp={site.kind === 'app'}
            hasHttps={site.tls !== null}
            onClose={() => setIsExporting(false)}
          />
        )}
      </Suspense>
    </>
  );
}

/** Under the name of an entry: there is no room beside a menu for what a tooltip would say. */
function NotAllowed() {
  const { t } = useTranslation();
  return (
    <Text size="xs" component="span" display="block">
      {t('common.states.notAllowed')}
    </Text>
  );
}
