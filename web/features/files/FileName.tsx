import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FileEntry } from '#shared/files.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import classes from './Files.module.css';

type FileNameProps = {
  readonly entry: FileEntry;
  /** Characters of it that are shown. */
  readonly max: number;
};

/** A name; that of a folder opens it, with Ctrl in a tab of its own, as links do. */
export function FileName({ entry: { name, type }, max }: FileNameProps) {
  if (type !== 'folder') return <ForeignText max={max}>{name}</ForeignText>;
  return (
    <button type="button" tabIndex={-1} className={classes.open} data-part="open">
      <ForeignText max={max}>{name}</ForeignText>
    </button>
  );
}

/** Where every user of the server may write. */
export function OpenToAll({ entry: { mode, type } }: { readonly entry: FileEntry }) {
  const { t } = useTranslation();
  if ((mode & 0o002) === 0 || type === 'link') return null;
  return <IconAlertTriangle size={15} className={classes.warn} aria-label={t('files.anyoneWrites')} />;
}
