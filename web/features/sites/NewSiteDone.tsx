import { Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconExternalLink, IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { readableDomain } from '../../ui/DomainName.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './NewSite.module.css';
import { addressOf, shownName } from './site-names.ts';
import { SiteWarnings } from './SiteWarnings.tsx';
import type { SiteResult } from './sites.queries.ts';

/** The site is there: its address, what to know about it, and the way on. */
export function NewSiteDone({
  result: { site, warnings },
  isOrdered,
  onAgain,
}: {
  readonly result: SiteResult;
  /** A certificate is on its way. */
  readonly isOrdered: boolean;
  readonly onAgain: () => void;
}) {
  const { t } = useTranslation();
  const address = addressOf(site.domains);
  const first = site.domains.find(({ host }) => !host.startsWith('*.'));
  const isServed = !warnings.includes('nginx_missing');
  return (
    <Stack gap="lg" className={classes.done} align="center">
      <span className={classes.check}>
        <IconCheck size={32} stroke={2} aria-hidden />
      </span>
      <div role="status">
        <Title order={3} mb={4}>
          {t(isServed ? 'sites.done.title' : 'sites.done.titleWaiting', { name: shownName(site) })}
        </Title>
        <Text size="sm" c="dimmed">
          {t(isServed ? `sites.done.text_${site.kind}` : 'sites.done.textWaiting')}
        </Text>
      </div>
      {address !== null && first !== undefined && (
        <span className={classes.address}>
          <Anchor href={address} target="_blank" rel="noreferrer" inherit>
            <Token>{`http://${readableDomain(first)}`}</Token>
          </Anchor>
          <CopyButton value={address} label={t('sites.done.copy')} />
        </span>
      )}
      {isOrdered && (
        <Text size="sm" c="dimmed">
          {t('sites.done.certificate')}
        </Text>
      )}
      <SiteWarnings warnings={warnings} className={classes.warnings} />
      <Group gap="xs" justify="center">
        <Button
          renderRoot={(props) => <Link {...props} to="/sites/$siteId" params={{ siteId: site.id }} />}
          data-autofocus
        >
          {t('sites.done.toSite')}
        </Button>
        {address !== null && isServed && (
          <Button
            component="a"
            href={address}
            target="_blank"
            rel="noreferrer"
            variant="default"
            rightSection={<IconExternalLink size={16} className="mirrored" aria-hidden />}
          >
            {t('sites.menu.open')}
          </Button>
        )}
        <Button variant="subtle" color="gray" leftSection={<IconPlus size={16} aria-hidden />} onClick={onAgain}>
          {t('sites.done.again')}
        </Button>
      </Group>
    </Stack>
  );
}
