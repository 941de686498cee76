import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPerson, createOwner, password, signIn } from './ask.ts';
import { sortAndSearch } from './list-views.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar } from './texts.ts';

let panel: Panel;
let person: Person;
const words = ar.cron;

beforeAll(async () => {
  panel = await startPanel();
  const owner = await createOwner(panel);
  person = await newPerson(panel, { cookie: owner.cookie });
});
afterAll(async () => {
  await person?.leave();
  await panel?.close();
});

const field = (label: string) => person.page.getByLabel(label, { exact: true });
const script = () => person.page.getByRole('textbox', { name: words.form.script, exact: true });
const button = (name: string) => person.page.getByRole('button', { name, exact: true });

it('a job of root is made after the next five runs were seen and the person confirmed, and not before', async () => {
  const { page } = person;
  await person.goto('/cron');
  await page.getByText(words.none).waitFor();
  await button(words.new).click();
  await button(words.form.create).click();
  await page.getByText(ar.errors.fields.required).first().waitFor();
  await field(words.form.name).fill('نسخة ليلية');
  await script().fill('echo first line\necho 50%');
  await field(words.form.every).selectOption('cron');
  await field(words.form.expression).fill('61 * * * *');
  await page.getByText(words.form.nextNone).waitFor();
  await button(words.form.create).click();
  await page.getByText(ar.errors.fields.cron_invalid).waitFor();
  await field(words.form.expression).fill('30 3 * * fri');
  await page.getByText(words.form.next).waitFor();
  const next = page.getByRole('status').locator('time');
  expect(await next.count()).toBe(5);
  for (const text of await next.allTextContents()) expect(text).toContain('3:30');
  await button(words.form.create).click();
  const question = page.getByRole('dialog', { name: ar.accounts.elevation.title });
  await question.getByLabel(ar.accounts.proof.label.password, { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await person.wasTold(anyOf(words.created));
  await page.getByRole('link', { name: 'نسخة ليلية' }).waitFor();
  expect(person.problems.splice(0)).toEqual([]);
});

it('it runs now, and its output, outcome and figures are seen', async () => {
  const { page } = person;
  await page.getByRole('link', { name: 'نسخة ليلية' }).click();
  await page.getByText(words.neverRanText).waitFor();
  await button(words.runNow).click();
  await person.wasTold(anyOf(words.started));
  await page.getByText('second line').waitFor();
  await page.locator('tbody').getByText(words.states.succeeded, { exact: true }).waitFor();
  await page.getByText('echo 50%').waitFor();
  expect(person.problems.splice(0)).toEqual([]);
});

it('one that goes on is ended, copied, switched off and deleted', async () => {
  const { page } = person;
  await button(words.edit).click();
  await script().fill('sleep 600');
  await button(ar.common.actions.save).click();
  await person.wasTold(anyOf(words.saved));
  await button(words.runNow).click();
  await button(words.cancel).click();
  await page.locator('tbody').getByText(words.states.cancelled, { exact: true }).first().waitFor();
  await button(words.more).click();
  await page.getByRole('menuitem', { name: words.copy, exact: true }).click();
  await button(words.form.create).click();
  await person.wasTold(anyOf(words.created));
  await button(words.more).click();
  await page.getByRole('menuitem', { name: words.switchOff, exact: true }).click();
  await page.getByText(words.offText).waitFor();
  await button(words.more).click();
  await page.getByRole('menuitem', { name: words.delete, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: words.delete, exact: true }).click();
  await person.wasTold(anyOf(words.deleted));
  await page.getByRole('link', { name: 'نسخة ليلية (نسخة)' }).waitFor();
  expect(await page.getByRole('link', { name: 'نسخة ليلية', exact: true }).count()).toBe(0);
  expect(person.problems.splice(0)).toEqual([]);
});

it('lines of crontabs become jobs that are switched off, and what cannot be one says why', async () => {
  const { page } = person;
  await person.goto('/cron');
  await button(words.import.open).click();
  const sheet = page.getByRole('dialog', { name: words.import.title });
  await sheet.getByText(words.import.off).waitFor();
  await sheet.getByText(words.import.problems.at_boot).waitFor();
  const [first, atBoot] = [sheet.getByRole('checkbox').first(), sheet.getByRole('checkbox').last()];
  expect(await atBoot.isDisabled()).toBe(true);
  await first.check();
  await sheet.getByRole('button', { name: words.import.confirm_one, exact: true }).click();
  await person.wasTold(anyOf(words.import.done_one));
  await page.getByRole('link', { name: String.raw`echo 50\%` }).click();
  await page.getByText(words.offText).waitFor();
  await page.getByText('echo 50%').waitFor();
  expect(person.problems.splice(0)).toEqual([]);
});

it('jobs of the machine itself: a service is restarted and logs go by age, chosen from lists', async () => {
  const { page } = person;
  await person.goto('/cron');
  await button(words.new).click();
  await field(words.form.name).fill('إعادة تشغيل الويب');
  await field(words.form.kind).selectOption('service');
  await button(words.form.create).click();
  await page.getByText(ar.errors.fields.required).first().waitFor();
  await page.getByRole('combobox', { name: words.form.unit, exact: true }).click();
  expect(await page.getByRole('option', { name: 'aapanel.service' }).count()).toBe(0);
  await page.getByRole('option', { name: 'nginx.service' }).click();
  await button(words.form.create).click();
  await person.wasTold(anyOf(words.created));
  await page
    .getByText(/nginx\.service/)
    .first()
    .waitFor();
  await button(words.new).click();
  await field(words.form.name).fill('تنظيف السجلات');
  await field(words.form.kind).selectOption('logs');
  await field(words.form.logsOf).selectOption('journal');
  await field(words.form.maxAge).fill('14');
  await button(words.form.create).click();
  await person.wasTold(anyOf(words.created));
  await page.getByText(/14/).first().waitFor();
  expect(person.problems.splice(0)).toEqual([]);
});

it('chosen jobs are exported, deleted together, and come back from the file after what would happen was seen', async () => {
  const { page } = person;
  const names = ['إعادة تشغيل الويب', 'تنظيف السجلات'];
  for (const name of names)
    await page.getByRole('checkbox', { name: words.batch.select.replace('{{name}}', name), exact: true }).check();
  await page.getByText(words.batch.chosen_two, { exact: true }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), button(words.batch.export).click()]);
  const kept: Buffer[] = [];
  for await (const piece of await download.createReadStream()) kept.push(piece as Buffer);
  const file = { name: 'jobs.json', mimeType: 'application/json', buffer: Buffer.concat(kept) };
  await button(words.batch.delete).click();
  await page.getByRole('dialog').getByRole('button', { name: words.batch.delete, exact: true }).click();
  await person.wasTold(words.batch.done);
  for (const name of names) await page.getByRole('link', { name, exact: true }).waitFor({ state: 'detached' });
  await button(words.file.menu).click();
  await page.getByRole('menuitem', { name: words.file.open, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: words.file.title });
  const choose = async (given: typeof file) => {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      sheet.getByRole('button', { name: words.file.choose, exact: true }).click(),
    ]);
    await chooser.setFiles(given);
  };
  await choose({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"jobs":[1]}') });
  await sheet.getByText(words.file.unreadable).waitFor();
  await choose(file);
  await sheet.getByText(words.file.states.new, { exact: true }).nth(1).waitFor();
  expect(await page.getByRole('link', { name: names[0] ?? '', exact: true }).count()).toBe(0);
  await sheet.getByRole('button', { name: words.file.confirm_two, exact: true }).click();
  await person.wasTold(words.file.imported_two);
  for (const name of names) await page.getByRole('link', { name, exact: true }).waitFor();
  expect(person.problems.splice(0)).toEqual([]);
});

