import {
  IconCalendarEvent,
  IconCertificate,
  IconDatabase,
  IconFileCode,
  IconFileText,
  IconFolder,
  IconFolderCog,
  IconKey,
  IconUser,
  type Icon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import type { Database } from '../databases/databases.queries.ts';
import { fateOf, type Fate, type RemovalChoices } from './removal-choices.ts';
import type { RemovalPreview } from './sites.queries.ts';
import classes from './SiteDelete.module.css';

const icons = {
  config: IconFileCode,
  custom: IconFileCode,
  files: IconFolder,
  logs: IconFileText,
  php_data: IconFolderCog,
  sftp: IconKey,
  linux_user: IconUser,
} as const;

type RemovalListProps = {
  readonly preview: RemovalPreview;
  readonly databases: readonly Database[];
  readonly choices: RemovalChoices;
};

/** Each thing of the site with its size, number of files and age, and what becomes of it. */
export function RemovalList({ preview, databases, choices }: RemovalListProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { items, certificate, cronJobs } = preview;
  return (
    <ul className={classes.list}>
      {items.map((item) => {
        const isCounted = item.kind !== 'linux_user' && item.kind !== 'php_data';
        return (
          <Thing
            key={item.path}
            icon={icons[item.kind]}
            kind={t(`sites.delete.kinds.${item.kind}`)}
            fate={fateOf(item.kind, choices)}
            size={
              isCounted && (
                <>
                  {item.isTruncated && '≥ '}
                  {format.bytes(item.sizeBytes)}
                  {item.fileCount > 0 && (
                    <>
                      {' · '}
                      {t('sites.delete.files', { count: item.fileCount, value: format.number(item.fileCount) })}
                    </>
                  )}
                </>
              )
            }
            age={item.newestAt !== null && t('sites.delete.newest', { ago: format.ago(item.newestAt) })}
          >
            <Token mono>{item.path}</Token>
          </Thing>
        );
      })}
      {databases.map(({ engine, name, sizeBytes, createdAt }) => (
        <Thing
          key={`${engine} ${name}`}
          icon={IconDatabase}
          kind={t('sites.delete.kinds.database')}
          fate={choices.databases === 'recycle' ? 'moves' : 'stays'}
          size={sizeBytes !== null && format.bytes(sizeBytes)}
          age={createdAt !== null && t('sites.delete.made', { ago: format.ago(createdAt) })}
        >
          <Token mono>{name}</Token>
        </Thing>
      ))}
      {certificate !== null && (
        <Thing
          icon={IconCertificate}
          kind={t('sites.delete.kinds.certificate')}
          fate={choices.hasCertificate ? 'goes' : 'stays'}
          size={t('sites.delete.validUntil', { date: format.date(certificate.validUntil) })}
        >
          <Token mono>{certificate.names.join(' ')}</Token>
        </Thing>
      )}
      {cronJobs.map(({ id, name }) => (
        <Thing
          key={id}
          icon={IconCalendarEvent}
          kind={t('sites.delete.kinds.cron_job')}
          fate={choices.hasCronJobs ? 'goes' : 'stays'}
        >
          <bdi>{name}</bdi>
        </Thing>
      ))}
    </ul>
  );
}

type ThingProps = {
  readonly icon: Icon;
  readonly kind: string;
  readonly fate: Fate;
  readonly size?: ReactNode;
  readonly age?: ReactNode;
  readonly children: ReactNode;
};

function Thing({ icon: ThingIcon, kind, fate, size, age, children }: ThingProps) {
  const { t } = useTranslation();
  const isShown = (part: ReactNode): boolean => part !== undefined && part !== false;
  return (
    <li className={classes.item}>
      <ThingIcon size={20} stroke={1.6} className={classes.icon} aria-hidden />
      <div className={classes.thing}>
        <div className={classes.kind}>{kind}</div>
        {children}
      </div>
      <div className={classes.size}>
        {isShown(size) && <div>{size}</div>}
        {isShown(age) && <div className={classes.age}>{age}</div>}
      </div>
      <span className={classes.fate} data-fate={fate}>
        {t(`sites.delete.${fate}`)}
      </span>
    </li>
  );
}
