import { IconFileCode, IconFileText, IconFolder, IconFolderCog, IconUser } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import type { RemovalPreview } from './sites.queries.ts';
import classes from './SiteDelete.module.css';

const icons = {
  config: IconFileCode,
  custom: IconFileCode,
  files: IconFolder,
  logs: IconFileText,
  php_data: IconFolderCog,
  linux_user: IconUser,
} as const;

type RemovalListProps = {
  readonly items: RemovalPreview['items'];
  readonly files: 'keep' | 'recycle';
};

/** Each thing of the site with its size, number of files and age, and what becomes of it. */
export function RemovalList({ items, files }: RemovalListProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className={classes.list}>
      {items.map((item) => {
        const ItemIcon = icons[item.kind];
        const isMoved = item.kind === 'files' || item.kind === 'logs';
        const fate = isMoved ? (files === 'keep' ? 'stays' : 'moves') : 'goes';
        return (
          <li key={item.path} className={classes.item}>
            <ItemIcon size={20} stroke={1.6} className={classes.icon} aria-hidden />
            <div className={classes.thing}>
              <div className={classes.kind}>{t(`sites.delete.kinds.${item.kind}`)}</div>
              <Token mono>{item.path}</Token>
            </div>
            <div className={classes.size}>
              {item.kind !== 'linux_user' && item.kind !== 'php_data' && (
                <>
                  <div>
                    {item.isTruncated && '≥ '}
                    {format.bytes(item.sizeBytes)}
                    {item.fileCount > 0 && (
                      <>
                        {' · '}
                        {t('sites.delete.files', { count: item.fileCount, value: format.number(item.fileCount) })}
                      </>
                    )}
                  </div>
                  {item.newestAt !== null && (
                    <div className={classes.age}>{t('sites.delete.newest', { ago: format.ago(item.newestAt) })}</div>
                  )}
                </>
              )}
            </div>
            <span className={classes.fate} data-fate={fate}>
              {t(`sites.delete.${fate}`)}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
