import {
  IconCertificate,
  IconDatabase,
  IconFile,
  IconFileCode,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconFolderFilled,
  IconLink,
  IconMusic,
  IconPhoto,
  IconPlug,
  IconVideo,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FileEntry } from '#shared/files.ts';
import { kindOf, type FileKind } from './file-kinds.ts';
import classes from './Files.module.css';

const icons: Record<FileKind, Icon> = {
  archive: IconFileZip,
  code: IconFileCode,
  data: IconDatabase,
  file: IconFile,
  folder: IconFolderFilled,
  image: IconPhoto,
  key: IconCertificate,
  link: IconLink,
  pdf: IconFileTypePdf,
  sheet: IconFileSpreadsheet,
  sound: IconMusic,
  special: IconPlug,
  text: IconFileText,
  video: IconVideo,
};

type FileIconProps = { readonly entry: Pick<FileEntry, 'name' | 'type'>; readonly size: number };

/** What something is, by its name. */
export function FileIcon({ entry, size }: FileIconProps) {
  const { t } = useTranslation();
  const KindIcon = icons[kindOf(entry)];
  return (
    <KindIcon
      size={size}
      stroke={size > 30 ? 1.2 : 2}
      className={classes.icon}
      data-type={entry.type}
      aria-label={t(`files.types.${entry.type}`)}
    />
  );
}
