import { Button, Stack, Text } from '@mantine/core';
import { IconWorldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sitesApi } from '#shared/sites.ts';
import { call } from '../../api/client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from '../sites/Facts.module.css';

/** DNS records that keep other authorities and other people's accounts from issuing for the site's names. */
export function CaaSuggestion({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [isWanted, setWanted] = useState(false);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['site', siteId, 'caa'],
    queryFn: ({ signal }) => call(sitesApi.suggestCaa, { params: { siteId }, signal }),
    enabled: isWanted,
  });
  return (
    <Section
      title={t('certificates.caa.title')}
      description={t('certificates.caa.text')}
      actions={
        data === undefined && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconWorldCheck size={15} stroke={1.7} aria-hidden />}
            loading={isFetching}
            onClick={() => (isWanted ? void refetch() : setWanted(true))}
          >
            {t('certificates.caa.show')}
          </Button>
        )
      }
    >
      {error !== null && <Notice tone="warn">{errorText(error)}</Notice>}
      {data !== undefined && (
        <Stack gap="xs">
          {data.records.length === 0 && <Text size="sm">{t('certificates.caa.none')}</Text>}
          {data.records.map((record) => (
            <div key={record} className={classes.path}>
              <Token mono>{record}</Token>
              <CopyButton value={record} />
            </div>
          ))}
          {data.records.length > 0 && (
            <Text size="xs" c="dimmed">
              {t(data.hasAccount ? 'certificates.caa.after' : 'certificates.caa.noAccount')}
            </Text>
          )}
        </Stack>
      )}
    </Section>
  );
}
