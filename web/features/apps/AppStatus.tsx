import { Button, Skeleton, Stack } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppWish } from '#shared/apps.ts';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { endOf } from '../sites/site-end.ts';
import classes from './SiteApp.module.css';
import { appStatusQuery, stateTones, useSwitchApp, type SeenStatus } from './apps.queries.ts';
import { PartStates } from './PartStates.tsx';

const done = { start: 'apps.status.started', stop: 'apps.status.stopped', restart: 'apps.status.restarted' } as const;
const undone = {
  start: 'apps.status.startFailed',
  stop: 'apps.status.stopFailed',
  restart: 'apps.status.restartFailed',
} as const;

/** Why nothing of it may run; a key of `apps.status`. */
type Off = 'siteOff' | 'siteEnded' | null;

/** What the application does now, and its switches. */
export function AppStatus({ site }: { readonly site: Site }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const [isAsking, setIsAsking] = useState(false);
  const { data, error, refetch } = useQuery(appStatusQuery(site.id));
  const change = useSwitchApp(site.id);
  const tell = (wish: AppWish): void => change.mutate(wish, { onSuccess: () => sayDone(t(done[wish])) });
  const isBusy = change.isPending;
  const off: Off = !site.isEnabled ? 'siteOff' : endOf(site) === 'ended' ? 'siteEnded' : null;
  const button = (wish: AppWish, ButtonIcon: typeof IconRefresh, isMain = false) => (
    <WhyNot key={wish} reason={!mayWrite}>
      <Button
        variant={isMain ? 'filled' : 'default'}
        size="xs"
        disabled={!mayWrite || off !== null || (isBusy && change.variables !== wish)}
        loading={isBusy && change.variables === wish}
        leftSection={<ButtonIcon size={15} aria-hidden />}
        onClick={() => (wish === 'stop' ? setIsAsking(true) : tell(wish))}
      >
        {t(`apps.status.${wish}`)}
      </Button>
    </WhyNot>
  );
  const isUp = data?.isOn === true && data.state !== 'failed';
  return (
    <Section
      title={t('apps.status.title')}
      description={data === undefined ? undefined : <State status={data} off={off} />}
      actions={
        data === undefined
          ? null
          : isUp
            ? [button('restart', IconRefresh), button('stop', IconPlayerStop)]
            : [button('start', IconPlayerPlay, true), ...(data.isOn ? [button('stop', IconPlayerStop)] : [])]
      }
    >
      <Stack gap="md">
        {change.error !== null && change.variables !== undefined && (
          <Notice tone="bad" role="alert" title={t(undone[change.variables])}>
            <span className={classes.said}>{errorText(change.error)}</span>
          </Notice>
        )}
        {data === undefined ? (
          error === null ? (
            <Skeleton height={44} radius="md" />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <Facts status={data} isOff={off !== null} />
        )}
      </Stack>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('apps.status.stopTitle')}
        confirmLabel={t('apps.status.stop')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          tell('stop');
        }}
      >
        {t('apps.status.stopText')}
      </ConfirmDialog>
    </Section>
  );
}

function State({ status, off }: { readonly status: SeenStatus; readonly off: Off }) {
  const { t } = useTranslation();
  if (off !== null) return t(`apps.status.${off}`);
  const format = useFormat();
  const isWaiting = !status.isOn && status.end === null;
  const up = status.instances.filter(({ state }) => state === 'running').length;
  const all = status.instances.length;
  if (up > 0 && up < all)
    return <Status tone="warn">{t('apps.instances.some', { up: format.number(up), all: format.number(all) })}</Status>;
  return (
    <Status tone={stateTones[status.state]}>
      {t(isWaiting && status.since === null ? 'apps.status.never' : `apps.status.states.${status.state}`)}
    </Status>
  );
}

function Facts({ status, isOff }: { readonly status: SeenStatus; readonly isOff: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (isOff) return null;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ...(status.since === null
      ? []
      : [
          [
            t('apps.status.since'),
            <time key="since" dateTime={status.since} title={format.dateTime(status.since)}>
              {format.ago(status.since)}
            </time>,
          ] as const,
        ]),
    ...(status.memoryBytes === null ? [] : [[t('apps.status.memory'), format.bytes(status.memoryBytes)] as const]),
    ...(status.cpuShare === null ? [] : [[t('apps.status.cpu'), format.percent(status.cpuShare)] as const]),
    ...(status.tasks === null ? [] : [[t('apps.status.tasks'), format.number(status.tasks)] as const]),
    ...(status.openFiles === null ? [] : [[t('apps.status.openFiles'), format.number(status.openFiles)] as const]),
    ...(status.connections === null
      ? []
      : [[t('apps.status.connections'), format.number(status.connections)] as const]),
    ...(status.isOn ? [[t('apps.status.restarts'), format.number(status.restarts)] as const] : []),
    ...(status.nextRestartAt === null
      ? []
      : [
          [
            t('apps.status.nextRestart'),
            <time key="next" dateTime={status.nextRestartAt}>
              {format.dateTime(status.nextRestartAt)}
            </time>,
          ] as const,
        ]),
    ...(status.isOn && status.listensOn !== null && status.instances.length === 1
      ? [
          [
            t('apps.status.listensOn'),
            <Token key="on" mono>
              {status.listensOn}
            </Token>,
          ] as const,
        ]
      : []),
  ];
  return (
    <>
      {!status.isOn && <p className={classes.text}>{t('apps.status.neverText')}</p>}
      {status.missingSecrets.length > 0 && (
        <Notice tone="warn" title={t('apps.status.missing')}>
          {t('apps.status.missingText', { names: format.list(status.missingSecrets) })}
        </Notice>
      )}
      {status.end !== null && (
        <Notice
          tone={status.state === 'failed' ? 'bad' : 'warn'}
          role="status"
          title={t(`apps.status.ends.${status.end.kind}`, { code: format.number(status.end.code ?? 0) })}
        >
          {t('apps.status.endsText')}
        </Notice>
      )}
      {facts.length > 0 && (
        <dl className={classes.figures}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {status.isPortClosed === false && <p className={classes.text}>{t('apps.status.portOpen')}</p>}
      {status.isOn && status.instances.length > 1 && (
        <PartStates
          title={t('apps.instances.title')}
          parts={status.instances.map((each) => ({
            ...each,
            name: t('apps.instances.one', { value: format.number(each.number) }),
          }))}
        />
      )}
      {status.isOn && status.workers.length > 0 && (
        <PartStates title={t('apps.workers.title')} parts={status.workers} />
      )}
    </>
  );
}
