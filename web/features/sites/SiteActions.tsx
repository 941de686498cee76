import { Button, Tooltip } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSite } from './site-context.ts';
import { addressOf } from './site-names.ts';
import { SiteSwitch } from './SiteSwitch.tsx';

/** Switching the site on and off, and a look at it. */
export function SiteActions() {
  const { t } = useTranslation();
  const site = useSite();
  const address = addressOf(site.domains);
  return (
    <>
      <SiteSwitch site={site} label={t('sites.fields.isEnabled')} labelPosition="left" me="sm" />
      <Tooltip label={t('sites.menu.openWildcard')} disabled={address !== null}>
        <Button
          component="a"
          {...(address === null ? { 'data-disabled': true, 'aria-disabled': true } : { href: address })}
          target="_blank"
          rel="noreferrer"
          variant="default"
          rightSection={<IconExternalLink size={16} className="mirrored" aria-hidden />}
        >
          {t('sites.menu.open')}
        </Button>
      </Tooltip>
    </>
  );
}
