import { Button } from '@mantine/core';
import { IconBellRinging, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { maxHooks } from '#shared/backup-alerts.ts';
import { useCan } from '../../api/session.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { backupsQuery } from './backups.queries.ts';
import { BackupsTabs } from './BackupsTabs.tsx';
import { HookItem } from './HookItem.tsx';
import classes from './Overview.module.css';

const route = getRouteApi('/signed-in/backups/alerts');
const HookSheet = lazy(async () => ({ default: (await import('./HookSheet.tsx')).HookSheet }));

/** Who is told when a backup fails or is late. */
export function AlertsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.alerts.title')}>
      <Alerts />
    </NeedsPermission>
  );
}

function Alerts() {
  const { t } = useTranslation();
  const mayManage = useCan()('backups.manage');
  const navigate = route.useNavigate();
  const { hook } = route.useSearch();
  const { data, error, refetch } = useQuery(backupsQuery);
  const open = (id: string): void => void navigate({ search: { hook: id }, resetScroll: false });
  const close = (): void => void navigate({ search: {}, resetScroll: false });
  const isFull = (data?.hooks.length ?? 0) >= maxHooks;
  const add = (
    <WhyNot reason={mayManage ? (isFull ? t('backups.alerts.full') : false) : true}>
      <Button
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        disabled={!mayManage || isFull}
        onClick={() => open('new')}
      >
        {t('backups.alerts.add')}
      </Button>
    </WhyNot>
  );
  return (
    <Page title={t('backups.alerts.title')} description={t('backups.alerts.lead')}>
      <BackupsTabs />
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <Section
          title={t('backups.alerts.who')}
          description={t('backups.alerts.whoText')}
          padding="flush"
          {...(data.hooks.length > 0 ? { actions: add } : {})}
        >
          {data.hooks.length === 0 ? (
            <EmptyState
              icon={IconBellRinging}
              title={t('backups.alerts.empty')}
              text={t('backups.alerts.emptyText')}
              action={add}
            />
          ) : (
            <ul className={classes.list}>
              {data.hooks.map((each) => (
                <HookItem key={each.id} hook={each} onEdit={() => open(each.id)} />
              ))}
            </ul>
          )}
        </Section>
      )}
      <Suspense>
        {hook !== undefined && mayManage && data !== undefined && (
          <HookSheet key={hook} hookId={hook} state={data} onClose={close} />
        )}
      </Suspense>
    </Page>
  );
}
