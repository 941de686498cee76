import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { failuresDir } from './look-at.ts';
import type { Panel } from './panel.ts';

export const sizes = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 820, height: 1100 },
  phone: { width: 390, height: 844 },
} as const;
export type Size = keyof typeof sizes;

export type PersonOptions = {
  readonly language?: 'ar' | 'en';
  readonly theme?: 'light' | 'dark';
  readonly size?: Size;
  /** `name=value; …` of a session; none: nobody is signed in. */
  readonly cookie?: string | undefined;
};

/** Somebody at a browser of their own: no cookies, no storage but what is given. */
export type Person = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Another tab of the same person. */
  newTab(): Promise<Page>;
  /** What must not happen: console errors, CSP violations, uncaught errors, requests to other hosts. */
  readonly problems: string[];
  /** To another page as a link does it, which takes a fraction of loading everything anew; else loads it. */
  goto(path: string): Promise<void>;
  /** Loads everything anew, as whoever types an address does. */
  load(path: string): Promise<void>;
  /** Waits until a toast said this on their page (or another of theirs) as it stands; one that is gone again counts. */
  wasTold(text: string | RegExp, at?: Page): Promise<void>;
  /** Presses a button that copies a text. All tests share one clipboard: another one may have copied since. */
  copies(button: Locator, text: string): Promise<void>;
  leave(): Promise<void>;
};

const open = new Set<BrowserContext>();
let connected: Promise<Browser> | undefined;

/** The one browser of the run. */
export function browser(): Promise<Browser> {
  connected ??= chromium.connect(inject('browser'));
  return connected;
}

export async function newPerson(panel: Panel, options: PersonOptions = {}): Promise<Person> {
  const { language = 'ar', theme = 'light', size = 'desktop', cookie } = options;
  const context = await (await browser()).newContext({
    locale: language,
    timezoneId: 'Asia/Riyadh',
    colorScheme: theme,
    viewport: sizes[size],
    hasTouch: size !== 'desktop',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.addCookies(
    (cookie ?? '').split('; ').flatMap((each) => {
      const [name = '', value = ''] = each.split('=');
      return name === '' ? [] : [{ name, value, url: panel.origin }];
    }),
  );
  const problems: string[] = [];
  await context.exposeBinding('e2eProblem', (_source, text: string) => void problems.push(text));
  await context.addInitScript({
    content: `addEventListener('securitypolicyviolation', (event) =>
      e2eProblem('CSP ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile));
      // Toasts go by themselves, on a busy machine before anybody looked.
      globalThis.e2eToasts = [];
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) if (node instanceof Element)
          for (const toast of [node, ...node.querySelectorAll('[role="alert"]')])
            if (toast.matches('.mantine-Notification-root')) e2eToasts.push(toast.textContent);
      }).observe(document, { childList: true, subtree: true });`,
  });
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${panel.origin}/`) && !/^(data|blob):/.test(url)) problems.push(`foreign request ${url}`);
  });
  context.on('page', (page) => watch(page, panel.origin, problems));
  const page = await context.newPage();
  open.add(context);
  context.on('close', () => void open.delete(context));
  const load = async (path: string): Promise<void> => {
    const url = panel.origin + path;
    const isOpen = url.includes('#') && page.url().split('#')[0] === url.split('#')[0];
    await page.goto(url);
    // Chromium loads nothing for an address that differs in its end alone, and what was open would stay open.
    if (isOpen) await page.reload();
  };
  return {
    context,
    page,
    problems,
    newTab: () => context.newPage(),
    goto: async (path) => {
      if (!(await followLink(page, panel.origin, path))) await load(path);
    },
    load,
    wasTold: async (text, at = page) => {
      const told = () => at.evaluate('e2eToasts.join("\\n")');
      await expect.poll(told, { timeout: 30_000 }).toMatch(text);
    },
    copies: async (button, text) => {
      await button.click();
      const copied = async () => {
        const found = await page.evaluate('navigator.clipboard.readText()');
        if (found !== text) await button.click({ timeout: 2_000 }).catch(() => undefined);
        return found;
      };
      await expect.poll(copied, { timeout: 20_000 }).toBe(text);
    },
    leave: () => context.close(),
  };
}

/**
 * From one page of the panel to another, until the router shows it whole. False, and nothing was done or has come of it: there
 * is no page to go from, it is the same one, or something of the screen before would stay (a dialog of no page, a question).
 */
async function followLink(page: Page, origin: string, path: string): Promise<boolean> {
  const now = new URL(page.url());
  if (now.origin !== origin || now.pathname === path.replace(/[?#].*/, '')) return false;
  if ((await page.getByRole('dialog').count()) > 0) return false;
  // Whoever may not go there may be sent on by a load, which ends this script.
  const isThere = await page
    .evaluate(`(async () => {
    const router = globalThis.__TSR_ROUTER__;
    if (router === undefined || router.state.status !== 'idle') return false;
    const before = router.latestLocation;
    history.pushState({}, '', ${JSON.stringify(path)});
    const end = performance.now() + 5000;
    const isDone = () => router.latestLocation !== before && router.state.status === 'idle' &&
      router.state.resolvedLocation?.href === router.latestLocation.href;
    while (!isDone() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
    return isDone();
  })()`)
    .catch(() => false);
  return isThere === true && (await page.getByRole('dialog').count()) === 0;
}

/** Keeps pictures of everything that is open, named after the test that failed. */
export async function keepFailure(test: string): Promise<void> {
  const name = test.replaceAll(/[^\p{L}\d]+/gu, '-').slice(0, 80);
  for (const [index, page] of [...open].flatMap((context) => context.pages()).entries()) {
    await page.screenshot({ path: join(failuresDir, `${name}-${index}.png`) }).catch(() => undefined);
  }
}

/** Chromium writes a line for each answer with an error status; the page's own handling of it is what the tests look at. */
function isAnswer(text: string, url: string, origin: string): boolean {
  return text.startsWith('Failed to load resource') && url.startsWith(`${origin}/api/`);
}

function watch(page: Page, origin: string, problems: string[]): void {
  page.on('pageerror', (error) => void problems.push(`uncaught ${error.message}`));
  page.on('crash', () => void problems.push('the page crashed'));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url } = message.location();
    if (!isAnswer(message.text(), url, origin)) problems.push(`console ${message.type()}: ${message.text()} ${url}`);
  });
}
