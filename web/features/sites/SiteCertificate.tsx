import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import { certificatesQuery } from '../certificates/certificates.queries.ts';
import { expiryOf } from '../certificates/Expiry.tsx';
import classes from './SitesTable.module.css';

/** How long the certificate of a site is still good; a dash for one without HTTPS. */
export function SiteCertificate({ site }: { readonly site: ListedSite }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayRead = useCan()('certificates.read');
  const [now] = useState(Date.now);
  // One list for all rows: TanStack asks once.
  const { data } = useQuery({ ...certificatesQuery(''), enabled: mayRead && site.tls !== null });
  if (site.tls === null) return <span className={classes.soft}>—</span>;
  const { certificateId } = site.tls;
  const endsAt = site.figures?.certificateEndsAt ?? null;
  // Who may not see certificates sees when this one ends, as it was measured with the site.
  const certificate =
    data?.items.find(({ id }) => id === certificateId) ?? (endsAt === null ? undefined : { validUntil: endsAt });
  if (certificate === undefined) return <span className={classes.soft}>{t('sites.list.secure')}</span>;
  const { tone, days } = expiryOf(certificate, now);
  return (
    <span title={format.dateTime(certificate.validUntil)} className={classes.control}>
      <Status tone={tone}>
        {Date.parse(certificate.validUntil) <= now
          ? t('certificates.expired')
          : days === 0
            ? t('certificates.endsToday')
            : t('certificates.daysLeft', { count: days, value: format.number(days) })}
      </Status>
    </span>
  );
}
