import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, password, signIn, type Asker } from './ask.ts';
import { sortAndSearch } from './list-views.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar } from './texts.ts';

let panel: Panel;
let owner: Asker;
let person: Person;
const words = ar.databases;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  await owner.send('POST', '/api/v1/sites', { kind: 'static', domains: ['import.test'] });
  // For later: it takes its time.
  await owner.send('POST', '/api/v1/software/redis/install');
  person = await newPerson(panel, { cookie: owner.cookie });
});
afterAll(async () => {
  await person?.leave();
  await panel?.close();
});

const closeJob = async (): Promise<void> => {
  const drawer = person.page.getByRole('dialog', { name: /.+/ }).last();
  await drawer.getByText(ar.jobs.states.succeeded, { exact: true }).waitFor({ timeout: 30_000 });
  await person.page.keyboard.press('Escape');
};

it('on a bare machine the page leads to the installation of MariaDB, and then to the first database', async () => {
  const { page } = person;
  await person.goto('/databases');
  await page.getByText(words.server.missing).waitFor();
  await page.getByRole('button', { name: 'MariaDB' }).click();
  const plan = page.getByRole('dialog', { name: anyOf(ar.software.plan.title.install) });
  await plan.getByText('mariadb-common', { exact: true }).waitFor();
  await plan.getByRole('button', { name: ar.software.install.action, exact: true }).click();
  await plan.waitFor({ state: 'detached' });
  await closeJob();
  await page.getByText(words.none).waitFor();
  await page.getByRole('button', { name: words.new, exact: true }).first().click();
  await page.getByLabel(words.fields.name, { exact: true }).fill('متجر');
  await page.getByRole('button', { name: words.create, exact: true }).click();
  await page.getByText(ar.errors.fields.database_name_plain).first().waitFor();
  await page.getByLabel(words.fields.name, { exact: true }).fill('shop');
  await page.getByRole('button', { name: words.create, exact: true }).click();
  await page.getByRole('button', { name: 'shop', exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('the password is shown after the person confirms, and not before', async () => {
  const { page } = person;
  await page.getByRole('button', { name: 'shop', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'shop' });
  await sheet.getByText('/run/mysqld/mysqld.sock').waitFor();
  await sheet.getByRole('button', { name: words.showPassword, exact: true }).click();
  const question = page.getByRole('dialog', { name: ar.accounts.elevation.title });
  await question.getByLabel(ar.accounts.proof.label.password, { exact: true }).fill(password);
  await question.getByLabel(ar.accounts.proof.label.password, { exact: true }).press('Enter');
  await sheet.getByText(/^Fake\w+$/).waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  expect(person.problems).toEqual([]);
});

it('a SQL file of a site is chosen and loaded, and the copy from before is put back', async () => {
  const { page } = person;
  const texts = ar.databaseImports;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: anyOf(texts.title) });
  expect(await sheet.getByRole('button', { name: texts.start, exact: true }).isDisabled()).toBe(true);
  await sheet.getByLabel(texts.site, { exact: true }).click();
  await page.getByRole('option', { name: 'import.test', exact: true }).click();
  const file = { name: 'broken.sql', mimeType: 'application/sql', buffer: Buffer.from('select 1;') };
  await page.locator('input[type="file"]').setInputFiles(file);
  await sheet.getByRole('button', { name: /^broken\.sql/, pressed: true }).waitFor();
  await sheet.getByText(texts.copyFirst).waitFor();
  await sheet.getByRole('button', { name: texts.start, exact: true }).click();
  await page
    .getByText(/You have an error in your SQL syntax/)
    .first()
    .waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  await sheet.getByText(texts.list.halfWithCopy, { exact: true }).waitFor();
  await sheet.getByRole('button', { name: texts.list.undo, exact: true }).click();
  const question = page.getByRole('dialog', { name: anyOf(texts.list.undoTitle) });
  await question.getByRole('button', { name: texts.list.undo, exact: true }).click();
  await closeJob();
  expect(person.problems).toEqual([]);
});

it('a database is downloaded as SQL, and a file that is not whole is called so', async () => {
  const { page } = person;
  const texts = ar.databaseExports;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: anyOf(texts.title) });
  const start = sheet.getByRole('button', { name: texts.start, exact: true });
  const [download] = await Promise.all([page.waitForEvent('download'), start.click()]);
  expect(download.suggestedFilename()).toBe('shop.sql.gz');
  await sheet.getByText(texts.states.succeeded, { exact: true }).waitFor();
  await sheet.getByRole('radio', { name: texts.some, exact: true }).click();
  expect(await start.isDisabled()).toBe(true);
  await sheet.getByRole('checkbox', { name: 'settings', exact: true }).click();
  await start.click();
  await sheet.getByText(texts.broken, { exact: true }).waitFor();
  await sheet.getByText(/Table is marked as crashed/).waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'hidden' });
  expect(person.problems).toEqual([]);
});

