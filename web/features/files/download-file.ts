import { filesApi } from '#shared/files.ts';
import { asSignedIn, errorOf, urlOf } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

/** The browser itself fetches it: bytes of any size never pass the page. */
export function downloadFile(siteId: string, path: string): void {
  fetchByBrowser(urlOf(filesApi.download, { params: { siteId }, query: { path } }));
}

/** As `shared/file-work.ts` has it, whose schemas do not go into the browser. */
const mostDownloaded = 50;
/** What servers and proxies take as an address. */
const longestUrl = 7_000;

/**
 * Several files, or folders with all that is in them, as one archive. False: that is too many at once. Throws ApiError where
 * the panel refuses it: asked before, since a browser says nothing of a download that fails but that it did.
 */
export async function downloadFiles(siteId: string, paths: readonly string[]): Promise<boolean> {
  const url = urlOf(filesApi.downloadAll, { params: { siteId }, query: { path: [...paths], format: 'zip' } });
  if (paths.length > mostDownloaded || url.length > longestUrl) return false;
  await asSignedIn(() => mayDownload(url));
  fetchByBrowser(url);
  return true;
}

/** Its headers alone first; only a refusal is asked for again, with its reason. */
async function mayDownload(url: string): Promise<void> {
  const ending = new AbortController();
  const ask = async (method: 'GET' | 'HEAD'): Promise<Response> => {
    try {
      return await fetch(url, {
        method,
        headers: { 'x-aapanel': '1' },
        credentials: 'same-origin',
        signal: ending.signal,
      });
    } catch (error) {
      throw new ApiError({ code: 'offline' }, error);
    }
  };
  if ((await ask('HEAD')).ok) return;
  const said = await ask('GET');
  if (!said.ok) throw await errorOf(said);
  // It was possible after all by then.
  ending.abort();
}

function fetchByBrowser(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
