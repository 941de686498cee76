import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { chromiumArgs, findChromium } from '../chromium.ts';
import { median, type Figure } from './figures.ts';
import type { Code, Panel } from './panel-process.ts';

const rounds = 5;

type Load = { kilobytes: number; requests: number; interactiveMs: number };

/** The dashboard in a browser that was never here: bytes over the wire, and when a person can work. */
export async function measureFirstLoad(code: Code, panel: Panel): Promise<Figure[]> {
  const executablePath = findChromium();
  if (executablePath === undefined) return notRun('no Chromium: install it or set CHROME_PATH');
  if (!existsSync(`${code.webDist}/index.html`)) return notRun('the browser part is not built: npm run build');
  const browser = await chromium.launch({ executablePath, headless: true, args: chromiumArgs });
  try {
    const loads: Load[] = [];
    // The first one starts the browser's own processes.
    for (let round = 0; round <= rounds; round++) {
      const load = await loadDashboard(browser, panel);
      if (round > 0) loads.push(load);
    }
    const requests = Math.max(...loads.map((load) => load.requests));
    const note = `median of ${rounds} with an empty cache, ${requests} requests`;
    return [
      {
        what: 'dashboard, first load',
        unit: 'KB compressed',
        value: median(loads.map(({ kilobytes }) => kilobytes)),
        limit: { atMost: 350 },
        note,
      },
      {
        what: 'dashboard, interactive after',
        unit: 's',
        value: median(loads.map(({ interactiveMs }) => interactiveMs)) / 1000,
        limit: { atMost: 1 },
        note: `${note}; main heading drawn and no long task running`,
      },
    ];
  } finally {
    await browser.close();
  }
}

/** Of somebody who is signed in, with an empty cache. */
export async function signedIn(browser: Browser, panel: Panel): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'ar', viewport: { width: 1440, height: 900 } });
  // Secure as in production: browsers count plain loopback as safe enough for it.
  const { hostname } = new URL(panel.origin);
  await context.addCookies(
    panel.cookie.split('; ').map((cookie) => {
      const [name = '', ...value] = cookie.split('=');
      return { name, value: value.join('='), domain: hostname, path: '/', secure: name.startsWith('__Host-') };
    }),
  );
  return context;
}

async function loadDashboard(browser: Browser, panel: Panel): Promise<Load> {
  const context = await signedIn(browser, panel);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  await page.addInitScript({ content: watchPage });
  await page.goto(`${panel.origin}/`, { waitUntil: 'load' });
  const interactiveMs = await page.evaluate<number>(interactiveAfter);
  await context.close();
  return { kilobytes: bytes / 1024, requests, interactiveMs };
}

/** Runs in the page before its own code: remembers when the heading was drawn and when the last long task ended. */
const watchPage = `
  globalThis.benchSeen = { headingMs: 0, busyUntilMs: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) benchSeen.busyUntilMs = entry.startTime + entry.duration;
  }).observe({ type: 'longtask', buffered: true });
  const benchTimer = setInterval(() => {
    if (document.querySelector('main h1') === null) return;
    clearInterval(benchTimer);
    benchSeen.headingMs = performance.now();
  }, 5);
`;

/** Runs in the page: waits for a quiet second and answers after how many ms the page was usable. */
const interactiveAfter = `(async () => {
  const end = performance.now() + 15000;
  while (benchSeen.headingMs === 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  if (benchSeen.headingMs === 0) throw new Error('the dashboard shows no heading (main h1)');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  // Work a second later belongs to live data, not to the first load.
  const isLoading = benchSeen.busyUntilMs < benchSeen.headingMs + 900;
  return isLoading ? Math.max(benchSeen.headingMs, benchSeen.busyUntilMs) : benchSeen.headingMs;
})()`;

function notRun(note: string): Figure[] {
  return [
    { what: 'dashboard, first load', unit: 'KB compressed', value: null, limit: { atMost: 350 }, note },
    { what: 'dashboard, interactive after', unit: 's', value: null, limit: { atMost: 1 }, note },
  ];
}
