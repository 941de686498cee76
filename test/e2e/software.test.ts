import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar } from './texts.ts';

let panel: Panel;
let owner: Asker;
let person: Person;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  person = await newPerson(panel, { cookie: owner.cookie });
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

/** Looks at what it would change, and confirms it. */
async function install(page: Page, button: string, name: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const plan = page.getByRole('dialog', { name: anyOf(ar.software.plan.title.install) });
  await plan.getByText(`${name}-common`).waitFor();
  await plan.getByRole('button', { name: ar.software.install.action, exact: true }).click();
}

it('ALL-3 an installation is cancelled from its drawer and takes back what it did', async () => {
  const { page } = person;
  await person.goto('/software');
  await install(page, ar.software.install.action, 'nginx');
  const drawer = page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_install) });
  await drawer.getByText(ar.jobs.states.running, { exact: true }).waitFor();
  await drawer.getByRole('button', { name: ar.jobs.cancel.action }).click();
  // Asked first, with the safe answer in focus.
  const question = page.getByRole('alertdialog', { name: ar.jobs.cancel.title });
  await question.waitFor();
  await question.getByRole('button', { name: ar.jobs.cancel.confirm }).click();
  await drawer.getByText(ar.jobs.states.cancelled, { exact: true }).waitFor();
  await drawer.getByText(ar.jobs.drawer.cancelledText).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText(ar.software.states.notInstalled, { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('ALL-3 nginx is installed with its log live in the drawer, also while the page is reloaded', async () => {
  const { page } = person;
  await person.goto('/software');
  await install(page, ar.software.install.action, 'nginx');
  const drawer = page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_install) });
  await drawer.getByText('Reading package lists...').first().waitFor();

  // Closing the browser never ends a job.
  await page.reload();
  await page
    .getByRole('button', { name: ar.software.install.follow })
    .or(page.getByText(ar.software.states.running))
    .first()
    .waitFor();
  await page.getByText(ar.software.states.running, { exact: true }).waitFor();
  await page.getByText('1.26.3').waitFor();

  // The list of jobs has both, and the finished one opens with its whole log.
  await person.goto('/jobs');
  const main = page.getByRole('main');
  await main.getByText(ar.jobs.states.succeeded, { exact: true }).first().waitFor();
  await main.getByText(ar.jobs.states.cancelled, { exact: true }).first().waitFor();
  await page
    .getByRole('button', { name: anyOf(ar.jobs.list.open) })
    .first()
    .click();
  await drawer.getByText('GET http://127.0.0.1/ 200').waitFor();
  expect(person.problems).toEqual([]);
});

it('what ended while the page was open waits in the bell', async () => {
  const { page } = person;
  await person.goto('/');
  const before = await owner.get<{ items: { id: string; state: string }[] }>('/api/v1/jobs');
  const cancelled = before.items.find(({ state }) => state === 'cancelled');
  await owner.send('POST', `/api/v1/jobs/${cancelled?.id ?? ''}/retry`);
  await page.getByRole('button', { name: anyOf(ar.shell.top.jobsRunning_one) }).waitFor();
  await page.getByRole('button', { name: ar.shell.top.jobs, exact: true }).waitFor();
  await page.getByRole('button', { name: ar.shell.top.notifications }).click();
  await page
    .getByRole('dialog', { name: ar.shell.notifications.title })
    .getByText(anyOf(ar.jobs.kinds.software_install))
    .click();
  await page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_install) }).waitFor();
  expect(person.problems).toEqual([]);
});

it('what holds for all of nginx is changed in a sheet, and a number out of bounds is named before it is sent', async () => {
  const { page } = person;
  await person.goto('/software');
  await page.getByRole('button', { name: ar.software.nginx.open, exact: true }).click();
  const sheet = page.getByRole('dialog', { name: ar.software.nginx.title });
  const connections = sheet.getByLabel(ar.software.nginx.fields.connections);
  const save = sheet.getByRole('button', { name: ar.common.actions.save, exact: true });
  await connections.fill('9');
  await sheet.getByText(anyOf(ar.software.nginx.outside)).waitFor();
  expect(await save.isDisabled()).toBe(true);
  await connections.fill('4096');
  await sheet.getByLabel(ar.software.nginx.fields.hidesVersion).press('Space');
  await save.click();
  await person.wasTold(ar.common.states.saved);
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: ar.software.nginx.open, exact: true }).click();
  await expect.poll(() => connections.inputValue()).toBe('4096');
  expect(person.problems).toEqual([]);
});

it('a tool of the distribution is installed from its row, and removed after a question', async () => {
  const { page } = person;
  await person.goto('/software');
  await install(page, `${ar.software.install.action} Redis`, 'redis');
  const drawer = page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_install) });
  await drawer.getByText(ar.jobs.states.succeeded, { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `${ar.software.tools.remove} Redis` }).click();
  const question = page.getByRole('dialog', { name: ar.software.tools.removeTitle.replace('{{name}}', 'Redis') });
  await question.getByRole('button', { name: ar.software.tools.remove, exact: true }).click();
  await drawer
    .or(page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_remove) }))
    .first()
    .waitFor();
  await page.getByText(ar.jobs.states.succeeded, { exact: true }).first().waitFor();
  expect(person.problems).toEqual([]);
});

it('FTP-1 SVC-2 the FTP server says what it opens, lets the named in, and plain FTP only after its warning', async () => {
  const { page } = person;
  await person.goto('/software');
  await page.getByRole('button', { name: `${ar.software.install.action} vsftpd (FTP)` }).click();
  const plan = page.getByRole('dialog', { name: anyOf(ar.software.plan.title.install) });
  await plan.getByText('39000–39099').waitFor();
  await plan.getByRole('button', { name: ar.software.install.action, exact: true }).click();
  const drawer = page.getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_install) });
  await drawer.getByText(ar.jobs.states.succeeded, { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: ar.software.ftp.title }).click();
  const sheet = page.getByRole('dialog', { name: ar.software.ftp.title });
  await sheet.getByRole('combobox', { name: ar.software.ftp.users }).click();
  await page.getByRole('option', { name: 'sara' }).click();
  await page.keyboard.press('Escape');
  await sheet.getByRole('switch', { name: ar.software.ftp.requiresTls }).press('Space');
  await sheet.getByRole('button', { name: ar.common.actions.save, exact: true }).click();
  const warning = page.getByRole('dialog', { name: ar.software.ftp.plainTitle });
  await warning.getByText(ar.software.ftp.plainText).waitFor();
  expect(await owner.get('/api/v1/ftp/settings')).toMatchObject({ users: [], requiresTls: true });
  await warning.getByRole('button', { name: ar.software.ftp.plainConfirm }).click();
  await sheet.waitFor({ state: 'detached' });
  expect(await owner.get('/api/v1/ftp/settings')).toMatchObject({ users: ['sara'], requiresTls: false });
  await page.getByRole('button', { name: `${ar.software.update.action} vsftpd (FTP)` }).click();
  const update = page.getByRole('dialog', { name: anyOf(ar.software.plan.title.update) });
  await update.getByText('1:2.4.7-1 → 1:2.4.7-2').first().waitFor();
  await update.getByRole('button', { name: ar.software.update.action, exact: true }).click();
  await page
    .getByRole('dialog', { name: anyOf(ar.jobs.kinds.software_update) })
    .getByText(ar.jobs.states.succeeded, { exact: true })
    .waitFor();
  expect(person.problems).toEqual([]);
});
