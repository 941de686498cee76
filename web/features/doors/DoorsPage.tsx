import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { CommandLine } from '../accounts/CommandLine.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { CertificateSection } from './CertificateSection.tsx';
import classes from './Doors.module.css';
import { doorsQuery } from './doors.queries.ts';
import { DoorsForm } from './DoorsForm.tsx';

/** Where, under which names and from where the panel can be reached. */
export function DoorsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="doors.read" title={t('doors.title')}>
      <DoorsView />
    </NeedsPermission>
  );
}

function DoorsView() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(doorsQuery);
  return (
    <Page title={t('doors.title')} description={t('doors.lead')} width="narrow">
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={8} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <div className={classes.parts}>
          <Notice tone="info" title={t('doors.safe.title')} below={<CommandLine>aapanel</CommandLine>}>
            {t('doors.safe.text')}
          </Notice>
          {/* What was saved meanwhile, here or elsewhere, is what is edited. */}
          <DoorsForm key={JSON.stringify(data.doors)} state={data} />
          <CertificateSection state={data} />
        </div>
      )}
    </Page>
  );
}
