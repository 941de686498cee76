import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppError } from '#shared/errors.ts';
import type { Context } from '../context.ts';
import { sendProblem } from './error-handler.ts';
import { answerHeaders, hstsHeaders } from './security-headers.ts';

/**
 * Tells who is refused at the door why: a page in both languages to a browser that opens one, because the application is
 * refused as well; the problem to everybody else.
 */
export function sendRefusal(
  ctx: Pick<Context, 'clock' | 'doors'>,
  request: FastifyRequest,
  reply: FastifyReply,
  error: AppError,
): void {
  reply.headers({ ...answerHeaders, ...hstsHeaders(ctx, request), 'x-request-id': request.id });
  const isPage = request.method === 'GET' && !request.url.startsWith('/api');
  if (!isPage || !(request.headers.accept ?? '').includes('text/html')) {
    sendProblem(reply, error);
    return;
  }
  const { ar, en } = wordsOf(error);
  reply
    .code(error.status)
    .header('content-type', 'text/html; charset=utf-8')
    .send(
      `<!doctype html>\n<html lang="ar" dir="rtl">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>aaPanel</title>\n<p>${ar}</p>\n<p lang="en" dir="ltr">${en}</p>\n</html>\n`,
    );
}

/** Nothing in them comes from the request. */
function wordsOf({ reason, params }: AppError): { readonly ar: string; readonly en: string } {
  if (reason !== 'banned') {
    return {
      ar: 'لا يُسمح بفتح اللوحة من هذا العنوان. على الخادم: <bdi dir="ltr">aapanel doors open</bdi>',
      en: 'The panel may not be opened from this address. On the server: aapanel doors open',
    };
  }
  const until = String(params['until'] ?? '')
    .replace('T', ' ')
    .slice(0, 16);
  return until === ''
    ? {
        ar: 'هذا العنوان محظور. على الخادم: <bdi dir="ltr">aapanel unban</bdi>',
        en: 'This address is banned. On the server: aapanel unban',
      }
    : {
        ar: `هذا العنوان محظور حتى <bdi dir="ltr">${until} UTC</bdi>. على الخادم: <bdi dir="ltr">aapanel unban</bdi>`,
        en: `This address is banned until ${until} UTC. On the server: aapanel unban`,
      };
}
