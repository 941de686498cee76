import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import type { FileEntry } from '#shared/files.ts';
import { FileIcon } from './FileIcon.tsx';
import { mayHaveThumbnail, thumbnailQuery } from './file-thumbnails.ts';
import classes from './FilesGrid.module.css';

type FileThumbnailProps = { readonly siteId: string; readonly path: string; readonly entry: FileEntry };

/** A small image as itself, everything else by its icon. */
export function FileThumbnail({ siteId, path, entry }: FileThumbnailProps) {
  const icon = <FileIcon entry={entry} size={46} />;
  return mayHaveThumbnail(entry) ? <Picture {...{ siteId, path, entry, icon }} /> : icon;
}

function Picture({ siteId, path, entry, icon }: FileThumbnailProps & { readonly icon: ReactNode }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { data } = useQuery(thumbnailQuery(siteId, path, entry));
  useLayoutEffect(() => {
    if (data === undefined || canvas.current === null) return;
    canvas.current.width = data.width;
    canvas.current.height = data.height;
    canvas.current.getContext('2d')?.drawImage(data, 0, 0);
  }, [data]);
  if (data === undefined) return icon;
  return <canvas ref={canvas} className={classes.picture} aria-hidden />;
}
