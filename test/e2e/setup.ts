import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { failuresDir, screensDir } from './look-at.ts';
import { webDist } from './panel.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    browser: string;
  }
}

/**
 * Distributions name it differently; CHROME_PATH wins. Debian's chromium-headless-shell takes a fifth less time, but there
 * a passkey is now and then refused while two pages are open.
 */
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** One browser for the whole run, with a profile of its own that is thrown away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(webDist, 'index.html'))) throw new Error(`${webDist} is not built: npm run build`);
  const executablePath = process.env['CHROME_PATH'] ?? programs.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('no Chromium: install the package chromium or set CHROME_PATH');
  for (const folder of [screensDir, failuresDir]) rmSync(folder, { recursive: true, force: true });
  const server = await chromium.launchServer({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  project.provide('browser', server.wsEndpoint());
  return () => server.close();
}
