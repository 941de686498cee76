import { Button } from '@mantine/core';
import { IconShieldSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { useCheckSite } from './certificates.queries.ts';
import { TlsReportView } from './TlsReportView.tsx';

/** How visitors of a site meet its HTTPS, as this server answers. */
export function SiteCheck({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const check = useCheckSite();
  return (
    <Section
      title={t('certificates.check.siteTitle')}
      description={t('certificates.check.siteText')}
      actions={
        <Button
          variant="default"
          leftSection={<IconShieldSearch size={17} aria-hidden />}
          loading={check.isPending}
          onClick={() => check.mutate(siteId)}
        >
          {t('certificates.check.action')}
        </Button>
      }
    >
      {check.isError ? (
        <Notice tone="bad" role="alert" title={t('certificates.check.failed')}>
          {errorText(check.error)}
        </Notice>
      ) : (
        check.data !== undefined && <TlsReportView report={check.data} />
      )}
    </Section>
  );
}
