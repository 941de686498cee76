import { Button, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatDomain } from '#shared/sites.ts';
import { useFormat } from '../../ui/format.ts';
import { saveText } from '../../ui/save-text.ts';
import { Section } from '../../ui/Section.tsx';
import { AddDomains } from './AddDomains.tsx';
import { textOfDomains } from './domain-lines.ts';
import { DomainRow } from './DomainRow.tsx';
import { useSite } from './site-context.ts';
import { SiteReachForm } from './SiteReachForm.tsx';
import classes from './SiteDomains.module.css';

/** The names that the site answers to. */
export function SiteDomains() {
  const { t } = useTranslation();
  const format = useFormat();
  const { slug, domains } = useSite();
  return (
    <Stack gap="lg">
      <Section
        title={t('sites.domains.title')}
        description={t('sites.domains.count', { count: domains.length, value: format.number(domains.length) })}
        padding="flush"
        actions={
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() => saveText(`${slug}.domains.txt`, textOfDomains(domains))}
          >
            {t('sites.domains.save')}
          </Button>
        }
      >
        <ul className={classes.list}>
          {domains.map((domain, index) => (
            <DomainRow key={formatDomain(domain)} domain={domain} isFirst={index === 0} />
          ))}
        </ul>
      </Section>
      <AddDomains />
      <SiteReachForm />
    </Stack>
  );
}
