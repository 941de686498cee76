import { NativeSelect, Stack } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteApp as AppSettings } from '#shared/site-app.ts';
import type { Site } from '#shared/sites.ts';
import { useFormat } from '../../ui/format.ts';
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
      <AppLogs site={site} app={site.app} />
    </Stack>
  );
}

/** What it says: each of its instances, and each of its workers. */
function AppLogs({ site, app }: { readonly site: Site; readonly app: AppSettings }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState('');
  const instances = Array.from({ length: app.instances }, (_, index) => index + 1);
  const workers = app.workers.map(({ name }) => name);
  // One that was taken out meanwhile says no more. No worker's name has the mark.
  const worker = workers.find((each) => each === chosen);
  const instance = instances.find((each) => `@${each}` === chosen);
  const first =
    app.instances === 1
      ? [{ value: '', label: t('apps.status.title') }]
      : instances.map((each) => ({
          value: each === 1 ? '' : `@${each}`,
          label: t('apps.instances.one', { value: format.number(each) }),
        }));
  return (
    <Section title={t('apps.log')} padding="flush">
      <FollowedLog
        key={chosen}
        kind="app"
        worker={worker}
        instance={instance}
        site={site}
        switcher={
          first.length + workers.length === 1 ? null : (
            <NativeSelect
              size="xs"
              value={worker ?? (instance === undefined ? '' : chosen)}
              onChange={(event) => setChosen(event.currentTarget.value)}
              data={[...first, ...workers.map((name) => ({ value: name, label: t('apps.workers.one', { name }) }))]}
              aria-label={t('sites.logs.which')}
            />
          )
        }
      />
    </Section>
  );
}
