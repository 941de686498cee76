import { existsSync } from 'node:fs';

/** The one that has no window to draw takes a seventh less processor time. Distributions name it differently; CHROME_PATH wins. */
const programs = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The distribution's Chromium, or undefined. */
export function findChromium(): string | undefined {
  return process.env['CHROME_PATH'] ?? programs.find((path) => existsSync(path));
}

/*
 * The window around a page: Chromium builds the pop-up of its address bar, two pages of its own, for every new window, which
 * takes more than a second of processor time and no test ever sees. The last `--disable-features` counts, so the rest is
 * what Playwright switches off by itself.
 */
const features = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/** For a browser that is thrown away and speaks to nobody but the panel. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--disable-features=${features.join(',')}`,
];
