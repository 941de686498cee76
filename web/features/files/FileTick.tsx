import { useTranslation } from 'react-i18next';
import classes from './FileTick.module.css';

type FileTickProps = { readonly name: string; readonly isSelected: boolean };

/** Shows and says whether an entry is selected; what holds all entries hears the press. One element, for folders of any size. */
export function FileTick({ name, isSelected }: FileTickProps) {
  const { t } = useTranslation();
  return (
    <input
      type="checkbox"
      className={classes.tick}
      tabIndex={-1}
      checked={isSelected}
      readOnly
      aria-label={t('files.select', { name })}
    />
  );
}
