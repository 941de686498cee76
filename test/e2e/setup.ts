import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { chromiumArgs, findChromium } from '../chromium.ts';
import { failuresDir, screensDir } from './look-at.ts';
import { webDist } from './panel.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    browser: string;
  }
}

/** One browser for the whole run, with a profile of its own that is thrown away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(webDist, 'index.html'))) throw new Error(`${webDist} is not built: npm run build`);
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install the package chromium or set CHROME_PATH');
  for (const folder of [screensDir, failuresDir]) rmSync(folder, { recursive: true, force: true });
  const server = await chromium.launchServer({
    executablePath,
    headless: true,
    args: chromiumArgs,
  });
  project.provide('browser', server.wsEndpoint());
  return () => server.close();
}
