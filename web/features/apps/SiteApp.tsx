import { NativeSelect, Stack } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
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
      <AppLogs site={site} workers={site.app.workers.map(({ name }) => name)} />
    </Stack>
  );
}

/** What it says, and what each of its workers says. */
function AppLogs({ site, workers }: { readonly site: Site; readonly workers: readonly string[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('');
  // One that was taken out meanwhile says no more.
  const worker = workers.find((each) => each === chosen);
  return (
    <Section title={t('apps.log')} padding="flush">
      <FollowedLog
        key={worker ?? ''}
        kind="app"
        worker={worker}
        site={site}
        switcher={
          workers.length === 0 ? null : (
            <NativeSelect
              size="xs"
              value={worker ?? ''}
              onChange={(event) => setChosen(event.currentTarget.value)}
              data={[
                { value: '', label: t('apps.status.title') },
                ...workers.map((name) => ({ value: name, label: t('apps.workers.one', { name }) })),
              ]}
              aria-label={t('sites.logs.which')}
            />
          )
        }
      />
    </Section>
  );
}
