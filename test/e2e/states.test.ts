import type { Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner } from './ask.ts';
import { findBarriers, findOverflow, keepPicture, picturesAreKept, settle } from './look-at.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, sizes, type Person } from './person.ts';
import { ar } from './texts.ts';

/*
 * What a page looks like when there is nothing yet, while it waits and when the panel fails. With pictures every page in
 * every state, for eyes; without them only that each failure is said without anything serious to axe.
 */

const pages = [
  '/',
  '/sites',
  '/sites/{site}/files',
  '/sites/{site}/traffic',
  '/sites/{site}/logs',
  '/sites/{site}/history',
  '/sites/{site}/https',
  '/sites/{site}/deploy',
  '/sites/{site}/sftp',
  '/databases',
  '/databases/remote',
  '/certificates',
  '/cron',
  '/software',
  '/services',
  '/services/processes',
  '/services/ports',
  '/services/updates',
  '/services/machine',
  '/terminals',
  '/backups',
  '/backups/sets',
  '/backups/runs',
  '/backups/keys',
  '/backups/alerts',
  '/people',
  '/people/roles',
  '/doors',
  '/bans',
  '/audit',
  '/history',
  '/jobs',
  '/import/aapanel',
  '/import/site',
  '/settings',
  '/account',
] as const;

const modes = [
  { mode: 'light', colorScheme: 'light', size: sizes.desktop },
  { mode: 'phone-dark', colorScheme: 'dark', size: sizes.phone },
] as const;

/** What belongs to the frame around the page: without it there is no page to look at. */
const frame = /\/api\/v1\/((me|sign-in|events)(\/|\?|$)|sites\/[a-z0-9]+$)/;

const failure = {
  type: 'about:blank',
  title: 'Internal Server Error',
  status: 500,
  code: 'internal',
  requestId: 'req-0123456789',
};

let panel: Panel;
let person: Person;
let siteId: string;

beforeAll(async () => {
  panel = await startPanel();
  const owner = await createOwner(panel);
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['empty.example.com'],
  });
  siteId = site.id;
  person = await newPerson(panel, { cookie: owner.cookie });
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

async function look(page: Page, name: string, barriers: boolean): Promise<void> {
  for (const { mode, colorScheme, size } of modes) {
    if (!picturesAreKept && mode !== 'light') continue;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    if (barriers) await settle(page);
    await keepPicture(page, `state-${name}-${mode}`);
    if (barriers) expect(await findBarriers(page, 'all'), name).toEqual([]);
    expect(await findOverflow(page), name).toEqual([]);
  }
}

async function answer(page: Page, how: (route: Route) => Promise<void>, path: string): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.route('**/api/v1/**', (route) => (frame.test(route.request().url()) ? route.continue() : how(route)));
  await person.goto(path);
}

describe.runIf(picturesAreKept)('every page in every state', () => {
  it.each(pages)('%s: empty, waiting and failed', async (path) => {
    const { page } = person;
    const at = path.replace('{site}', siteId);
    const name = path === '/' ? 'dashboard' : path.slice(1).replace('{site}/', '').replaceAll('/', '-');
    await answer(page, (route) => route.continue(), at);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await look(page, `empty-${name}`, true);
    await answer(page, () => new Promise(() => undefined), at);
    await page.locator('main').waitFor();
    await page.waitForTimeout(700);
    await look(page, `waiting-${name}`, false);
    await answer(
      page,
      (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(failure) }),
      at,
    );
    await page.locator('main').waitFor();
    await page.waitForTimeout(500);
    await look(page, `failed-${name}`, true);
    expect(person.problems.splice(0).filter((problem) => !problem.includes('500'))).toEqual([]);
  });
});

it('UX-2 a list that the panel cannot answer says so and offers to ask again', async () => {
  const { page } = person;
  const fulfill = { status: 500, contentType: 'application/problem+json', body: JSON.stringify(failure) };
  await answer(page, (route) => route.fulfill(fulfill), '/sites');
  await page.getByRole('alert').getByText(ar.common.failure.title).waitFor();
  await look(page, 'failed-sites', true);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.getByRole('button', { name: ar.common.actions.retry }).click();
  await page.getByText('empty.example.com').first().waitFor();
  person.problems.splice(0);
});
