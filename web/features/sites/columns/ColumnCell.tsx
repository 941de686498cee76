import { Skeleton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { siteBackupState, type SiteBackup, type SiteColumn, type SiteFigures } from '#shared/site-columns.ts';
import type { ListedSite } from '#shared/sites.ts';
import { useFormat } from '../../../ui/format.ts';
import { Status } from '../../../ui/Status.tsx';
import { SiteCertificate } from '../SiteCertificate.tsx';
import { endOf } from '../site-end.ts';
import tableClasses from '../SitesTable.module.css';
import classes from './ColumnCell.module.css';

type ColumnCellProps = {
  readonly site: ListedSite;
  readonly column: SiteColumn;
  /** Figures are being measured: what is not there yet comes soon. */
  readonly isMeasuring: boolean;
};

/** What one column says of one site. */
export function ColumnCell({ site, column, isMeasuring }: ColumnCellProps) {
  switch (column) {
    case 'kind':
      return <Kind site={site} />;
    case 'tls':
      return <SiteCertificate site={site} />;
    case 'category':
      return <Category name={site.category} />;
    case 'endsAt':
      return <End site={site} />;
    case 'updatedAt':
      return <UpdatedAt at={site.updatedAt} />;
    default:
      return <Measured figures={site.figures} column={column} isMeasuring={isMeasuring} />;
  }
}

function Kind({ site }: Pick<ColumnCellProps, 'site'>) {
  const { t } = useTranslation();
  return (
    <span className={tableClasses.soft}>
      {site.php === null ? t(`sites.kinds.${site.kind}`) : <bdi dir="ltr">{`PHP ${site.php.version}`}</bdi>}
    </span>
  );
}

function Category({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  if (name === '') return <Nothing why={t('siteColumns.noCategory')} />;
  return (
    <span className={classes.text} title={name}>
      <bdi>{name}</bdi>
    </span>
  );
}

function End({ site }: Pick<ColumnCellProps, 'site'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { endsAt } = site.reach;
  if (endsAt === null) return <Nothing why={t('siteColumns.noEnd')} />;
  const end = endOf(site);
  const date = format.date(endsAt);
  return (
    <time dateTime={endsAt} title={format.dateTime(endsAt)} className={tableClasses.control}>
      {end === undefined ? (
        <span className={tableClasses.soft}>{date}</span>
      ) : (
        <Status tone={end === 'ended' ? 'idle' : 'warn'}>{date}</Status>
      )}
    </time>
  );
}

function UpdatedAt({ at }: { readonly at: string }) {
  const format = useFormat();
  return (
    <time dateTime={at} title={format.dateTime(at)} className={`${tableClasses.soft} ${tableClasses.control}`}>
      {format.ago(at)}
    </time>
  );
}

function Measured({
  figures,
  column,
  isMeasuring,
}: {
  readonly figures: SiteFigures | null | undefined;
  readonly column: 'backup' | 'requests' | 'bytes';
  readonly isMeasuring: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  if (figures === null || figures === undefined)
    return isMeasuring ? (
      <Skeleton height={12} width={56} radius="sm" />
    ) : (
      <Nothing why={t('siteColumns.notMeasured')} />
    );
  const measuredAt = t('siteColumns.measuredAt', { when: format.dateTime(figures.measuredAt) });
  if (column === 'backup') return <Backup backup={figures.backup} measuredAt={measuredAt} />;
  const value = figures[column];
  if (value === null || figures.countedUntil === null) return <Nothing why={t('siteColumns.notCounted')} />;
  const counted = t('siteColumns.countedUntil', { when: format.dateTime(figures.countedUntil) });
  return (
    <Titled title={`${counted}\n${measuredAt}`}>
      <bdi className="numbers">{column === 'bytes' ? format.bytes(value) : format.number(value)}</bdi>
    </Titled>
  );
}

const backupTones = { never: 'warn', failed: 'bad', old: 'warn', good: 'good' } as const;

function Backup({ backup, measuredAt }: { readonly backup: SiteBackup | null; readonly measuredAt: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(Date.now);
  if (backup === null) return <Nothing why={t('siteColumns.backup.unknown')} />;
  const { at, failedAt } = backup;
  const state = siteBackupState(backup, now);
  const ago = at === null ? undefined : format.ago(at);
  const details = [
    state === 'never' && t('siteColumns.backup.neverHint'),
    state === 'old' && t('siteColumns.backup.oldHint'),
    state === 'failed' && failedAt !== null && t('siteColumns.backup.failedHint', { when: format.dateTime(failedAt) }),
    at !== null && t('siteColumns.backup.at', { when: format.dateTime(at) }),
    measuredAt,
  ];
  return (
    <Titled title={details.filter((line) => line !== false).join('\n')}>
      <Status tone={backupTones[state]}>{state === 'good' ? ago : t(`siteColumns.backup.${state}`)}</Status>
      {state === 'old' && <small className={classes.second}>{ago}</small>}
      {state === 'failed' && (
        <small className={classes.second}>
          {ago === undefined ? t('siteColumns.backup.noGood') : t('siteColumns.backup.lastGood', { when: ago })}
        </small>
      )}
    </Titled>
  );
}

/** Above the link of the row, so that more of it shows on hover. */
function Titled({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <span className={classes.titled} title={title}>
      {children}
    </span>
  );
}

/** A dash that says why to who hovers, and to who listens. */
function Nothing({ why }: { readonly why: string }) {
  return (
    <span className={classes.titled} title={why}>
      <span aria-hidden>—</span>
      <span className="visually-hidden">{why}</span>
    </span>
  );
}
