import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Doors.module.css';
import type { Certificate } from './doors.queries.ts';

const ImportSheet = lazy(async () => ({ default: (await import('./ImportSheet.tsx')).ImportSheet }));

const dayMs = 86_400_000;
/** A certificate with less than this left is pointed out. */
const soonDays = 21;

type CertificateSectionProps = {
  readonly certificate: Certificate | null;
  /** Why its files were not taken up again after they changed. */
  readonly fault: string | null;
  readonly isWaiting: boolean;
};

/** What encrypts the connection to the panel, and the way to bring another one. */
export function CertificateSection({ certificate, fault, isWaiting }: CertificateSectionProps) {
  const { t } = useTranslation();
  const mayWrite = useCan()('doors.write');
  const [isOpen, setIsOpen] = useState(false);
  const whyNot = !mayWrite ? t('doors.save.readOnly') : isWaiting && t('doors.save.waits');
  return (
    <Section
      title={t('doors.certificate.title')}
      description={t('doors.certificate.lead')}
      actions={
        <WhyNot reason={whyNot}>
          <Button
            variant="default"
            disabled={whyNot !== false}
            leftSection={<IconFileImport size={17} aria-hidden />}
            onClick={() => setIsOpen(true)}
          >
            {t('doors.certificate.import')}
          </Button>
        </WhyNot>
      }
    >
      {fault !== null && (
        <Notice tone="warn" title={t('doors.certificate.fault')}>
          {t('doors.certificate.faultText', { why: fault })}
        </Notice>
      )}
      {certificate === null ? (
        <Notice tone="info">{t('doors.certificate.none')}</Notice>
      ) : (
        <Facts certificate={certificate} />
      )}
      <Suspense>{isOpen && <ImportSheet onClose={() => setIsOpen(false)} />}</Suspense>
    </Section>
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
