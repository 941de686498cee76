/*
 * What somebody sees who was given a link to a file: no part of the application, no script, nothing of the panel but its
 * name. Everything that comes from a site is text here.
 */

export type PageLanguage = 'ar' | 'en';
/** `gone`: one page for every reason why nothing is to be had here. */
export type LinkNotice = 'gone' | 'unavailable' | 'tooMany';

const texts = {
  ar: {
    title: 'ملف للتنزيل',
    size: 'الحجم',
    expires: 'صالح حتى',
    password: 'كلمة المرور',
    passwordHint: 'الملف محمي بكلمة مرور. اطلبها ممن أرسل إليك الرابط.',
    wrong: 'كلمة المرور غير صحيحة.',
    download: 'تنزيل',
    other: 'English',
    units: ['بايت', 'ك.ب', 'م.ب', 'ج.ب', 'ت.ب'],
    notices: {
      gone: ['هذا الرابط غير صالح', 'ربما انتهت مدته أو أُبطل أو لم يُنسخ كاملًا. اطلب رابطًا جديدًا ممن أرسله إليك.'],
      unavailable: ['الملف غير متاح الآن', 'أعد المحاولة بعد قليل.'],
      tooMany: ['محاولات كثيرة', 'انتظر بضع دقائق ثم أعد المحاولة.'],
    },
  },
  en: {
    title: 'A file to download',
    size: 'Size',
    expires: 'Available until',
    password: 'Password',
    passwordHint: 'A password protects this file. Ask whoever sent you the link for it.',
    wrong: 'This password is not right.',
    download: 'Download',
    other: 'العربية',
    units: ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
    notices: {
      gone: [
        'This link does not work',
        'It may have expired, been revoked, or not been copied whole. Ask whoever sent it to you for a new one.',
      ],
      unavailable: ['The file is not available now', 'Try again in a little while.'],
      tooMany: ['Too many tries', 'Wait a few minutes, then try again.'],
    },
  },
} as const;

export type LinkPage = {
  readonly token: string;
  /** As the panel writes names: what is no text in it is `\xNN`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly expiresAt: number;
  readonly asksPassword: boolean;
  readonly isWrong: boolean;
};

/** A page of its own for one file. */
export function renderLinkPage(page: LinkPage, language: PageLanguage, nonce: string): string {
  const t = texts[language];
  const facts = [
    [t.size, `<bdi>${escape(sizeText(page.sizeBytes, language))}</bdi>`],
    [t.expires, `<bdi><time>${escape(instantText(page.expiresAt, language))}</time></bdi>`],
  ];
  const form = page.asksPassword
    ? `<form method="post" action="?lang=${language}">
<p id="hint">${escape(t.passwordHint)}</p>
<label for="password">${escape(t.password)}</label>
<input id="password" name="password" type="password" dir="ltr" required maxlength="128" autocomplete="off" autofocus aria-describedby="hint${page.isWrong ? ' wrong' : ''}"${page.isWrong ? ' aria-invalid="true"' : ''}>
${page.isWrong ? `<p id="wrong" class="wrong" role="alert">${escape(t.wrong)}</p>\n` : ''}<button type="submit">${escape(t.download)}</button>
</form>`
    : `<a class="button" href="/s/${page.token}/file">${escape(t.download)}</a>`;
  return shell(
    language,
    nonce,
    t.title,
    `<p class="kind">${escape(t.title)}</p>
<h1><bdi>${escape(seen(page.name))}</bdi></h1>
<dl>${facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`).join('')}</dl>
${form}`,
  );
}

/** Says why nothing is to be had, and nothing of the link. */
export function renderLinkNotice(notice: LinkNotice, language: PageLanguage, nonce: string): string {
  const [title, text] = texts[language].notices[notice];
  return shell(language, nonce, title, `<h1>${escape(title)}</h1>\n<p>${escape(text)}</p>`);
}

function shell(language: PageLanguage, nonce: string, title: string, main: string): string {
  const other = language === 'ar' ? 'en' : 'ar';
  return `<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>${escape(title)} · aaPanel</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${main}
</main>
<footer><a href="?lang=${other}" lang="${other}" hreflang="${other}">${escape(texts[language].other)}</a></footer>
</body>
</html>
`;
}

/** Logical sides only, so that one sheet serves both directions. */
const style = `
:root { --page: #f0f2f4; --card: #fff; --text: #171d23; --dim: #5b6670; --line: #d5dade; --brand: #0e685e; --on: #fff; --bad: #b92533; color-scheme: light dark }
@media (prefers-color-scheme: dark) {
  :root { --page: #0f151a; --card: #1a2229; --text: #e6eaed; --dim: #a3afb8; --line: #37424b; --brand: #76d2c2; --on: #0a0f13; --bad: #ff9ba3 }
}
* { box-sizing: border-box }
body { margin: 0; min-block-size: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1rem; padding: 1.5rem 1rem;
  background: var(--page); color: var(--text); font: 1rem/1.7 "IBM Plex Sans Arabic", system-ui, "Segoe UI", "Noto Sans Arabic", Tahoma, sans-serif; overflow-wrap: anywhere }
main { inline-size: 100%; max-inline-size: 27rem; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px }
.kind { margin: 0; color: var(--dim); font-size: .875rem }
h1 { margin: 0; font-size: 1.25rem; line-height: 1.5 }
dl { margin-block: 1.25rem; border-block: 1px solid var(--line); padding-block: .5rem }
dl div { display: flex; justify-content: space-between; gap: 1rem; padding-block: .25rem }
dt { color: var(--dim); white-space: nowrap }
dd { margin: 0; text-align: end; font-variant-numeric: tabular-nums }
form p { margin: 0 0 .75rem; color: var(--dim); font-size: .9rem }
label { display: block; font-weight: 600; font-size: .9rem; margin-block-end: .35rem }
input { inline-size: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--dim); border-radius: 9px; margin-block-end: .75rem }
input[aria-invalid] { border-color: var(--bad) }
form .wrong { color: var(--bad) }
button, .button { display: block; inline-size: 100%; padding: .7rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--on); background: var(--brand); border: 0; border-radius: 9px; cursor: pointer }
:focus-visible { outline: 2px solid var(--brand); outline-offset: 2px }
footer a { color: var(--dim); font-size: .875rem }
`;

function sizeText(sizeBytes: number, language: PageLanguage): string {
  const { units } = texts[language];
  let [size, unit] = [sizeBytes, 0];
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const maximumFractionDigits = unit === 0 || size >= 100 ? 0 : 1;
  return `${new Intl.NumberFormat(localeOf(language), { maximumFractionDigits }).format(size)} ${units[unit] ?? ''}`;
}

/** In UTC, and said to be: nobody knows the clock of who reads it. */
function instantText(at: number, language: PageLanguage): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    dateStyle: 'long',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: 'UTC',
  })
    .format(at)
    .concat(' UTC');
}

function localeOf(language: PageLanguage): string {
  return language === 'ar' ? 'ar-u-nu-latn' : 'en-GB';
}

/** What is not seen, or turns the direction of a text, is shown by its number: a name must not look like another. */
function seen(name: string): string {
  return name.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (char) => `[U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
