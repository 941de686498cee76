import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar } from './texts.ts';

const count = 1000;
/** A wheel that is turned fast: a hundred pixels in each frame. */
const steps = 150;
const stepPixels = 100;
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

  // Processor time of scripts, styles and layout: not painting, which a graphics card does elsewhere, and not waiting.
  const devtools = await person.context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    const parts = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];
    return metrics.reduce((sum, { name, value }) => (parts.includes(name) ? sum + value : sum), 0);
  };
  const before = await busySeconds();
  await page.evaluate(`(async () => {
    for (let step = 1; step <= ${steps}; step++) {
      scrollBy(0, ${stepPixels});
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    }
  })()`);
  const msPerStep = ((await busySeconds()) - before) * (1000 / steps);
  console.log(`a frame of scrolling costs ${msPerStep.toFixed(1)} ms`);
  expect(msPerStep).toBeLessThan(25);

  await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
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

it('ALL-12 columns of the list are chosen, kept with the person, and sorted by', async () => {
  const { page } = person;
  await person.goto('/sites');
  const heading = (column: keyof typeof ar.siteColumns.short) =>
    page.getByRole('columnheader').getByText(ar.siteColumns.short[column], { exact: true });
  await heading('updatedAt').waitFor();
  await page.getByRole('button', { name: ar.siteColumns.action, exact: true }).click();
  for (const column of ['updatedAt', 'requests'] as const)
    await page.getByRole('menuitemcheckbox', { name: ar.sites.fields[column], exact: true }).click();
  await heading('updatedAt').waitFor({ state: 'detached' });
  // The figures are measured behind the list and come by themselves.
  await page.getByText(anyOf(ar.siteColumns.measured)).waitFor();
  await page.keyboard.press('Escape');
  await page.reload();
  await heading('requests').click();
  await page
    .getByRole('columnheader', { name: ar.siteColumns.short.requests })
    .and(page.locator('[aria-sort="descending"]'))
    .waitFor();
  expect([new URL(page.url()).searchParams.get('sort'), await heading('updatedAt').count()]).toEqual(['requests', 0]);
  expect(person.problems).toEqual([]);
});

it('ALL-12 some are chosen and changed together: what becomes of each is said, and the job goes on by itself', async () => {
  const { page } = person;
  const { batches } = ar;
  const name = (number: number): string => `site-00${10 + number}.example.com`;
  await person.goto('/sites?sort=name&order=asc&search=site-001');
  const box = (number: number) =>
    page.getByRole('checkbox', { name: batches.select.replace('{{name}}', name(number)), exact: true });
  for (const number of [1, 2]) await box(number).check();
  const bar = page.getByRole('toolbar', { name: batches.bar });
  await bar.getByText(batches.chosen_two, { exact: true }).waitFor();
  await bar.getByRole('button', { name: batches.change.disable, exact: true }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByText(batches.text.disable).waitFor();
  await sheet.getByRole('button', { name: batches.apply_two, exact: true }).click();
  await sheet.getByText(name(2)).waitFor();
  await expect.poll(async () => await sheet.getByText(batches.states.changed, { exact: true }).count()).toBe(2);
  await sheet.getByRole('button', { name: batches.close, exact: true }).click();
  await expect
    .poll(async () => await page.locator('main').getByText(ar.sites.states.off, { exact: true }).count())
    .toBe(2);

  await page.getByRole('checkbox', { name: /^اختيار مواقع هذه القائمة كلها/ }).click();
  await page.getByRole('checkbox', { name: /^اختيار مواقع هذه القائمة كلها/ }).click();
  await bar.getByText(batches.chosen_few.replace('{{value}}', '10'), { exact: true }).waitFor();
  await bar.getByRole('button', { name: batches.more, exact: true }).click();
  await page.getByRole('menuitem', { name: batches.change.https, exact: true }).click();
  await sheet.getByRole('button', { name: batches.apply_few.replace('{{value}}', '10'), exact: true }).click();
  await expect.poll(async () => await sheet.getByText(batches.states.refused, { exact: true }).count()).toBe(10);
  await sheet.getByText(ar.errors.reasons.batch_no_certificate).first().waitFor();
  await sheet.getByRole('button', { name: batches.close, exact: true }).click();
  expect(person.problems).toEqual([]);
});

it('ALL-6 chosen sites are deleted together after one confirmation that shows what goes; one that changed meanwhile stays', async () => {
  const { page } = person;
  const { delete: words, ...batches } = ar.batches;
  await person.goto('/sites?sort=name&order=asc&search=site-001');
  const name = (number: number): string => `site-00${10 + number}.example.com`;
  const box = (number: number) =>
    page.getByRole('checkbox', { name: batches.select.replace('{{name}}', name(number)), exact: true });
  for (const number of [3, 4, 5]) await box(number).check();
  await page.getByRole('button', { name: batches.more, exact: true }).click();
  await page.getByRole('menuitem', { name: words.action, exact: true }).click();
  const sheet = page.getByRole('dialog');
  const list = sheet.getByRole('list', { name: words.list });
  await list.getByText(name(5)).waitFor();
  expect(await list.getByRole('listitem').count()).toBe(3);
  const confirm = sheet.getByRole('button', { name: words.confirm_few.replace('{{value}}', '3'), exact: true });
  const sign = sheet.getByLabel(words.sign.replace('{{value}}', '3'));
  await sign.fill('2');
  expect(await confirm.isDisabled()).toBe(true);
  // Somebody changes one of them after it was shown.
  const { items } = await owner.get<{ items: { id: string }[] }>(`/api/v1/sites?search=${name(4)}`);
  await owner.send('PATCH', `/api/v1/sites/${items[0]?.id ?? ''}`, { remark: 'needed' });
  await sheet.getByRole('radiogroup', { name: words.files }).getByRole('radio', { name: ar.sites.delete.keep }).check();
  await sheet.getByRole('radiogroup', { name: words.logs }).getByRole('radio', { name: ar.sites.delete.keep }).check();
  await sign.fill('3');
  await confirm.click();
  await expect.poll(async () => await sheet.getByText(words.deleted, { exact: true }).count()).toBe(2);
  await sheet.getByText(words.refused, { exact: true }).waitFor();
  await sheet.getByRole('button', { name: batches.close, exact: true }).click();
  await box(3).waitFor({ state: 'detached' });
  expect([await box(4).isChecked(), await box(5).count()]).toEqual([true, 0]);
  expect(person.problems).toEqual([]);
});
