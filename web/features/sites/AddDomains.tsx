import { Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDomain } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { useFieldErrors } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from './ChangeRefused.tsx';
import { domainsOf, readDomainLines } from './domain-lines.ts';
import { DomainsInput } from './DomainsInput.tsx';
import { useSite } from './site-context.ts';
import { useUpdateSite } from './sites.queries.ts';
import { SiteWarnings } from './SiteWarnings.tsx';

/** More names for the site: the same field as in the form for a new one. */
export function AddDomains() {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const fieldErrors = useFieldErrors();
  const update = useUpdateSite();
  const [text, setText] = useState('');
  const [seen, setSeen] = useState(site);
  const names = domainsOf(readDomainLines(text, site.domains));
  const said = update.error === null ? {} : fieldErrors(update.error);
  const isPlaced = Object.keys(said).some((field) => field.startsWith('domains'));

  const add = (overwrite: boolean): void => {
    if (names === undefined || update.isPending) return;
    setSeen(site);
    const domains = [...site.domains.map(formatDomain), ...names];
    update.mutate(
      { siteId: site.id, revision: site.revision, body: { domains, ...(overwrite ? { overwrite } : {}) } },
      {
        onSuccess: () => {
          setText('');
          sayDone(t('sites.domains.added'));
        },
      },
    );
  };
  return (
    <Section title={t('sites.domains.addTitle')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add(false);
        }}
      >
        <fieldset disabled={!can('sites.write') || update.isPending} style={{ all: 'unset', display: 'block' }}>
          <Stack gap="sm">
            <DomainsInput
              value={text}
              onChange={(value) => {
                setText(value);
                if (update.isError || update.isSuccess) update.reset();
              }}
              label={t('sites.domains.label')}
              description={t('sites.domains.description')}
              placeholder="www.example.com"
              present={site.domains}
              said={said}
            />
            {update.error !== null && !isPlaced && (
              <ChangeRefused
                error={update.error}
                seen={seen}
                present={site}
                touched={['domains']}
                isBusy={update.isPending}
                onRetry={({ overwrite }) => add(overwrite)}
              />
            )}
            <SiteWarnings warnings={update.data?.warnings ?? []} />
            <Group>
              <WhyNot reason={!can('sites.write')}>
                <Button
                  type="submit"
                  leftSection={<IconPlus size={16} aria-hidden />}
                  loading={update.isPending}
                  disabled={names === undefined || !can('sites.write')}
                >
                  {t('sites.domains.add')}
                </Button>
              </WhyNot>
            </Group>
          </Stack>
        </fieldset>
      </form>
    </Section>
  );
}
