import { Stack } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { ProjectSection } from '../dependencies/ProjectSection.tsx';
import { FollowedLog } from '../sites/FollowedLog.tsx';
import { useSite } from '../sites/site-context.ts';
import { AppForm } from './AppForm.tsx';
import { AppStatus } from './AppStatus.tsx';

/** The application of one site: what it does, everything that is set for it, and what it says. */
export function SiteApp() {
  const { t } = useTranslation();
  const site = useSite();
  if (site.app === null)
    return (
      <Section>
        <EmptyState icon={IconRocket} title={t('apps.otherKind')} text={t('apps.otherKindText')} />
      </Section>
    );
  return (
    <Stack gap="lg">
      <AppStatus site={site} />
      <ProjectSection site={site} />
      <AppForm app={site.app} />
      <Section title={t('apps.log')} padding="flush">
        <FollowedLog kind="app" site={site} switcher={null} />
      </Section>
    </Stack>
  );
}
