import { useTranslation } from 'react-i18next';
import type { auditApi } from '#shared/audit.ts';
import type { ResponseOf } from '#shared/http.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import classes from './AuditFilters.module.css';

type AuditVerdictProps = {
  readonly verdict: ResponseOf<typeof auditApi.verify> | undefined;
  readonly error: unknown;
};

/** Three answers: whole, damaged (where and how), not checked. */
export function AuditVerdict({ verdict, error }: AuditVerdictProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const lines = (count: number): string => t('audit.lines', { count, value: format.number(count) });
  if (error !== null) {
    return (
      <Notice tone="warn" role="alert" title={t('audit.verify.failed')} className={classes.verdict}>
        {errorText(error)} {t('audit.verify.notRun')}
      </Notice>
    );
  }
  if (verdict === undefined) return null;
  const { fault, lineCount, rowCount } = verdict;
  if (fault === null) {
    return (
      <Notice tone="good" role="status" title={t('audit.verify.whole')} className={classes.verdict}>
        {t('audit.verify.wholeText', { lines: lines(lineCount), rows: lines(rowCount) })}
      </Notice>
    );
  }
  return (
    <Notice
      tone="bad"
      role="alert"
      title={t('audit.verify.broken', { sequence: format.number(fault.sequence) })}
      className={classes.verdict}
    >
      {t(`audit.verify.kinds.${fault.kind}`)} {t('audit.verify.brokenText')}
    </Notice>
  );
}
