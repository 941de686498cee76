import { Badge, Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { DeviceName, useDeviceName } from '../../ui/DeviceName.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { readDevice } from '../../ui/device.ts';
import { mySessionsQuery, useEndOtherSessions, useEndSession, type MySession } from './account.queries.ts';
import { OwnRow, OwnRows } from './OwnRow.tsx';

/** Where the person is signed in, this page first. */
export function SessionsTab() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(mySessionsQuery);
  const end = useEndOtherSessions();
  const [isAsking, setIsAsking] = useState(false);
  if (data === undefined) {
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  }
  const sessions = data.items.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
  const isAlone = sessions.length < 2;
  return (
    <Section
      title={t('account.sessions.title')}
      description={t('account.sessions.text')}
      padding="flush"
      actions={
        <WhyNot reason={isAlone ? t('account.sessions.alone') : false}>
          <Button variant="default" disabled={isAlone} onClick={() => setIsAsking(true)}>
            {t('account.sessions.endOthers')}
          </Button>
        </WhyNot>
      }
    >
      <OwnRows label={t('account.sessions.title')}>
        {sessions.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </OwnRows>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('account.sessions.endOthersTitle')}
        confirmLabel={t('account.sessions.endOthers')}
        isDangerous
        isBusy={end.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(end, undefined, {
            onSuccess: () => sayDone(t('account.sessions.othersEnded')),
            onError: (failure) => sayFailed(t('account.sessions.failed'), errorText(failure)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('account.sessions.endOthersText')}
      </ConfirmDialog>
    </Section>
  );
}

function SessionRow({ session }: { readonly session: MySession }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const deviceName = useDeviceName();
  const end = useEndSession();
  const { system } = readDevice(session.userAgent);
  const isPhone = system === 'Android' || system === 'iPhone' || system === 'iPad';
  return (
    <OwnRow
      icon={isPhone ? IconDeviceMobile : IconDeviceDesktop}
      tone={session.isCurrent ? 'good' : undefined}
      name={
        <>
          <DeviceName userAgent={session.userAgent} />
          {session.isCurrent && <Badge color="brand">{t('account.sessions.current')}</Badge>}
        </>
      }
      facts={[
        <Token key="address">{session.address}</Token>,
        t('account.own.lastUsed', { time: format.ago(session.lastUsedAt) }),
        t('account.sessions.since', { time: format.dateTime(session.createdAt) }),
      ]}
      actions={
        !session.isCurrent && (
          <Button
            variant="default"
            size="xs"
            loading={end.isPending}
            aria-label={t('account.sessions.endOne', { device: deviceName(session.userAgent) })}
            onClick={() =>
              finish(end, session.id, {
                onSuccess: () => sayDone(t('account.sessions.ended')),
                onError: (error) => sayFailed(t('account.sessions.failed'), errorText(error)),
              })
            }
          >
            {t('account.sessions.end')}
          </Button>
        )
      }
    />
  );
}
