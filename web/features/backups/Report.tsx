import { useTranslation } from 'react-i18next';
import type { ReportLine } from '#shared/backups.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import classes from './Report.module.css';
import { groupReport, reasonText } from './run-texts.ts';

const shownLines = 60;

/** What happened, or would happen: first how much of each, then the things by name. */
export function Report({ report, isCut }: { readonly report: readonly ReportLine[]; readonly isCut: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const groups = groupReport(report);
  return (
    <div className={classes.report} data-testid="backup-report">
      <ul className={classes.counts}>
        {/* A measure is no thing to count. */}
        {groups
          .filter(({ what }) => what !== 'measured')
          .map(({ what, lines }) => (
            <li key={what} data-what={what}>
              <span className={classes.number}>{format.number(lines.length)}</span> {t(`backups.run.what.${what}`)}
            </li>
          ))}
      </ul>
      <ul className={classes.lines} tabIndex={0} aria-label={t('backups.run.report')}>
        {groups.flatMap(({ what, lines }) => [
          ...lines.slice(0, shownLines).map((line, index) => {
            const reason = reasonText(t, line, format);
            return (
              <li key={`${what} ${index}`} data-what={what}>
                <span className={classes.what}>{t(`backups.run.what.${what}`)}</span>
                <span className={classes.subject}>
                  <ForeignText mono max={300}>
                    {line.subject}
                  </ForeignText>
                  {reason !== '' && <span className={classes.reason}>{reason}</span>}
                </span>
              </li>
            );
          }),
          lines.length > shownLines && (
            <li key={`${what} more`} className={classes.reason}>
              {t('backups.run.more', { value: format.number(lines.length - shownLines) })}
            </li>
          ),
        ])}
      </ul>
      {isCut && <p className={classes.none}>{t('backups.run.cut')}</p>}
    </div>
  );
}