it('the tables of a database are read page by page, and how one is built', async () => {
  const { page } = person;
  const texts = ar.databaseBrowse;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  await page.getByText('عميل 1', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: texts.previous, exact: true }).isDisabled()).toBe(true);
  for (const row of [51, 101]) {
    await page.getByRole('button', { name: texts.next, exact: true }).click();
    await page.getByText(`عميل ${row}`, { exact: true }).waitFor();
  }
  expect(await page.getByRole('button', { name: texts.next, exact: true }).isDisabled()).toBe(true);
  await page.getByText(texts.down, { exact: true }).click();
  await page.getByText('عميل 120', { exact: true }).waitFor();
  await page
    .getByRole('button', { name: anyOf(texts.sortBy) })
    .first()
    .click();
  await page.getByText('عميل 1', { exact: true }).waitFor();
  await page.getByRole('button', { name: texts.filter.open, exact: true }).click();
  await page.getByLabel(texts.of.column, { exact: true }).selectOption('customer');
  await page.getByLabel(texts.filter.value, { exact: true }).fill('ميل 12');
  await page.getByRole('button', { name: texts.filter.add, exact: true }).click();
  await page.getByText('عميل 120', { exact: true }).waitFor();
  await page.getByText('عميل 1', { exact: true }).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: anyOf(texts.filter.remove) }).click();
  await page.getByText('عميل 1', { exact: true }).waitFor();
  await page.getByText(texts.structure, { exact: true }).click();
  await page.getByText('bigint(20) unsigned', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^settings/ }).click();
  await page.getByText(texts.emptyText, { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('a row is changed by the types of its columns, added and deleted', async () => {
  const { page } = person;
  const texts = ar.databaseBrowse;
  await page.getByRole('button', { name: /^orders/ }).click();
  await page
    .getByRole('button', { name: anyOf(texts.row.open) })
    .nth(1)
    .click();
  const sheet = page.getByRole('dialog', { name: texts.row.edit, exact: true });
  const save = sheet.getByRole('button', { name: ar.common.actions.save, exact: true });
  await sheet.getByLabel('total', { exact: true }).fill('كثير');
  await save.click();
  await sheet.getByText(anyOf(ar.errors.fields.row_value_decimal)).waitFor();
  await sheet.getByLabel('total', { exact: true }).fill('12.25');
  await sheet
    .getByRole('switch', { name: anyOf(texts.row.nullOf) })
    .first()
    .click();
  await save.click();
  await sheet.waitFor({ state: 'hidden' });
  await page.getByText('12.25', { exact: true }).waitFor();
  await page.getByRole('button', { name: texts.row.new, exact: true }).click();
  const fresh = page.getByRole('dialog', { name: texts.row.new, exact: true });
  await fresh.getByLabel('customer', { exact: true }).fill('عميل جديد');
  await fresh.getByRole('button', { name: texts.row.add, exact: true }).click();
  await fresh.waitFor({ state: 'hidden' });
  await page.getByText(texts.down, { exact: true }).click();
  await page.getByText('عميل جديد', { exact: true }).waitFor();
  await page
    .getByRole('button', { name: anyOf(texts.row.open) })
    .first()
    .click();
  await sheet.getByRole('button', { name: texts.row.delete, exact: true }).click();
  const question = page.getByRole('dialog', { name: texts.row.deleteTitle, exact: true });
  await question.getByRole('button', { name: texts.row.delete, exact: true }).click();
  await sheet.waitFor({ state: 'hidden' });
  await page.getByText('عميل جديد', { exact: true }).waitFor({ state: 'hidden' });
  await person.goto('/databases');
  expect(person.problems).toEqual([]);
});

it('tables are chosen and looked after by a job', async () => {
  const { page } = person;
  const texts = ar.databaseMaintenance;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: anyOf(texts.title) });
  const start = sheet.getByRole('button', { name: texts.start, exact: true });
  await sheet.getByRole('radio', { name: texts.kinds.optimize, exact: true }).check();
  await sheet.getByText(texts.locks, { exact: true }).waitFor();
  expect(await start.isDisabled()).toBe(true);
  await sheet.getByRole('checkbox', { name: 'orders', exact: true }).check();
  await start.click();
  await closeJob();
  expect(person.problems).toEqual([]);
});

