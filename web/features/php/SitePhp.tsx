import { Stack } from '@mantine/core';
import { IconBrandPhp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { ProjectSection } from '../dependencies/ProjectSection.tsx';
import { useSite } from '../sites/site-context.ts';
import { PhpForm } from './PhpForm.tsx';
import { PhpStatus } from './PhpStatus.tsx';

/** PHP of one site: what its processes do, and everything that is set for them. */
export function SitePhp() {
  const { t } = useTranslation();
  const site = useSite();
  if (site.php === null)
    return (
      <Section>
        <EmptyState icon={IconBrandPhp} title={t('php.otherKind')} text={t('php.otherKindText')} />
      </Section>
    );
  return (
    <Stack gap="lg">
      {site.isEnabled && <PhpStatus siteId={site.id} />}
      <ProjectSection site={site} />
      <PhpForm php={site.php} />
    </Stack>
  );
}
