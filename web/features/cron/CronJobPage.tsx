import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconCopy, IconPencil, IconPlayerPlay, IconPower, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { CodeView } from '../../ui/CodeView.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import {
  cronJobQuery,
  cronQuery,
  useEnableCronJob,
  useRemoveCronJob,
  useStartCronJob,
  type CronJob,
} from './cron.queries.ts';
import classes from './Cron.module.css';
import { CronRuns } from './CronRuns.tsx';
import { scheduleText } from './schedule-text.ts';
import { WorkText } from './WorkText.tsx';

const CronForm = lazy(async () => ({ default: (await import('./CronForm.tsx')).CronForm }));
const route = getRouteApi('/signed-in/cron/$jobId');
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** One job: what it does, when, and each of its runs with what it said. */
export function CronJobPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="cron.read" title={t('cron.title')}>
      <JobOrState />
    </NeedsPermission>
  );
}

function JobOrState() {
  const { t } = useTranslation();
  const { jobId } = route.useParams();
  const { data, error, refetch } = useQuery(cronJobQuery(jobId));
  const back = { to: '/cron', label: t('cron.title') } as const;
  if (data === undefined || (error !== null && toApiError(error).code === 'not_found'))
    return (
      <Page title={t('cron.title')} back={back}>
        <Section padding="flush">
          {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      </Page>
    );
  const { job, runs } = data;
  return (
    <Page title={job.name} heading={<bdi>{job.name}</bdi>} back={back} actions={<Actions job={job} />}>
      {!job.isEnabled && <Notice tone="warn">{t('cron.offText')}</Notice>}
      {job.work.kind === 'script' && job.runsAs === null && (
        <Notice tone="bad" role="alert">
          {t('errors.reasons.cron_user_gone')}
        </Notice>
      )}
      <Facts job={job} />
      <CronRuns job={job} runs={runs} />
      {job.work.kind === 'script' && (
        <Section title={t('cron.script')}>
          <CodeView text={job.work.script} label={t('cron.script')} maxHeight={320} />
        </Section>
      )}
    </Page>
  );
}

type Open = 'edit' | 'copy' | 'delete';

function Actions({ job }: { readonly job: CronJob }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const navigate = route.useNavigate();
  const mayWrite = useCan()('cron.write');
  const list = useQuery(cronQuery).data;
  const start = useStartCronJob(job.id);
  const enable = useEnableCronJob(job.id);
  const remove = useRemoveCronJob(job.id);
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const onError = (failure: unknown): void => sayFailed(t('cron.failed'), errorText(failure));
  if (!mayWrite) return null;
  return (
    <>
      <Button
        leftSection={<IconPlayerPlay {...icon} />}
        loading={start.isPending}
        onClick={() =>
          finish(start, undefined, { onSuccess: () => sayDone(t('cron.started', { name: job.name })), onError })
        }
      >
        {t('cron.runNow')}
      </Button>
      <Button variant="default" leftSection={<IconPencil {...icon} />} onClick={() => setOpen('edit')}>
        {t('cron.edit')}
      </Button>
      <Menu width={210} position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown {...icon} />}>
            {t('cron.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPower {...icon} />} onClick={() => finish(enable, !job.isEnabled, { onError })}>
            {t(job.isEnabled ? 'cron.switchOff' : 'cron.switchOn')}
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => setOpen('copy')}>
            {t('cron.copy')}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={() => setOpen('delete')}>
            {t('cron.delete')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {(open === 'edit' || open === 'copy') && list !== undefined && (
          <CronForm list={list} job={job} isCopy={open === 'copy'} onClose={close} />
        )}
      </Suspense>
      <ConfirmDialog
        isOpen={open === 'delete'}
        title={t('cron.deleteTitle', { name: job.name })}
        confirmLabel={t('cron.delete')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={() =>
          finish(remove, undefined, {
            onSuccess: () => {
              sayDone(t('cron.deleted', { name: job.name }));
              void navigate({ to: '/cron' });
            },
            onError: (failure) => {
              close();
              onError(failure);
            },
          })
        }
        onClose={close}
      >
        {t('cron.deleteText')}
      </ConfirmDialog>
    </>
  );
}

function Facts({ job }: { readonly job: CronJob }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = useLook();
  const { work, site, runsAs, schedule, nextRunAt, skippedAt, timeoutSeconds, notify } = job;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['when', <bdi key="when">{scheduleText(t, format, language, schedule)}</bdi>],
    ['timeZone', <Token key="zone">{schedule.timeZone}</Token>],
    ['next', nextRunAt === null ? t('cron.never') : format.dateTime(nextRunAt)],
    work.kind === 'script'
      ? ['runsAs', <Token key="user">{`${runsAs ?? '—'} · ${work.language}`}</Token>]
      : [work.kind === 'url' ? 'url' : 'work', <WorkText key="work" job={job} />],
    ...(site === null ? [] : ([['site', <SiteTitle key="site" name={site.name} />]] as const)),
    ['timeout', format.duration(timeoutSeconds * 1_000)],
    ['notify', t(`cron.notify.${notify}`)],
    ...(skippedAt === null ? [] : ([['skipped', format.ago(skippedAt)]] as const)),
  ];
  return (
    <Section>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`cron.facts.${name as 'when'}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
