import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';

/** Opens the form for a new site. */
export function NewSiteButton({ variant = 'filled' }: { readonly variant?: 'filled' | 'default' }) {
  const { t } = useTranslation();
  const can = useCan();
  const icon = <IconPlus size={17} aria-hidden />;
  if (can('sites.create')) {
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
    <WhyNot reason>
      <Button variant={variant} disabled leftSection={icon}>
        {t('dashboard.newSite')}
      </Button>
    </WhyNot>
  );
}
