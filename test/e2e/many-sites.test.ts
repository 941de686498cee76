import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar } from './texts.ts';

const count = 1000;
let panel: Panel;
let owner: Asker;
let person: Person;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  for (let from = 0; from < count; from += 10) {
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        owner.send('POST', '/api/v1/sites', {
          kind: 'static',
          domains: [`site-${String(from + index).padStart(4, '0')}.example.com`],
        }),
      ),
    );
  }
  person = await newPerson(panel, { cookie: owner.cookie });
}, 120_000);
afterAll(async () => {
  await person.leave();
  await panel.close();
});

it('UX-6 a thousand sites scroll smoothly: few rows stand in the document, and each is the right one', async () => {
  const { page } = person;
  await person.goto('/sites?sort=name&order=asc');
  await page.getByText('site-0000.example.com').first().waitFor();
  const rows = page.locator('main [data-index]');
  expect(await rows.count()).toBeLessThan(60);

  // A frame that takes long is a scroll that stutters.
  const slowFrames = (await page.evaluate(`(async () => {
    const times = [];
    let last = performance.now();
    const height = document.documentElement.scrollHeight - innerHeight;
    for (let step = 1; step <= 90; step++) {
      scrollTo(0, (height * step) / 90);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times.sort((a, b) => b - a).slice(0, 90);
  })()`)) as number[];
  const median = slowFrames[Math.floor(slowFrames.length / 2)] ?? 0;
  expect(median).toBeLessThan(100);

  await page.getByText('site-0999.example.com').first().waitFor();
  expect(await rows.count()).toBeLessThan(60);
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(count + 1));
  expect(person.problems).toEqual([]);
});

it('ALL-12 one of a thousand sites is found while typing, and the address keeps the search', async () => {
  const { page } = person;
  await person.goto('/sites');
  await page.getByRole('searchbox', { name: ar.sites.list.search }).fill('site-0537');
  await page.getByText('site-0537.example.com').first().waitFor();
  await page.getByText(ar.sites.list.found_one).waitFor();
  expect(new URL(page.url()).searchParams.get('search')).toBe('site-0537');
  await page.reload();
  await page.getByText('site-0537.example.com').first().waitFor();
  expect(person.problems).toEqual([]);
});
