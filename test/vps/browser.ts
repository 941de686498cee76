// A real browser in the namespace of a visitor: it reaches an installed server over the network, as a person does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { chromiumArgs, findChromium } from '../chromium.ts';
import type { Machine } from './machine.ts';
import { namespacePath } from './world.ts';

export type Person = {
  readonly page: Page;
  /** What must not happen: uncaught errors, console errors but those of answers, violations of the page's policy. */
  readonly problems: string[];
  goto(path: string): Promise<void>;
  leave(): Promise<void>;
};

/** Undefined where there is no Chromium. */
export async function openBrowser(machine: Machine): Promise<Browser | undefined> {
  const program = findChromium();
  if (program === undefined) return undefined;
  const path = join(machine.folder, 'browser');
  const enter = `exec nsenter --net=${namespacePath(machine.world, 'client')} -- ${program} "$@"\n`;
  writeFileSync(path, `#!/bin/sh\n${enter}`, { mode: 0o755 });
  return await chromium.launch({ executablePath: path, headless: true, args: chromiumArgs });
}

/** Somebody with a browser of their own. The certificate is the panel's own: its fingerprint is compared elsewhere. */
export async function newPerson(browser: Browser, origin: string, language: 'ar' | 'en'): Promise<Person> {
  const context = await browser.newContext({
    locale: language,
    timezoneId: 'Asia/Riyadh',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true,
  });
  const problems: string[] = [];
  await context.exposeBinding('vpsProblem', (_source, text: string) => void problems.push(text));
  await context.addInitScript({
    content: `addEventListener('securitypolicyviolation', (event) =>
      vpsProblem('CSP ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile));`,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => void problems.push(`uncaught ${error.message}`));
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) problems.push(`console: ${message.text()}`);
  });
  return {
    page,
    problems,
    goto: async (path) => void (await page.goto(origin + path)),
    leave: async () => await context.close(),
  };
}