it('a manager of a site sees no job of the machine, and makes one of the site without choosing a user', async () => {
  // The confirmation gave the person of the browser another session.
  const owner = await signIn(panel, 'owner');
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['shop.test'],
  });
  const { cookie } = await addPerson(panel, 'nora', 'site_manager', { siteIds: [site.id] });
  const manager = await newPerson(panel, { cookie });
  try {
    const { page } = manager;
    await manager.goto('/cron');
    await page.getByText(words.none).waitFor();
    await page.getByRole('button', { name: words.new, exact: true }).click();
    await page.getByLabel(words.form.name, { exact: true }).fill('مهمة الموقع');
    await page.getByLabel(words.form.script, { exact: true }).fill('true');
    expect(await page.getByLabel(words.form.user, { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: words.form.create, exact: true }).click();
    await page.getByText(ar.errors.fields.required).first().waitFor();
    await page.getByRole('combobox', { name: words.form.site, exact: true }).click();
    await page.getByRole('option', { name: 'shop.test' }).click();
    await page.getByRole('button', { name: words.form.create, exact: true }).click();
    await manager.wasTold(anyOf(words.created));
    await page.getByRole('link', { name: 'مهمة الموقع' }).waitFor();
    expect(manager.problems).toEqual([]);
  } finally {
    await manager.leave();
  }
});

it('ALL-12 more jobs than one page holds are paged, sorted and searched, and the address keeps how', async () => {
  const owner = await signIn(panel, 'owner');
  const facts = { siteId: null, timeoutSeconds: 60, retries: 0, retryPauseSeconds: 1, mayOverlap: false };
  const rest = { catchesUp: false, keepRuns: 20, notify: 'never', isEnabled: false };
  const work = {
    kind: 'url',
    url: 'https://example.com/',
    method: 'GET',
    status: null,
    keyword: '',
    mayBePrivate: false,
  };
  const schedule = { every: 'day', times: [180], timeZone: 'UTC' };
  for (let number = 1; number <= 51; number++)
    await owner.send('POST', '/api/v1/cron/jobs', { name: `page ${number}`, work, schedule, ...facts, ...rest });
  const { page } = person;
  await person.goto('/cron?search=page');
  const rows = page.locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(50);
  await page.getByRole('button', { name: ar.common.pagination.next, exact: true }).click();
  await expect.poll(() => rows.count()).toBe(1);
  expect(new URL(page.url()).searchParams.get('page')).toBe('2');
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole('searchbox', { name: words.search, exact: true }).fill('page 4');
  await expect.poll(() => rows.count()).toBe(11);
  await sortAndSearch(page, {
    words: ar.sites.list,
    head: words.columns.name,
    names: async () => await rows.locator('a > bdi').allInnerTexts(),
    searchLabel: words.search,
    one: 'page 44',
    picture: 'cron-sorted',
  });
  expect(person.problems.splice(0)).toEqual([]);
});
