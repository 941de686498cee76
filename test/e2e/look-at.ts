import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Screenshots of this run when they were asked for, one file per screen and mode. */
export const screensDir = join(import.meta.dirname, '..', '..', 'test-results', 'screens');

/** Where tests stood when they failed. */
export const failuresDir = join(import.meta.dirname, '..', '..', 'test-results', 'failures');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = {
  readonly impact: string;
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly html: string }[];
};

/**
 * What stands around every page, as it stood when nothing was wrong: looked at once in each width and colour scheme, and
 * again when anything of it or above it is different, as the link of the page that is open.
 */
const rightAround = new Set<string>();

/**
 * What axe calls serious or critical, one line each. `colours`: only what another colour scheme can change; `layout`: only
 * what another width can.
 */
export async function findBarriers(page: Page, what: 'all' | 'colours' | 'layout' = 'all'): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(`${axe};0`);
  const { violations, around } = (await page.evaluate(
    `(${look})(${JSON.stringify(what)}, new Set(${JSON.stringify([...rightAround])}))`,
  )) as { violations: Violation[]; around: string[] };
  const found = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  if (found.length === 0) for (const each of around) rightAround.add(each);
  return found.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ target, html }) => `${id} ${target.join(' ')} ${html.slice(0, 160)}`),
  );
}

const look = `async (what, known) => {
  const around = [];
  const isKnown = (element) => {
    let text = what + innerWidth + element.outerHTML;
    for (let each = element.parentElement; each !== null; each = each.parentElement) text += each.cloneNode().outerHTML;
    let [one, other] = [0, 1];
    for (let at = 0; at < text.length; at++) {
      one = Math.imul(one ^ text.charCodeAt(at), 0x85ebca6b) + at;
      other = Math.imul(other ^ text.charCodeAt(at), 0xc2b2ae35) ^ (one >>> 15);
    }
    const key = one.toString(36) + other.toString(36);
    around.push(key);
    return known.has(key);
  };
  const exclude = [...document.querySelectorAll(':has(> main) > :is(aside, header)')].flatMap((side) =>
    isKnown(side) ? [side] : [...side.querySelectorAll('a, button')].filter(isKnown));
  // What is never more than moderate takes a quarter of the time and is not told.
  const isMild = ({ impact }) => impact === 'minor' || impact === 'moderate';
  const colours = ['color-contrast', 'link-in-text-block'];
  const off = [...axe._audit.rules.filter(isMild).map(({ id }) => id), ...(what === 'layout' ? colours : [])];
  const { violations } = await axe.run({ include: [document], exclude }, {
    ...(what === 'colours' ? { runOnly: colours } : { rules: Object.fromEntries(off.map((id) => [id, { enabled: false }])) }),
    resultTypes: ['violations'],
    preload: false,
  });
  return {
    around,
    violations: violations.map(({ impact, id, nodes }) =>
      ({ impact, id, nodes: nodes.map(({ target, html }) => ({ target, html })) })),
  };
}`;

/** By how many pixels the document is wider than the window: 0, or something sticks out. */
export async function findOverflow(page: Page): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    // Only what sticks out at the end of the lines makes the document wider.
    const isRtl = getComputedStyle(root).direction === 'rtl';
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (isRtl ? left < -1 : right > root.clientWidth + 1);
    });
    return ['document is ' + root.scrollWidth + ' px wide in ' + root.clientWidth,
      ...wide.slice(0, 4).map((element) => element.tagName + '.' + element.className)];
  })()`)) as string[];
}

/** Waits until nothing moves: fonts are there, skeletons gone, animations over. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    await document.fonts.ready;
    const end = performance.now() + 5000;
    const isBusy = () =>
      document.querySelector('main [aria-busy="true"], .mantine-Skeleton-root') !== null ||
      document.getAnimations().some(({ playState, effect }) =>
        playState === 'running' && effect !== null && effect.getComputedTiming().iterations !== Infinity);
    do await new Promise((resolve) => setTimeout(resolve, 60));
    while (isBusy() && performance.now() < end);
  })()`);
}

/** Only when somebody wants to look at them: `AAPANEL_PICTURES=1`. */
export const picturesAreKept = process.env['AAPANEL_PICTURES'] === '1';

export async function keepPicture(page: Page, name: string): Promise<void> {
  if (!picturesAreKept) return;
  mkdirSync(screensDir, { recursive: true });
  await page.screenshot({ path: join(screensDir, `${name}.png`) });
}
