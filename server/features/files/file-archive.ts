import { Readable } from 'node:stream';
import { filesApi } from '#shared/files.ts';
import { acceptedLanguage } from '../../core/accepted-language.ts';
import { contentDisposition } from '../../core/content-disposition.ts';
import { route, type App } from '../../core/route.ts';
import { getVisibleSite } from '../sites/sites.logic.ts';

/** Heads the list of what could not go along, which is a file of the archive. */
const leftOutTitles = {
  ar: 'لم تُضمّ هذه الملفات إلى الأرشيف، فأسماؤها أو أنواعها لا تُفكّ بأمان على أنظمة أخرى:',
  en: 'These files are not in the archive: what they are called, or are, cannot be unpacked safely elsewhere:',
} as const;

/** Several files, or a folder with all that is in it, as one file that is sent while it is made. */
export function fileArchiveRoute(app: App): void {
  const { ctx } = app;
  route(
    app,
    filesApi.downloadAll,
    async ({ params, query: { path, format }, actor, requestId, request, reply }) => {
      const { id, slug, name } = await getVisibleSite(ctx, params.siteId, actor);
      const paths = typeof path === 'string' ? [path] : path;
      const leftOutTitle = leftOutTitles[acceptedLanguage(request.headers)];
      const wish = { paths, format, leftOutTitle, withBytes: request.method === 'GET' };
      const { bytes } = await ctx.agent.fetch(
        'files.download_archive',
        { site: { siteId: id, slug }, ...wish },
        { actor, requestId },
      );
      reply.headers({
        'cache-control': 'private, no-store',
        'content-type': 'application/octet-stream',
        'content-disposition': contentDisposition(`${nameOfAll(paths) || name}.${format}`),
      });
      return (bytes ?? Readable.from([])) as unknown as string;
    },
    { isFile: true },
  );
}

/** Of the only one, else of the folder that they are in; `` for the site's own. */
function nameOfAll(paths: readonly string[]): string {
  const [first = ''] = paths;
  const parts = first.split('/');
  return (paths.length === 1 ? parts.at(-1) : parts.at(-2)) ?? '';
}
