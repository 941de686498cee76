import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import classes from './AuditDays.module.css';
import { AuditLine } from './AuditLine.tsx';
import type { AuditRow } from './audit.queries.ts';
import { byDay } from '../../ui/by-day.ts';

const dayMs = 86_400_000;

/** The lines of one page under the days they belong to. */
export function AuditDays({ rows }: { readonly rows: readonly AuditRow[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(Date.now);
  const dateOf = (ms: number): string => format.date(new Date(ms).toISOString());
  const [today, yesterday] = [dateOf(now), dateOf(now - dayMs)];
  return byDay(rows, (iso) => format.date(iso)).map(({ day, rows: lines }) => (
    <section key={`${day} ${lines[0]?.id ?? ''}`} className={classes.day}>
      <h2 className={classes.date}>
        {day === today ? t('audit.today') : day === yesterday ? t('audit.yesterday') : day}
      </h2>
      <Section padding="flush">
        <ul className={classes.lines}>
          {lines.map((row) => (
            <AuditLine key={row.id} row={row} />
          ))}
        </ul>
      </Section>
    </section>
  ));
}