it('ALL-12 chosen databases are looked after together with a result for each, and columns are left out for good', async () => {
  const { page } = person;
  await page.getByRole('button', { name: ar.siteColumns.action, exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: words.columns.size, exact: true }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: words.columns.size, exact: true }).waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('columnheader', { name: words.columns.user, exact: true }).waitFor();
  expect(await page.getByRole('columnheader', { name: words.columns.size, exact: true }).count()).toBe(0);
  await page.getByRole('checkbox', { name: words.batch.select.replace('{{name}}', 'shop'), exact: true }).check();
  await page.getByText(ar.batches.list.chosen_one, { exact: true }).waitFor();
  await page.getByRole('button', { name: words.batch.analyze, exact: true }).click();
  const outcomes = page.getByRole('dialog', { name: words.batch.analyze });
  await outcomes.getByText('shop (mariadb)', { exact: true }).waitFor();
  await outcomes.getByText(ar.batches.list.done, { exact: true }).waitFor();
  await outcomes.getByRole('button', { name: ar.common.actions.close, exact: true }).last().click();
  await outcomes.waitFor({ state: 'detached' });
  await page.getByText(ar.batches.list.chosen_one, { exact: true }).waitFor({ state: 'detached' });
  expect(person.problems).toEqual([]);
});

it('a database is renamed by a job and has its new name in the list', async () => {
  const { page } = person;
  const texts = ar.databaseChanges.rename;
  const rename = async (next: string): Promise<void> => {
    await page.getByRole('button', { name: anyOf(words.menu) }).click();
    await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
    const sheet = page.getByRole('dialog', { name: anyOf(texts.title) });
    const field = sheet.getByRole('textbox', { name: texts.name, exact: true });
    await field.fill('my`sql');
    await field.press('Enter');
    await sheet.getByText(anyOf(ar.errors.fields.database_name_plain)).waitFor();
    await field.fill(next);
    await sheet.getByRole('button', { name: texts.start, exact: true }).click();
    await closeJob();
    await page.getByText(next, { exact: true }).first().waitFor();
  };
  await rename('moved');
  await rename('shop');
  expect(person.problems).toEqual([]);
});

it('a statement is run for reading, and one that changes after the person chose so', async () => {
  const { page } = person;
  const texts = ar.databaseConsole;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: texts.open, exact: true }).click();
  const box = page.getByRole('textbox', { name: texts.statement, exact: true });
  await box.fill('select * from orders');
  await box.press('Control+Enter');
  await page.getByRole('columnheader', { name: /^customer/ }).waitFor();
  await page.getByText('NULL', { exact: true }).first().waitFor();
  await page
    .getByRole('button', { name: new RegExp(`^${texts.whole}`) })
    .first()
    .click();
  await page.getByRole('dialog', { name: 'note' }).waitFor();
  await page.keyboard.press('Escape');
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: texts.csv, exact: true }).click();
  expect((await saved).suggestedFilename()).toBe('shop.csv');
  await box.fill('delete from orders');
  await page.getByRole('button', { name: texts.run, exact: true }).click();
  await page.getByText(texts.why.reading.title, { exact: true }).waitFor();
  await page.getByText(texts.write, { exact: true }).click();
  await page.getByRole('button', { name: texts.run, exact: true }).click();
  await page.getByText(texts.done, { exact: true }).waitFor();
  await page.getByRole('button', { name: texts.history, exact: true }).click();
  await page.getByRole('button', { name: /^select \* from orders/ }).click();
  await expect.poll(() => box.textContent()).toBe('select * from orders');
  await person.goto('/databases');
  expect(person.problems).toEqual([]);
});

