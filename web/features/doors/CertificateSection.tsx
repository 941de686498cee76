import { Button, Group } from '@mantine/core';
import { IconCertificate, IconFileImport, IconShieldCheck } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DoorsState } from '#shared/doors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Doors.module.css';
import { useResetCertificate, type Certificate } from './doors.queries.ts';

const FollowSheet = lazy(async () => ({ default: (await import('./FollowSheet.tsx')).FollowSheet }));
const OrderSheet = lazy(async () => ({ default: (await import('./OrderSheet.tsx')).OrderSheet }));
const ImportSheet = lazy(async () => ({ default: (await import('./ImportSheet.tsx')).ImportSheet }));

const ways = [
  ['order', IconShieldCheck],
  ['follow', IconCertificate],
  ['import', IconFileImport],
] as const;

const dayMs = 86_400_000;
/** A certificate with less than this left is pointed out. */
const soonDays = 21;

/** What encrypts the connection to the panel, the ways to bring another one, and the way back. */
export function CertificateSection({ state }: { readonly state: DoorsState }) {
  const { t } = useTranslation();
  const mayWrite = useCan()('doors.write');
  const [open, setOpen] = useState<'import' | 'follow' | 'order' | null>(null);
  const { certificate, certificateFault, certificateFallback, orderableNames } = state;
  const { followedCertificateId, hasWayBack, pending } = state;
  const whyNot = !mayWrite ? t('doors.save.readOnly') : pending !== null && t('doors.save.waits');
  const noName = orderableNames.length === 0 && t('doors.certificate.orderNoName');
  return (
    <Section
      title={t('doors.certificate.title')}
      description={t('doors.certificate.lead')}
      actions={
        <Group gap="xs">
          {ways.map(([way, Icon]) => {
            const reason = whyNot !== false ? whyNot : way === 'order' && noName;
            return (
              <WhyNot key={way} reason={reason}>
                <Button
                  variant={way === 'order' && certificate?.isSelfSigned === true ? 'light' : 'default'}
                  disabled={reason !== false}
                  leftSection={<Icon size={17} aria-hidden />}
                  onClick={() => setOpen(way)}
                >
                  {t(`doors.certificate.${way}`)}
                </Button>
              </WhyNot>
            );
          })}
        </Group>
      }
    >
      {certificateFallback !== null && <FallbackNotice fallback={certificateFallback} />}
      {certificateFault !== null && (
        <Notice tone="warn" title={t('doors.certificate.fault')}>
          {t('doors.certificate.faultText', { why: certificateFault })}
        </Notice>
      )}
      {certificate === null ? (
        <Notice tone="info">{t('doors.certificate.none')}</Notice>
      ) : (
        <Facts certificate={certificate} />
      )}
      {followedCertificateId !== null && <p className={classes.hint}>{t('doors.certificate.followed')}</p>}
      {hasWayBack && <WayBack whyNot={whyNot} />}
      <Suspense>
        {open === 'import' && <ImportSheet onClose={() => setOpen(null)} />}
        {open === 'order' && <OrderSheet names={orderableNames} onClose={() => setOpen(null)} />}
        {open === 'follow' && <FollowSheet followedId={followedCertificateId} onClose={() => setOpen(null)} />}
      </Suspense>
    </Section>
  );
}

/** The one that was given is not shown now. */
function FallbackNotice({ fallback }: { readonly fallback: NonNullable<DoorsState['certificateFallback']> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { why, names, validUntil } = fallback;
  return (
    <Notice tone="bad" role="alert" title={t('doors.certificate.fallback.title')}>
      {why === 'ending' && validUntil !== null
        ? t('doors.certificate.fallback.ending', { at: format.dateTime(validUntil) })
        : t('doors.certificate.fallback.broken')}{' '}
      {names.slice(0, 5).map((name) => (
        <span key={name}>
          <Token mono>{name}</Token>{' '}
        </span>
      ))}
    </Notice>
  );
}

function WayBack({ whyNot }: { readonly whyNot: string | false }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const reset = useResetCertificate();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <div className={classes.below}>
      <WhyNot reason={whyNot}>
        <Button variant="subtle" size="compact-sm" disabled={whyNot !== false} onClick={() => setIsAsking(true)}>
          {t('doors.certificate.reset')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('doors.certificate.reset')}
        confirmLabel={t('doors.certificate.reset')}
        isBusy={reset.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(reset, undefined, {
            onError: (error) => sayFailed(t('doors.certificate.failed'), errorText(error)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('doors.certificate.resetText')}
      </ConfirmDialog>
    </div>
  );
}

function Facts({ certificate }: { readonly certificate: Certificate }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(Date.now);
  const { subject, issuer, names, validUntil, isSelfSigned, fingerprint } = certificate;
  const leftMs = Date.parse(validUntil) - now;
  const warning: readonly [Tone, string] | null =
    leftMs <= 0
      ? ['bad', t('doors.certificate.expired')]
      : leftMs < soonDays * dayMs
        ? ['warn', t('doors.certificate.soon')]
        : null;
  return (
    <>
      <dl className={classes.facts}>
        <div>
          <dt>{t('doors.certificate.subject')}</dt>
          <dd>
            <Token>{subject}</Token>
          </dd>
        </div>
        <div>
          <dt>{t('doors.certificate.issuer')}</dt>
          <dd>{isSelfSigned ? t('doors.certificate.selfSigned') : <Token>{issuer}</Token>}</dd>
        </div>
        <div>
          <dt>{t('doors.certificate.names')}</dt>
          <dd className={classes.names}>
            {names.map((name) => (
              <Token key={name}>{name}</Token>
            ))}
          </dd>
        </div>
        <div>
          <dt>{t('doors.certificate.validUntil')}</dt>
          <dd>
            {format.dateTime(validUntil)} ({format.ago(validUntil, now)}){' '}
            {warning !== null && <Status tone={warning[0]}>{warning[1]}</Status>}
          </dd>
        </div>
        <div className={classes.wide}>
          <dt>
            {t('doors.certificate.fingerprint')} <CopyButton value={fingerprint} />
          </dt>
          <dd className={classes.fingerprint}>
            <Token mono>{fingerprint}</Token>
          </dd>
        </div>
      </dl>
      <p className={classes.hint}>{t('doors.certificate.fingerprintHint')}</p>
      {isSelfSigned && <p className={classes.hint}>{t('doors.certificate.selfSignedHint')}</p>}
    </>
  );
}
