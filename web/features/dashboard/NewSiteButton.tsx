import { Button, Tooltip } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';

/** Opens the form for a new site. */
export function NewSiteButton({ variant = 'filled' }: { readonly variant?: 'filled' | 'default' }) {
  const { t } = useTranslation();
  const can = useCan();
  const icon = <IconPlus size={17} aria-hidden />;
  if (can('sites.write')) {
    return (
      <Button
        variant={variant}
        leftSection={icon}
        renderRoot={(props) => <Link to="/sites" search={{ new: true }} {...props} />}
      >
        {t('dashboard.newSite')}
      </Button>
    );
  }
  return (
    <Tooltip label={t('common.states.notAllowed')}>
      <span>
        <Button variant={variant} disabled leftSection={icon}>
          {t('dashboard.newSite')}
        </Button>
      </span>
    </Tooltip>
  );
}
