import { IconFile, IconFolder, IconLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import classes from './Archives.module.css';
import type { ArchivePreview } from './archives.queries.ts';

const icons = { file: IconFile, folder: IconFolder, link: IconLink } as const;
const firstShown = 12;

/** The first level of an archive as it would come to lie, with what stands there already. */
export function ArchiveItems({ preview }: { readonly preview: ArchivePreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  // What needs a decision comes first.
  const items = preview.items.toSorted((one, other) => Number(other.isThere) - Number(one.isThere));
  const rest = preview.itemCount - Math.min(items.length, firstShown);
  return (
    <div>
      <div className={classes.soft}>
        {t('archives.items.sum', {
          files: format.number(preview.files),
          folders: format.number(preview.folders),
          bytes: format.bytes(preview.bytes),
        })}
      </div>
      <ul className={classes.items} aria-label={t('archives.items.label')}>
        {items.slice(0, firstShown).map((item) => {
          const Sign = icons[item.type];
          return (
            <li key={item.name} className={classes.item}>
              <Sign size={18} stroke={1.6} aria-hidden className={classes.itemIcon} />
              <bdi dir="ltr" className={classes.name}>
                {item.name}
              </bdi>
              {item.isThere && <Status tone="warn">{t('archives.items.isThere')}</Status>}
              <span className={`${classes.itemSize} numbers`}>
                {item.type === 'folder'
                  ? t('archives.items.inFolder', {
                      files: format.number(item.files),
                      bytes: format.bytes(item.bytes),
                    })
                  : format.bytes(item.bytes)}
              </span>
            </li>
          );
        })}
      </ul>
      {rest > 0 && <div className={classes.soft}>{t('archives.items.more', { value: format.number(rest) })}</div>}
    </div>
  );
}
