import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ResponseOf } from '#shared/http.ts';
import type { softwareApi } from '#shared/software.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './SoftwareItem.module.css';

type SoftwareNoticesProps = Pick<ResponseOf<typeof softwareApi.list>, 'isolated' | 'port80Owner'>;

/** What keeps sites from being served: another program on their port, files that nginx refused. */
export function SoftwareNotices({ isolated, port80Owner }: SoftwareNoticesProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.notices}>
      {port80Owner !== null && (
        <Notice tone="bad" title={t('software.port80.title')}>
          {t('software.port80.text', { program: `\u2068${port80Owner}\u2069` })}
        </Notice>
      )}
      {isolated.length > 0 && (
        <Notice tone="warn" title={t('software.isolated.title')} below={<Isolated isolated={isolated} />}>
          {t('software.isolated.text')}
        </Notice>
      )}
    </div>
  );
}

function Isolated({ isolated }: Pick<SoftwareNoticesProps, 'isolated'>) {
  return (
    <ul className={classes.isolated}>
      {isolated.map(({ slug, reason }) => (
        <li key={slug}>
          <Link to="/sites" search={{ search: slug }}>
            <Token mono>{slug}</Token>
          </Link>
          <bdi dir="ltr">{reason}</bdi>
        </li>
      ))}
    </ul>
  );
}
