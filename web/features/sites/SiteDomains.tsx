import { Button, Group, Stack } from '@mantine/core';
import { IconDownload, IconWorldSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatDomain } from '#shared/sites.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { saveText } from '../../ui/save-text.ts';
import { Section } from '../../ui/Section.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { AddDomains } from './AddDomains.tsx';
import { textOfDomains } from './domain-lines.ts';
import { DomainRow } from './DomainRow.tsx';
import { useSite } from './site-context.ts';
import { useCheckDomains, type DomainChecks } from './sites.queries.ts';
import { SiteReachForm } from './SiteReachForm.tsx';
import classes from './SiteDomains.module.css';

/** The names that the site answers to. */
export function SiteDomains() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, slug, domains } = useSite();
  const errorText = useErrorText();
  const check = useCheckDomains();
  return (
    <Stack gap="lg">
      <Section
        title={t('sites.domains.title')}
        description={t('sites.domains.count', { count: domains.length, value: format.number(domains.length) })}
        padding="flush"
        actions={
          <Group gap="xs">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconWorldSearch size={15} aria-hidden />}
              loading={check.isPending}
              onClick={() => check.mutate(id)}
            >
              {t('domainCheck.action')}
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={15} aria-hidden />}
              onClick={() => saveText(`${slug}.domains.txt`, textOfDomains(domains))}
            >
              {t('sites.domains.save')}
            </Button>
          </Group>
        }
      >
        {check.isError && (
          <Notice tone="bad" role="alert" title={t('domainCheck.failed')}>
            {errorText(check.error)}
          </Notice>
        )}
        <ul className={classes.list}>
          {domains.map((domain, index) => (
            <DomainRow
              key={formatDomain(domain)}
              domain={domain}
              isFirst={index === 0}
              check={check.data?.names.find(({ host }) => host === domain.host)}
            />
          ))}
        </ul>
        {check.data !== undefined && <OwnAddresses checks={check.data} />}
      </Section>
      <AddDomains />
      <SiteReachForm />
    </Stack>
  );
}

/** Where the records of names that do not lead here should lead. */
function OwnAddresses({ checks: { names, ownAddresses, leftOut } }: { readonly checks: DomainChecks }) {
  const { t } = useTranslation();
  const format = useFormat();
  const isAllHere = names.every(({ state }) => state === 'here');
  if (isAllHere && leftOut === 0) return null;
  return (
    <div className={classes.note}>
      {!isAllHere && ownAddresses.length === 0 && <p>{t('domainCheck.noOwn')}</p>}
      {!isAllHere && ownAddresses.length > 0 && (
        <>
          <strong>{t('domainCheck.ownTitle')}</strong>
          <ul className={classes.addresses}>
            {ownAddresses.map((address) => (
              <li key={address}>
                <Token mono>{address}</Token> <CopyButton value={address} />
              </li>
            ))}
          </ul>
          <p>{t('domainCheck.ownText')}</p>
        </>
      )}
      {leftOut > 0 && <p>{t('domainCheck.leftOut', { value: format.number(leftOut) })}</p>}
    </div>
  );
}
