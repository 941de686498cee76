import type { FileEntry } from '#shared/files.ts';

export type FileKind =
  | 'archive'
  | 'code'
  | 'data'
  | 'file'
  | 'folder'
  | 'image'
  | 'key'
  | 'link'
  | 'pdf'
  | 'sheet'
  | 'sound'
  | 'special'
  | 'text'
  | 'video';

const endings: Partial<Record<FileKind, string>> = {
  archive: '7z bz2 gz rar tar tgz xz zip zst',
  code: 'c cjs conf cpp css go h htaccess htm html ini java js json jsx lua mjs php phtml pl py rb rs scss sh ts tsx vue xml yaml yml',
  data: 'db dump sql sqlite sqlite3',
  image: 'avif bmp gif heic ico jpeg jpg png psd svg tif tiff webp',
  key: 'crt csr key pem pub',
  pdf: 'pdf',
  sheet: 'csv ods tsv xls xlsx',
  sound: 'aac flac m4a mp3 ogg opus wav',
  text: 'doc docx log md odt rtf txt',
  video: 'avi m4v mkv mov mp4 mpeg mpg webm wmv',
};
const kinds = new Map<string, FileKind>(
  Object.entries(endings).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as FileKind] as const)),
);

/** By the ending of the name: what is really in it nobody has looked at. */
export function kindOf({ name, type }: Pick<FileEntry, 'name' | 'type'>): FileKind {
  if (type !== 'file') return type;
  const dot = name.lastIndexOf('.');
  return (dot < 0 ? undefined : kinds.get(name.slice(dot + 1).toLowerCase())) ?? 'file';
}