it('an account of the server is made, given rights, moved and deleted; its password is shown once', async () => {
  const { page } = person;
  const texts = ar.databaseServers;
  await page.getByRole('link', { name: texts.manage, exact: true }).click();
  // What hangs is stopped; it stays connected until that is cut too.
  await page.getByText(/^select customer/).waitFor();
  await page.getByRole('button', { name: texts.processes.stop, exact: true }).click();
  const question = page.getByRole('dialog', { name: anyOf(texts.processes.ask.statement) });
  await question.getByRole('button', { name: texts.processes.stop, exact: true }).click();
  await page.getByText(/^select customer/).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: texts.tabs.accounts, exact: true }).click();
  await page.getByRole('button', { name: 'root@localhost', exact: true }).waitFor();
  await page.getByRole('button', { name: texts.accounts.new, exact: true }).click();
  const form = page.getByRole('dialog', { name: texts.accounts.new });
  await form.getByLabel(texts.accounts.name, { exact: true }).fill('root');
  await form.getByRole('button', { name: texts.accounts.create, exact: true }).click();
  await form.getByText(ar.errors.fields.database_user_reserved).waitFor();
  await form.getByLabel(texts.accounts.name, { exact: true }).fill('auditor');
  await form.getByLabel(texts.hosts.list, { exact: true }).check();
  await form.getByLabel(texts.hosts.listLabel, { exact: true }).fill('192.0.2.%');
  await form.getByText(texts.hosts.wide).waitFor();
  await form.getByRole('button', { name: texts.accounts.create, exact: true }).click();
  await form.getByText(/^Fake\w+$/).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'auditor@192.0.2.%', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'auditor@192.0.2.%' });
  await sheet.getByLabel(texts.grants.database, { exact: true }).selectOption('shop');
  await sheet.getByRole('button', { name: texts.grants.add, exact: true }).click();
  await sheet.getByLabel(/shop/).selectOption('write');
  await sheet.getByLabel(texts.hosts.label, { exact: true }).fill('192.0.2.7; drop');
  await sheet.getByRole('button', { name: texts.hosts.save, exact: true }).click();
  await sheet.getByText(ar.errors.fields.database_host_invalid).waitFor();
  await sheet.getByLabel(texts.hosts.label, { exact: true }).fill('192.0.2.7');
  await sheet.getByRole('button', { name: texts.hosts.save, exact: true }).click();
  const row = page.getByRole('listitem').filter({ hasText: 'auditor@192.0.2.7' });
  await row.getByText(texts.rights.write).waitFor();
  await row.getByRole('button').click();
  await page.getByRole('button', { name: texts.accounts.drop, exact: true }).click();
  await page.getByRole('button', { name: texts.accounts.dropConfirm, exact: true }).click();
  await row.waitFor({ state: 'detached' });
  expect(person.problems).toEqual([]);
});

it('a preset shows what it changes before it does, is undone, and slow statements are listed once they are noted', async () => {
  const { page } = person;
  const texts = ar.databaseServers;
  await page.getByRole('link', { name: texts.tabs.slow, exact: true }).click();
  await page.getByRole('link', { name: texts.slow.turnOn, exact: true }).click();
  await page.getByRole('radio', { name: texts.settings.presets.medium, exact: true }).check();
  await page.getByRole('table', { name: texts.settings.difference }).getByText('max_connections').waitFor();
  await page.getByRole('switch', { name: texts.settings.slowLog }).click();
  await page.getByLabel(texts.settings.threshold, { exact: true }).fill('0');
  await page.getByText(texts.settings.thresholdWrong).waitFor();
  expect(await page.getByRole('button', { name: texts.settings.save, exact: true }).isDisabled()).toBe(true);
  await page.getByLabel(texts.settings.threshold, { exact: true }).fill('0.5');
  await page.getByRole('button', { name: texts.settings.save, exact: true }).click();
  await page.getByRole('button', { name: texts.settings.undo, exact: true }).waitFor();
  await page.getByRole('link', { name: texts.tabs.slow, exact: true }).click();
  await page.getByText(/^select customer/).waitFor();
  const tabs = page.getByRole('navigation', { name: texts.tabs.label });
  await tabs.getByRole('link', { name: texts.tabs.settings, exact: true }).click();
  expect(await page.getByRole('radio', { name: texts.settings.presets.medium, exact: true }).isChecked()).toBe(true);
  await page.getByRole('button', { name: texts.settings.undo, exact: true }).click();
  await page.getByLabel(texts.settings.threshold, { exact: true }).waitFor({ state: 'detached' });
  expect(await page.getByRole('radio', { name: texts.settings.presets.none, exact: true }).isChecked()).toBe(true);
  await person.goto('/databases');
  expect(person.problems).toEqual([]);
});

