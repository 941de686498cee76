import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/errors.ts';
import type { ApiErrorCode } from '../../api/errors.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './AuditDays.module.css';
import type { AuditRow } from './audit.queries.ts';
import { changesOf, failureOf, otherDetail } from './audit-detail.ts';
import { DetailChanges } from './DetailChanges.tsx';

/** Everything that one line holds. */
export function AuditFacts({ row }: { readonly row: AuditRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const failure = failureOf(row.detail);
  const other = otherDetail(row.detail);
  const changes = changesOf(row.detail);
  return (
    <div className={classes.more}>
      <dl className={classes.facts}>
        <dt>{t('audit.at')}</dt>
        <dd className="numbers">
          {format.dateTime(row.at)} <Token mono>{row.at}</Token>
        </dd>
        <dt>{t('audit.sequence')}</dt>
        <dd className="numbers">
          {row.sequence === null ? t('audit.noSequence') : <Token mono>{`#${row.sequence}`}</Token>}
        </dd>
        <dt>{t('audit.action')}</dt>
        <dd>
          <Token mono>{row.action}</Token>
        </dd>
        {row.target !== '' && (
          <>
            <dt>{t('audit.target')}</dt>
            <dd>
              <ForeignText mono>{row.target}</ForeignText>
            </dd>
          </>
        )}
        <dt>{t('audit.address')}</dt>
        <dd>{row.address === '' ? t('audit.noAddress') : <Token mono>{row.address}</Token>}</dd>
        {row.requestId !== '' && (
          <>
            <dt>{t('audit.requestId')}</dt>
            <dd>
              <Token mono>{row.requestId}</Token>{' '}
              <CopyButton value={row.requestId} label={`${t('common.actions.copy')}: ${t('audit.requestId')}`} />
            </dd>
          </>
        )}
        {failure !== undefined && (
          <>
            <dt>{t('audit.failure')}</dt>
            <dd>
              {errorText(new ApiError({ code: failure.code as ApiErrorCode }))} <Token mono>{failure.words}</Token>
            </dd>
          </>
        )}
        {changes.length > 0 && (
          <>
            <dt>{t('audit.changes')}</dt>
            <dd>
              <DetailChanges changes={changes} />
            </dd>
          </>
        )}
        {other !== undefined && (
          <>
            <dt>{t('audit.detail')}</dt>
            <dd>
              <pre className={classes.json} dir="ltr" tabIndex={0} aria-label={t('audit.detail')}>
                {other}
              </pre>
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
