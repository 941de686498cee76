import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner, password, type Asker } from './ask.ts';
import { sortAndSearch } from './list-views.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';

describe.each(languages('en'))('services in $language', ({ language, texts }) => {
  const { services } = texts;
  let panel: Panel;
  let owner: Asker;
  let person: Person;

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });
  const sheet = (name: string) => person.page.getByRole('dialog', { name });

  it('what failed stands first and says why; it is started, and the journal goes on by itself', async () => {
    const { page } = person;
    await person.goto('/services');
    const first = page.locator('tbody tr').first();
    await first.getByText('certbot', { exact: true }).waitFor();
    await first.getByText(services.states.failed).waitFor();
    await first.getByRole('link').click();
    const certbot = sheet('certbot');
    await certbot.getByText(services.failure['exit-code'].split('{{')[0] ?? '').waitFor();
    await certbot.getByText(/no route to host/).waitFor();
    await certbot.getByRole('button', { name: services.verbs.start, exact: true }).click();
    await person.wasTold(anyOf(services.done.start));
    await certbot.getByText(services.states.active, { exact: true }).waitFor();
    await certbot.getByText(/Started certbot\.service/).waitFor();
    await certbot.getByText(services.sheet.unit, { exact: true }).last().click();
    await certbot.getByText(/Description=Certbot/).waitFor();
    expect(page.url()).toContain('unit=certbot.service');
    await page.keyboard.press('Escape');
    await certbot.waitFor({ state: 'detached' });
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('an essential service is stopped only after the question and a fresh confirmation', async () => {
    const { page } = person;
    await person.goto('/services?search=ssh');
    await page.getByRole('link', { name: anyOf(services.open) }).click();
    const ssh = sheet('ssh');
    await ssh.getByText(services.guards.essentialText).waitFor();
    await ssh.getByRole('button', { name: services.verbs.stop, exact: true }).click();
    const question = page.getByRole('dialog', { name: anyOf(services.ask.stopTitle) });
    await question.getByText(services.ask.essential).waitFor();
    await question.getByRole('button', { name: services.verbs.stop, exact: true }).click();
    const elevation = page.getByRole('dialog', { name: texts.accounts.elevation.title });
    await elevation.getByRole('button', { name: texts.common.actions.close }).click();
    await elevation.waitFor({ state: 'detached' });
    await ssh.getByText(services.states.active, { exact: true }).waitFor();
    await ssh.getByRole('button', { name: services.verbs.disable, exact: true }).waitFor();
    // The browser tells of the refusal itself.
    expect(person.problems.splice(0).filter((problem) => !problem.includes('403'))).toEqual([]);
  });

  it('the panel’s own and masked ones have no switch that would stop them', async () => {
    const { page } = person;
    await person.goto('/services?unit=aapanel-agent.service');
    await sheet('aapanel-agent').getByText(services.guards.panelText).waitFor();
    expect(await sheet('aapanel-agent').getByRole('button', { name: services.verbs.stop }).count()).toBe(0);
    await person.goto('/services?unit=rsync.service');
    await sheet('rsync').getByText(services.boot.masked, { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: services.verbs.start, exact: true }).count()).toBe(0);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a process is found, ended, and gone from the list', async () => {
    const { page } = person;
    await person.goto('/services/processes');
    await page.getByRole('searchbox').fill('server.js');
    const row = page.locator('tbody tr').filter({ hasText: 'server.js' });
    await row.getByRole('button', { name: anyOf(services.processes.endTitle) }).click();
    const question = page.getByRole('dialog', { name: anyOf(services.processes.endTitle) });
    await question.getByRole('radio', { name: services.processes.kill }).check();
    await question.getByRole('button', { name: services.processes.end, exact: true }).click();
    await person.wasTold(anyOf(services.processes.ended));
    await page.getByText(services.processes.nothing).waitFor();
    await page.getByRole('searchbox').fill('kworker');
    await page.locator('tbody tr').filter({ hasText: 'kworker' }).waitFor();
    expect(await page.getByRole('button', { name: anyOf(services.processes.endTitle) }).isDisabled()).toBe(true);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('ports say who holds them, and whether they are reached from outside', async () => {
    const { page } = person;
    await person.goto('/services/ports');
    const row = page.locator('tbody tr').filter({ hasText: '3306/tcp' });
    await row.getByText(services.ports.local).waitFor();
    await row.getByText(/mariadb\.service/).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('updates stand with security first, what asks for a restart, and who installs them', async () => {
    const { page } = person;
    await person.goto('/services/updates');
    const main = page.getByRole('main');
    await main.getByText(services.updates.restart, { exact: true }).waitFor();
    await main.getByText(services.updates.automatic.off).waitFor();
    const rows = main.locator('tbody tr');
    await rows.first().getByText(services.updates.security, { exact: true }).waitFor();
    await rows.filter({ hasText: 'linux-image' }).getByText(services.updates.isNew, { exact: true }).waitFor();
    await page.getByRole('searchbox').fill('tzdata');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole('searchbox').fill('nowhere');
    await main.getByText(services.updates.nothing).waitFor();
    await main.getByRole('button', { name: anyOf(services.updates.install.security) }).click();
    const question = page.getByRole('dialog', { name: services.updates.install.title });
    await question.getByRole('button', { name: services.updates.install.confirm }).click();
    const drawer = page.getByRole('dialog', { name: texts.jobs.kinds.updates_install });
    await drawer.getByText(texts.jobs.states.succeeded, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox').fill('');
    await main.getByText(services.updates.empty).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('the machine gets another name, time zone, swap and automatic updates, each saved by itself', async () => {
    const { page } = person;
    const { machine } = services;
    await person.goto('/services/machine');
    const name = page.getByRole('textbox', { name: machine.name });
    await name.fill('Not a name');
    await page.getByText(machine.nameWrong).waitFor();
    expect(await page.getByRole('button', { name: `${texts.common.actions.save}: ${machine.name}` }).isDisabled()).toBe(
      true,
    );
    await name.fill('web-1.example.com');
    const save = (label: string) => page.getByRole('button', { name: `${texts.common.actions.save}: ${label}` });
    await save(machine.name).click();
    await person.wasTold(texts.common.states.saved);
    const zone = page.getByRole('combobox', { name: machine.zone });
    await zone.click();
    await zone.fill('Riyadh');
    await page.getByRole('option', { name: /Asia\/Riyadh/ }).click();
    await save(machine.zone).click();
    await person.wasTold(texts.common.states.saved);
    await page.getByRole('combobox', { name: machine.swap }).click();
    await page.getByRole('option').nth(2).click();
    await save(machine.swap).click();
    await person.wasTold(texts.common.states.saved);
    await page.getByText('/var/swap/aapanel_1024.img').waitFor();
    const updates = page.getByRole('switch', { name: machine.automatic });
    await updates.press('Space');
    await person.wasTold(texts.common.states.saved);
    await page.getByText(machine.automaticHint.on).waitFor();
    // To go without security updates is asked again.
    await expect.poll(() => updates.isEnabled()).toBe(true);
    await updates.press('Space');
    const elevation = page.getByRole('dialog', { name: texts.accounts.elevation.title });
    await elevation.getByRole('button', { name: texts.common.actions.close }).click();
    await elevation.waitFor({ state: 'detached' });
    expect(await updates.isChecked()).toBe(true);
    await page.reload();
    await expect.poll(() => name.inputValue()).toBe('web-1.example.com');
    expect(person.problems.splice(0).filter((problem) => !problem.includes('403'))).toEqual([]);
  });

  it('a user of the machine is made with its key, gets a group of root’s power after a word, is locked and removed by its name', async () => {
    const { page } = person;
    const { machineAccounts: words } = texts;
    const { save } = texts.common.actions;
    await person.goto('/services/machine');
    const users = page.locator('table[data-kind="accounts"] tbody tr');
    await users.filter({ hasText: 'debian' }).getByText(words.kinds.person).waitFor();
    expect(await users.filter({ hasText: 'www-data' }).count()).toBe(0);
    await page.getByText(services.filters.all, { exact: true }).first().click();
    await users.filter({ hasText: 'www-data' }).waitFor();
    await sortAndSearch(page, {
      words: texts.sites.list,
      head: words.columns.name,
      names: async () => await users.locator('td[data-column="name"] button bdi').allInnerTexts(),
      searchLabel: words.search,
      one: 'www-data',
      picture: 'accounts-sorted',
    });
    await page.getByText(services.filters.all, { exact: true }).first().click();
    await page.getByRole('button', { name: words.add, exact: true }).click();
    const form = page.getByRole('dialog', { name: words.add });
    await form.getByRole('textbox', { name: words.name, exact: true }).fill('site-x');
    await form.getByRole('textbox', { name: words.key }).fill(`command="id" ${key}`);
    await form.getByRole('button', { name: words.create }).click();
    await form.getByText(texts.errors.fields.account_name_reserved).waitFor();
    await form.getByText(texts.errors.fields.ssh_key_invalid).waitFor();
    await form.getByRole('textbox', { name: words.name, exact: true }).fill('layla');
    await form.getByRole('textbox', { name: words.key }).fill(`${key} layla@laptop`);
    await form.getByRole('button', { name: words.create }).click();
    const elevation = page.getByRole('dialog', { name: texts.accounts.elevation.title });
    await elevation.getByLabel(texts.accounts.proof.label.password, { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await person.wasTold(anyOf(words.made));
    const layla = sheet('layla');
    await layla.getByText('layla@laptop').waitFor();
    await layla.getByRole('combobox', { name: words.groups }).click();
    await page.getByRole('option', { name: 'sudo' }).click();
    await layla.getByText(words.root.text).waitFor();
    expect(await layla.getByRole('button', { name: save, exact: true }).isDisabled()).toBe(true);
    await layla.getByRole('checkbox', { name: words.root.sure }).check();
    await layla.getByRole('button', { name: save, exact: true }).click();
    await person.wasTold(texts.common.states.saved);
    await layla.getByRole('button', { name: words.lock.action, exact: true }).click();
    await layla.getByText(words.lock.isLocked).waitFor();
    await users.filter({ hasText: 'layla' }).getByText(words.locked).waitFor();
    await layla.getByRole('button', { name: words.remove.action }).click();
    const question = page.getByRole('dialog', { name: anyOf(words.remove.title) });
    const confirm = question.getByRole('button', { name: words.remove.action });
    expect(await confirm.isDisabled()).toBe(true);
    await question.getByRole('textbox').fill('layla');
    await confirm.click();
    await person.wasTold(anyOf(words.remove.done));
    await expect.poll(() => users.filter({ hasText: 'layla' }).count()).toBe(0);
    // The one that asked for the confirmation.
    expect(person.problems.splice(0).filter((problem) => !problem.includes('403'))).toEqual([]);
  });
});
