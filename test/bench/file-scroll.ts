import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { chromiumArgs, findChromium } from '../chromium.ts';
import type { Figure } from './figures.ts';
import { signedIn } from './first-load.ts';
import type { Code, Panel } from './panel-process.ts';

const seconds = 5;
/** A wheel that is turned fast: four lines of the list in each frame, so that a page of them is asked for several times a second. */
const stepPixels = 160;
const what = 'folder of 100,000 files: scrolling in the browser';

type Given = {
  readonly code: Code;
  readonly panel: Panel;
  /** Of the page with the folder. */
  readonly path: string;
};

/** Frames of the slowest second while a large folder is scrolled from its top. Without a graphics card here: all is drawn by the processor. */
export async function measureScrolling({ code, panel, path }: Given): Promise<Figure[]> {
  const limit = { atLeast: 50 };
  const notRun = (note: string): Figure[] => [{ what, unit: 'fps', value: null, limit, note }];
  const executablePath = findChromium();
  if (executablePath === undefined) return notRun('no Chromium: install it or set CHROME_PATH');
  if (!existsSync(`${code.webDist}/index.html`)) return notRun('the browser part is not built: npm run build');
  const browser = await chromium.launch({ executablePath, headless: true, args: chromiumArgs });
  try {
    const context = await signedIn(browser, panel);
    const page = await context.newPage();
    await page.goto(`${panel.origin}${path}`);
    await page.locator('[role="grid"] tbody [data-entry]').nth(10).waitFor();
    // What is loaded and compiled once is there.
    await page.evaluate(scroll(1));
    const { frames, scrolled, drawn } = await page.evaluate<{ frames: number[]; scrolled: number; drawn: number }>(
      scroll(seconds),
    );
    if (drawn < 10) throw new Error(`only ${drawn} lines are drawn`);
    return [
      {
        what,
        unit: 'fps',
        value: slowestSecond(frames),
        limit,
        note: `the slowest of ${seconds} s, ${Math.round(frames.length / seconds)} on average; ${Math.round(scrolled)} px, drawn without a graphics card`,
      },
    ];
  } finally {
    await browser.close();
  }
}

/** Frames in the second with the fewest, wherever it begins. `frames`: when each was drawn, in ms. */
function slowestSecond(frames: readonly number[]): number {
  const end = frames.at(-1) ?? 0;
  let least = Number.POSITIVE_INFINITY;
  for (const from of frames) {
    if (from + 1_000 > end) break;
    least = Math.min(least, frames.filter((at) => at >= from && at < from + 1_000).length);
  }
  return Number.isFinite(least) ? least : 0;
}

/** Runs in the page. */
const scroll = (length: number): string => `(async () => {
  const from = scrollY;
  const frames = [];
  const end = performance.now() + ${length * 1_000};
  while (performance.now() < end) {
    scrollBy(0, ${stepPixels});
    frames.push(await new Promise(requestAnimationFrame));
  }
  return { frames, scrolled: scrollY - from, drawn: document.querySelectorAll('[role="grid"] tbody [data-entry]').length };
})()`;
