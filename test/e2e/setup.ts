import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserServer } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { failuresDir, screensDir } from './look-at.ts';
import { webDist } from './panel.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    browser: string;
    /** One with windows. Without them a passkey is now and then refused while two pages are open. */
    wholeBrowser: string;
  }
}

/** Distributions name it differently; CHROME_PATH wins. Debian's one without windows takes a fifth less time. */
const wholePrograms = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const programs = ['/usr/bin/chromium-headless-shell', ...wholePrograms];

const findBrowser = (among: readonly string[]): string | undefined =>
  process.env['CHROME_PATH'] ?? among.find((path) => existsSync(path));

/** The browsers of the whole run, each with a profile of its own that is thrown away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(join(webDist, 'index.html'))) throw new Error(`${webDist} is not built: npm run build`);
  const program = findBrowser(programs);
  const wholeProgram = findBrowser(wholePrograms);
  if (program === undefined || wholeProgram === undefined)
    throw new Error('no Chromium: install the package chromium or set CHROME_PATH');
  for (const folder of [screensDir, failuresDir]) rmSync(folder, { recursive: true, force: true });
  const server = await launch(program);
  const wholeServer = program === wholeProgram ? server : await launch(wholeProgram);
  project.provide('browser', server.wsEndpoint());
  project.provide('wholeBrowser', wholeServer.wsEndpoint());
  return async () => void (await Promise.all([server.close(), wholeServer.close()]));
}

async function launch(executablePath: string): Promise<BrowserServer> {
  return await chromium.launchServer({
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
}
