import { filesApi } from '#shared/files.ts';
import { urlOf } from '../../api/client.ts';

/** The browser itself fetches it: bytes of any size never pass the page. */
export function downloadFile(siteId: string, path: string): void {
  fetchByBrowser(urlOf(filesApi.download, { params: { siteId }, query: { path } }));
}

/** As `shared/file-work.ts` has it, whose schemas do not go into the browser. */
const mostDownloaded = 50;
/** What servers and proxies take as an address. */
const longestUrl = 7_000;

/** Several files, or folders with all that is in them, as one archive. False: that is too many at once. */
export function downloadFiles(siteId: string, paths: readonly string[]): boolean {
  const url = urlOf(filesApi.downloadAll, { params: { siteId }, query: { path: [...paths], format: 'zip' } });
  if (paths.length > mostDownloaded || url.length > longestUrl) return false;
  fetchByBrowser(url);
  return true;
}

function fetchByBrowser(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
