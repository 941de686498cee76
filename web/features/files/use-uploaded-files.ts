import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { whenUploaded } from './uploads.ts';

/** Folders are read anew when something came into them; thousands of small files do so once in a while. */
export function useUploadedFiles(siteId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const end = whenUploaded((uploadedTo) => {
      if (uploadedTo !== siteId) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['site', siteId, 'files'] });
        void client.invalidateQueries({ queryKey: ['site', siteId, 'file-bin'] });
      }, 400);
    });
    return () => {
      window.clearTimeout(timer);
      end();
    };
  }, [client, siteId]);
}
