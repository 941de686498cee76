import { filesApi } from '#shared/files.ts';
import { urlOf } from '../../api/client.ts';

/** The browser itself fetches it: bytes of any size never pass the page. */
export function downloadFile(siteId: string, path: string): void {
  const link = document.createElement('a');
  link.href = urlOf(filesApi.download, { params: { siteId }, query: { path } });
  link.download = '';
  link.click();
}
