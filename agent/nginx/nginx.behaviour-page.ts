import type { PageColour } from '#shared/behaviour/pages.ts';

/*
 * The page of an error or of a closed site: one HTML text without anything from elsewhere. What people wrote is shown as
 * text; `$` never stands in it, since nginx would read a variable.
 */

type PageFacts = {
  readonly kind: 'maintenance' | 'ended' | 'off' | number;
  /** Empty: the words of the panel, in both languages. */
  readonly title: string;
  readonly text: string;
  readonly colour: PageColour;
  readonly until: string | null;
};

const words: Readonly<
  Record<string, { readonly ar: readonly [string, string]; readonly en: readonly [string, string] }>
> = {
  maintenance: {
    ar: ['الموقع تحت الصيانة', 'نُجري بعض التحسينات، وسيعود الموقع قريبًا.'],
    en: ['Down for maintenance', 'We are making some improvements and will be back soon.'],
  },
  ended: {
    ar: ['انتهت مدة هذا الموقع', 'لم يعد الموقع متاحًا. إن كنت صاحبه فتواصل مع مستضيفك.'],
    en: ['This site has ended', 'It is no longer available. If it is yours, ask whoever hosts it.'],
  },
  off: {
    ar: ['الموقع متوقف', 'أوقفه القائمون عليه. عُد لزيارته لاحقًا.'],
    en: ['This site is switched off', 'Those who run it have stopped it. Please come back later.'],
  },
  403: {
    ar: ['الدخول غير مسموح', 'ليس لديك إذن لفتح هذه الصفحة.'],
    en: ['Access denied', 'You do not have permission to open this page.'],
  },
  404: {
    ar: ['الصفحة غير موجودة', 'ربما نُقلت الصفحة أو كُتب عنوانها خطأً.'],
    en: ['Page not found', 'It may have been moved, or the address was mistyped.'],
  },
  500: {
    ar: ['حدث خطأ في الموقع', 'تعذّر إكمال الطلب. حاول بعد قليل.'],
    en: ['Something went wrong', 'The request could not be completed. Try again in a moment.'],
  },
};
const away: (typeof words)[string] = {
  ar: ['الموقع غير متاح الآن', 'لا يستجيب الموقع في هذه اللحظة. حاول بعد قليل.'],
  en: ['Temporarily unavailable', 'The site is not answering at the moment. Try again in a moment.'],
};

const colours: Readonly<Record<PageColour, readonly [string, string, string, string]>> = {
  plain: ['#f6f7f8', '#fff', '#1a2229', '#5a6670'],
  green: ['#e6f4ee', '#fff', '#0f3a2b', '#47685b'],
  blue: ['#e8f0fb', '#fff', '#152c4e', '#4f6483'],
  sand: ['#f7f1e6', '#fffdf9', '#3d2f18', '#776546'],
  night: ['#10161c', '#182129', '#e8edf1', '#a0acb6'],
};

export function renderPage({ kind, title, text, colour, until }: PageFacts): string {
  const [back, card, ink, soft] = colours[colour];
  const { ar, en } = words[String(kind)] ?? away;
  const isOwn = title !== '' || text !== '';
  const time =
    until === null ? '' : `<p><time dir="ltr">${escapeHtml(until.slice(0, 16).replace('T', ' '))} UTC</time></p>`;
  const body = isOwn
    ? `<section dir="auto"><h1>${escapeHtml(title === '' ? `${ar[0]} · ${en[0]}` : title)}</h1>${paragraph(text)}</section>`
    : `<section><h1>${ar[0]}</h1><p>${ar[1]}</p></section><section lang="en" dir="ltr"><h2>${en[0]}</h2><p>${en[1]}</p></section>`;
  const number = typeof kind === 'string' ? '' : `<b dir="ltr">${kind}</b>`;
  return [
    '<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">',
    `<title>${escapeHtml(title === '' ? `${ar[0]} · ${en[0]}` : title.replaceAll('\n', ' '))}</title><style>`,
    '*{box-sizing:border-box;margin:0}',
    `body{min-height:100vh;display:grid;place-items:center;padding:2rem;background:${back};color:${ink};`,
    'font:400 1.05rem/1.8 "IBM Plex Sans Arabic","Segoe UI",Tahoma,system-ui,sans-serif}',
    `main{width:min(36rem,100%);background:${card};border-radius:1.5rem;padding:clamp(1.75rem,6vw,3.5rem);`,
    'box-shadow:0 1.5rem 4rem -2rem rgb(0 0 0/.25)}',
    `b{font-size:.95rem;letter-spacing:.08em;color:${soft}}h1,h2{line-height:1.35;overflow-wrap:anywhere}`,
    'h1{font-size:clamp(1.5rem,5vw,2.1rem)}h2{font-size:1.15rem}',
    `p{color:${soft};margin-top:.5rem;overflow-wrap:anywhere}`,
    `section+section{margin-top:1.75rem;padding-top:1.75rem;border-top:1px solid color-mix(in srgb,${soft} 25%,transparent)}`,
    `</style></head><body><main>${number}${body}${time}</main></body></html>`,
  ].join('');
}

function paragraph(text: string): string {
  return text === '' ? '' : `<p>${escapeHtml(text)}</p>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'$\\]/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll('\n', '<br>');
}
