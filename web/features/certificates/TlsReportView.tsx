import { Button, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { failingFindings, type TlsReport } from '#shared/tls-check.ts';
import { useFormat } from '../../ui/format.ts';
import { saveText } from '../../ui/save-text.ts';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './TlsReportView.module.css';

const toneOf = { 'A+': 'good', A: 'good', B: 'warn', C: 'warn', F: 'bad' } as const;

/** What a check found: the grade, what is wrong and what could be better, and what was seen. */
export function TlsReportView({ report }: { readonly report: TlsReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { host, port, address, grade, findings, versions, certificate, hsts, revocation } = report;
  const where = port === 443 ? host : `${host}:${port}`;
  return (
    <div className={classes.report} data-testid="tls-report">
      <div className={classes.head}>
        <span className={classes.grade} data-tone={grade === null ? 'idle' : toneOf[grade]}>
          <span className="visually-hidden">{t('certificates.check.grade')}: </span>
          {grade === null ? '–' : <Token>{grade}</Token>}
        </span>
        <div className={classes.what}>
          <Text fw={600} component="div">
            <Token>{where}</Token>
          </Text>
          <Text size="xs" c="dimmed" component="div">
            {address !== null && (
              <>
                <Token mono>{address}</Token>
                {' · '}
              </>
            )}
            {format.dateTime(report.checkedAt)}
          </Text>
        </div>
      </div>
      <ul className={classes.findings}>
        {findings.length === 0 && (
          <li>
            <Status tone="good">{t('certificates.check.nothing')}</Status>
          </li>
        )}
        {findings.map((finding) => (
          <li key={finding}>
            <Status tone={failingFindings.includes(finding) ? 'bad' : 'warn'}>
              {t(`certificates.check.findings.${finding}`)}
            </Status>
            <div className={classes.advice}>{t(`certificates.check.advice.${finding}`)}</div>
          </li>
        ))}
      </ul>
      {certificate !== null && (
        <dl className={classes.facts}>
          <div>
            <dt>{t('certificates.check.versions')}</dt>
            <dd className={classes.names}>
              {versions.map((version) => (
                <Token key={version}>{version.replace('TLSv1', 'TLS 1').replace(/ 1$/, ' 1.0')}</Token>
              ))}
            </dd>
          </div>
          <div>
            <dt>{t('certificates.columns.expiry')}</dt>
            <dd>{format.date(certificate.validUntil)}</dd>
          </div>
          <div>
            <dt>{t('doors.certificate.issuer')}</dt>
            <dd>
              <Token>{certificate.issuer}</Token>
            </dd>
          </div>
          <div>
            <dt>{t('certificates.check.key')}</dt>
            <dd>
              <Token>{certificate.keyKind}</Token>
            </dd>
          </div>
          <div>
            <dt>{t('certificates.check.revocation')}</dt>
            <dd>{t(`certificates.check.revocations.${revocation ?? 'none'}`)}</dd>
          </div>
          <div className={classes.wide}>
            <dt>{t('doors.certificate.names')}</dt>
            <dd className={classes.names}>
              {certificate.names.map((name) => (
                <Token key={name}>{name}</Token>
              ))}
            </dd>
          </div>
          <div className={classes.wide}>
            <dt>
              <Token>HSTS</Token>
            </dt>
            <dd>{hsts === null ? t('certificates.check.none') : <Token mono>{hsts}</Token>}</dd>
          </div>
        </dl>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconDownload size={15} aria-hidden />}
        onClick={() => saveText(`tls-${host.replace(/[^a-z0-9.-]/g, '_')}.json`, JSON.stringify(report, null, 2))}
      >
        {t('certificates.check.json')}
      </Button>
    </div>
  );
}