it('a deletion is signed with the name, keeps the database, and it comes back', async () => {
  const { page } = person;
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: words.delete.open }).click();
  const question = page.getByRole('dialog', { name: anyOf(words.delete.title) });
  const confirm = question.getByRole('button', { name: words.delete.confirm });
  await question.getByText(words.delete.kept).waitFor();
  expect(await confirm.isDisabled()).toBe(true);
  await question.getByRole('textbox').fill('shop');
  await confirm.click();
  await closeJob();
  await page.getByText(words.removed.title, { exact: true }).waitFor();
  await page.getByRole('button', { name: words.removed.restore, exact: true }).click();
  await closeJob();
  await page.getByRole('button', { name: 'shop', exact: true }).waitFor();
  await page.getByText(words.removed.title, { exact: true }).waitFor({ state: 'hidden' });
  expect(person.problems).toEqual([]);
});

it('a PHP site is made with its database, shows how to reach it, and takes it along when it is deleted', async () => {
  const { page } = person;
  await person.goto('/sites?new=true');
  await page.getByRole('radio', { name: new RegExp(`^${ar.sites.kinds.php}`) }).check({ force: true });
  await page.getByLabel(ar.sites.domains.label).fill('www.my-shop.example');
  await page.getByLabel(words.withSite.label).check();
  expect(await page.getByLabel(words.fields.name, { exact: true }).inputValue()).toBe('my_shop_example');
  // Taken: both are refused, and the field says so.
  await page.getByLabel(words.fields.name, { exact: true }).fill('shop');
  await page.getByRole('button', { name: ar.sites.new.submit, exact: true }).click();
  await page.getByText(anyOf(ar.errors.fields.database_exists)).waitFor();
  await page.getByLabel(words.fields.name, { exact: true }).fill('my_shop');
  await page.getByRole('button', { name: ar.sites.new.submit, exact: true }).click();
  await page.getByRole('link', { name: ar.sites.done.toSite }).click();
  await page.getByRole('heading', { name: 'my_shop' }).waitFor();
  await page.getByText('my_shop_example', { exact: true }).waitFor();
  await person.goto(`${new URL(page.url()).pathname}/delete`);
  await page.getByRole('radio', { name: anyOf(words.deleteWithSite.recycle) }).check();
  await page.getByRole('textbox').last().fill('www.my-shop.example');
  await page.getByRole('button', { name: ar.sites.delete.action, exact: true }).click();
  await page.waitForURL(/\/sites$/);
  await person.goto('/databases');
  await page.getByText(words.removed.title, { exact: true }).waitFor();
  await page.getByText('my_shop', { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('the keys of Redis are found, made, edited and deleted, and a database is emptied', async () => {
  const { page } = person;
  const texts = ar.redis;
  await page.getByRole('link', { name: 'Redis', exact: true }).click();
  const keys = page.getByRole('list', { name: texts.keys, exact: true });
  await keys.getByText('shop:greeting', { exact: true }).waitFor();
  await page.getByLabel(texts.search, { exact: true }).fill('customer');
  await page.getByRole('button', { name: texts.find, exact: true }).click();
  await keys.getByText('shop:greeting', { exact: true }).waitFor({ state: 'detached' });
  await keys.getByRole('button', { name: /shop:customer:7/ }).click();
  const sheet = page.getByRole('dialog').first();
  await sheet.getByText('سارة', { exact: true }).waitFor();
  await sheet.getByRole('button', { name: texts.element.add, exact: true }).click();
  await sheet.getByLabel(texts.field, { exact: true }).fill('phone');
  await sheet.getByLabel(texts.value, { exact: true }).fill('0799');
  await sheet.getByRole('button', { name: texts.element.addNow, exact: true }).click();
  const added = sheet.getByRole('row').filter({ hasText: 'phone' });
  await added.getByRole('button', { name: texts.element.edit, exact: true }).click();
  await sheet.getByLabel(texts.value, { exact: true }).fill('0788');
  await sheet.getByRole('button', { name: texts.save, exact: true }).click();
  await added.getByText('0788', { exact: true }).waitFor();
  await added.getByRole('button', { name: texts.element.remove, exact: true }).click();
  await page
    .getByRole('dialog', { name: texts.element.removeTitle })
    .getByRole('button', { name: texts.element.remove, exact: true })
    .click();
  await added.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: texts.new.title, exact: true }).click();
  await page.getByLabel(texts.new.name, { exact: true }).fill('customer:\u0633 "8"');
  await page.getByLabel(texts.value, { exact: true }).fill('one');
  await page.getByRole('button', { name: texts.new.confirm, exact: true }).click();
  const made = keys.getByRole('button', { name: /customer:\u0633 "8"/ });
  await made.click();
  await page.getByLabel(texts.value, { exact: true }).fill('two');
  const save = page.getByRole('button', { name: texts.save, exact: true });
  await save.click();
  // What says so by itself goes by itself, too.
  await save.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: texts.delete.action, exact: true }).click();
  const question = page.getByRole('dialog', { name: texts.delete.title });
  await question.getByRole('button', { name: texts.delete.action, exact: true }).click();
  await made.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: texts.flush.action, exact: true }).click();
  const flush = page.getByRole('dialog', { name: anyOf(texts.flush.title) });
  await flush.getByRole('button', { name: texts.flush.action, exact: true }).click();
  await page.getByText(texts.empty, { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('a server elsewhere is tried, kept and forgotten, and a database is made and deleted on it', async () => {
  const { page } = person;
  const texts = ar.remoteDatabases;
  await person.goto('/databases');
  await page.getByRole('link', { name: texts.open, exact: true }).click();
  await page.getByRole('button', { name: texts.add, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: texts.addTitle });
  await sheet.getByLabel(texts.fields.name, { exact: true }).fill('far');
  await sheet.getByLabel(texts.fields.host, { exact: true }).fill('plain.test');
  await sheet.getByLabel(texts.fields.user, { exact: true }).fill('admin');
  await sheet.getByLabel(texts.fields.password, { exact: true }).fill('long enough');
  await sheet.getByRole('button', { name: texts.test, exact: true }).click();
  await sheet.getByText(ar.errors.reasons.remote_server_no_tls).waitFor();
  await sheet.getByLabel(texts.fields.host, { exact: true }).fill('db.example.com');
  await sheet.getByRole('button', { name: texts.test, exact: true }).click();
  await sheet.getByText(anyOf(texts.foundSafe)).waitFor();
  await sheet.getByRole('button', { name: texts.save, exact: true }).click();
  await page.getByRole('link', { name: 'far', exact: true }).click();
  await page.getByRole('button', { name: words.new, exact: true }).click();
  await page.getByLabel(words.fields.name, { exact: true }).fill('shop');
  await page.getByRole('button', { name: words.create, exact: true }).click();
  await page.getByText(texts.made.once).waitFor();
  const made = page.getByRole('dialog', { name: words.newTitle });
  await made.getByRole('button', { name: ar.common.actions.close, exact: true }).last().click();
  await page.getByRole('button', { name: anyOf(words.menu) }).click();
  await page.getByRole('menuitem', { name: words.delete.open }).click();
  const question = page.getByRole('dialog', { name: anyOf(words.delete.title) });
  await question.getByText(texts.noBinText).waitFor();
  await question.getByRole('textbox').fill('shop');
  await question.getByRole('button', { name: words.delete.confirm, exact: true }).click();
  await page.getByRole('button', { name: anyOf(words.menu) }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: texts.title, exact: true }).click();
  await page.getByRole('button', { name: anyOf(texts.menu) }).click();
  await page.getByRole('menuitem', { name: texts.remove.open, exact: true }).click();
  const last = page.getByRole('dialog', { name: anyOf(texts.remove.title) });
  await last.getByRole('textbox').fill('far');
  await last.getByRole('button', { name: texts.remove.confirm, exact: true }).click();
  await page.getByText(texts.none, { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('ALL-12 databases are sorted and searched, and the address keeps how', async () => {
  const { page } = person;
  // The confirmation gave the person of the browser another session.
  await (await signIn(panel, 'owner')).send('POST', '/api/v1/databases', { name: 'archive', user: 'archive' });
  await person.load('/databases');
  await page.getByRole('button', { name: 'archive', exact: true }).waitFor({ timeout: 20_000 });
  const names = async () => await page.locator('tbody tr td button bdi').allInnerTexts();
  const list = { words: ar.sites.list, head: words.columns.name, names, searchLabel: words.search };
  await sortAndSearch(page, { ...list, one: 'archive', picture: 'databases-sorted' });
  expect(person.problems).toEqual([]);
});
