import { domainToUnicode } from 'node:url';
import type { SiteKind } from '#shared/sites.ts';

/** First page of a new site, in both languages, without anything from elsewhere. For `php` a script that says that PHP runs. */
export function renderWelcome(host: string, kind: SiteKind): string {
  const isPhp = kind === 'php';
  const file = isPhp ? 'index.php' : 'index.html';
  // Shown by the script itself, so that the page proves it; the exact version is nobody's business.
  const runs = isPhp ? ' <?= "PHP ", PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION ?>' : '';
  const name = escapeHtml(domainToUnicode(host) || host);
  return `<!doctype html>
<html lang="ar" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${name}</title>
<style>
:root { color-scheme: light dark; --ink: #10231c; --soft: #5b6f66; --card: #ffffff; --line: #dfe9e4; --mark: #0f9d6b; --back: #f3f8f5 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9f3ee; --soft: #9db3a9; --card: #14211b; --line: #25382f; --mark: #34d399; --back: #0b1410 } }
* { box-sizing: border-box; margin: 0 }
body { min-height: 100vh; display: grid; place-items: center; padding: 2rem; background: var(--back); color: var(--ink);
  font: 400 1.05rem/1.8 "IBM Plex Sans Arabic", "Segoe UI", Tahoma, system-ui, sans-serif }
main { width: min(40rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 1.5rem; padding: clamp(1.75rem, 6vw, 3.5rem);
  box-shadow: 0 1.5rem 4rem -2rem rgb(16 80 55 / .35) }
svg { width: 3.5rem; height: 3.5rem; color: var(--mark) }
h1 { font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.35; margin: 1.25rem 0 .5rem; overflow-wrap: anywhere }
p { color: var(--soft) }
section + section { margin-top: 2rem; padding-top: 2rem; border-top: 1px solid var(--line) }
h2 { font-size: 1.15rem }
code { font: .9em ui-monospace, monospace; background: var(--back); border-radius: .4rem; padding: .1rem .4rem }
</style>
</head>
<body>
<main>
<section>
<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="24" cy="24" r="20"/><path d="m15 25 6 6 12-13"/></svg>
<h1><bdi dir="ltr">${name}</bdi></h1>
<h2>موقعك جاهز ويعمل</h2>
<p>${isPhp ? `يعمل هنا<bdi dir="ltr">${runs}</bdi>. ` : ''}هذه صفحة البداية. استبدل الملف <code dir="ltr">${file}</code> في مجلد الموقع لتظهر صفحتك هنا.</p>
</section>
<section lang="en" dir="ltr">
<h2>Your site is up and running</h2>
<p>${isPhp ? `Running${runs}. ` : ''}This is the start page. Replace the file <code>${file}</code> in the folder of the site to show your own.</p>
</section>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
