import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, createOwner, password, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

describe.each(languages('ar'))('people and roles in $language', ({ language, texts }) => {
  let panel: Panel;
  let owner: Asker;
  let person: Person;
  const sites: Record<string, string> = {};

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel, language === 'ar' ? 'سارة الأحمد' : 'Sara Ahmad');
    for (const domain of ['shop.example.com', 'blog.example.com']) {
      const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
        kind: 'static',
        domains: [domain],
      });
      sites[domain] = site.id;
    }
    await owner.elevate();
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });

  /** The account of somebody beside the list. */
  async function openAccount(name: string): Promise<void> {
    await person.goto('/people');
    await person.page.getByRole('link', { name: texts.people.list.open.replace('{{name}}', name) }).click();
    await person.page.getByRole('dialog').getByText(texts.people.detail.rights).waitFor();
  }

  it('PERM-1 a site manager is invited with a link, chooses a password with it, and sees only the assigned site', async () => {
    const { page } = person;
    const { people } = texts;
    await person.goto('/people');
    await page.getByText(people.list.aloneTitle).waitFor();
    await page.getByRole('button', { name: people.invite.action }).click();
    const sheet = page.getByRole('dialog', { name: people.invite.title });
    await sheet.getByRole('button', { name: people.invite.submit }).click();
    await sheet.getByText(texts.errors.fields.required).waitFor();
    await sheet.getByLabel(people.invite.name).fill('Omar!');
    await sheet.getByRole('button', { name: people.invite.submit }).click();
    await sheet.getByText(texts.errors.fields.user_name_invalid).waitFor();
    await sheet.getByLabel(people.invite.name).fill('omar');
    await sheet.getByLabel(people.invite.displayName).fill('عمر الخطيب');
    await sheet.getByRole('radio', { name: people.roles.names.site_manager }).check();
    await sheet.getByText(people.form.sitesNone).waitFor();
    await sheet
      .getByRole('combobox', { name: people.form.sites })
      .or(sheet.getByLabel(people.form.sites))
      .first()
      .click();
    await page.getByRole('option', { name: 'shop.example.com' }).click();
    await page.keyboard.press('Escape');
    // Asked for unless the inviter says otherwise: here a password is enough.
    await sheet.getByRole('switch', { name: people.form.secondFactor }).click();
    await sheet.getByRole('button', { name: people.invite.submit }).click();
    const done = page.getByRole('dialog', { name: people.invite.doneTitle });
    const link = (await done.getByTestId('invitation-link').textContent()) ?? '';
    expect(link).toMatch(/\/invitation#token=[A-Za-z0-9_-]{32,}$/);
    await person.copies(done.getByRole('button', { name: people.link.copy }), link);
    await done.getByRole('button', { name: texts.common.actions.close }).first().click();
    await page.getByText(people.states.invited, { exact: true }).waitFor();

    const omar = await newPerson(panel, { language });
    await omar.page.goto(link);
    await omar.page.getByLabel(texts.accounts.invitation.password, { exact: true }).fill(password);
    await omar.page.getByRole('button', { name: texts.accounts.invitation.submit }).click();
    const nav = omar.page.getByRole('navigation', { name: texts.shell.nav.label });
    await nav.waitFor();
    expect(await nav.getByRole('link', { name: texts.shell.nav.people }).count()).toBe(0);
    expect(await nav.getByRole('link', { name: texts.shell.nav.dashboard }).count()).toBe(0);
    await omar.goto('/');
    await omar.page.getByRole('heading', { level: 1, name: texts.sites.title }).waitFor();
    await omar.page.getByRole('link', { name: 'shop.example.com' }).waitFor();
    expect(await omar.page.getByText('blog.example.com').count()).toBe(0);
    await omar.goto(`/sites/${sites['blog.example.com']}`);
    await omar.page.getByText(texts.sites.gone.title).first().waitFor();
    await omar.goto('/people');
    await omar.page.getByText(texts.common.states.needsPermission).waitFor();
    expect(omar.problems).toEqual([]);

    // The link is used up.
    const thief = await newPerson(panel, { language });
    await thief.page.goto(link);
    await thief.page.getByText(texts.accounts.invitation.voidText).waitFor();
    await Promise.all([omar.leave(), thief.leave()]);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('USER-4 disabling an account acts on the page that its person has open, and enabling lets them in again', async () => {
    const nadia = await addPerson(panel, 'nadia', 'viewer');
    const other = await newPerson(panel, { language, cookie: nadia.cookie });
    await other.goto('/sites');
    await other.page.getByRole('link', { name: 'shop.example.com' }).waitFor();

    await openAccount('nadia');
    const { page } = person;
    const { detail } = texts.people;
    await page.getByRole('button', { name: detail.disable }).click();
    const question = page.getByRole('dialog', { name: anyOf(detail.disableTitle) });
    await question.getByRole('button', { name: detail.disable }).click();
    await page.getByText(anyOf(detail.disabled)).waitFor();
    // They are led out at once; whoever is quicker than the news is, by the next thing they ask for.
    const link = other.page.getByRole('link', { name: texts.shell.nav.history });
    await link.click({ timeout: 2_000 }).catch(() => undefined);
    await other.page.getByRole('heading', { level: 1, name: texts.accounts.signIn.title }).waitFor();

    await page.getByRole('button', { name: detail.enable }).click();
    await page.getByText(anyOf(detail.enabled)).waitFor();
    await addPersonSignsIn('nadia');
    await other.leave();
    expect(person.problems.splice(0)).toEqual([]);
  });

  async function addPersonSignsIn(name: string): Promise<void> {
    const other = await newPerson(panel, { language });
    await other.goto('/sign-in');
    await other.page.getByLabel(texts.accounts.signIn.name, { exact: true }).fill(name);
    await other.page.getByLabel(texts.accounts.signIn.password, { exact: true }).fill(password);
    await other.page.getByLabel(texts.accounts.signIn.password, { exact: true }).press('Enter');
    await other.page.getByRole('navigation', { name: texts.shell.nav.label }).waitFor();
    await other.leave();
  }

  it('an own role is made from the list of permissions, given to somebody, and kept while they have it', async () => {
    await addPerson(panel, 'karim', 'viewer');
    const { page } = person;
    const { people } = texts;
    await person.goto('/people/roles');
    await page.getByText(people.roles.ownEmpty).waitFor();
    await page.getByRole('button', { name: people.roles.create }).click();
    const sheet = page.getByRole('dialog', { name: people.roles.create });
    await sheet.getByLabel(people.roles.name, { exact: true }).fill('مراجع السجلات');
    await sheet.getByText(people.roles.scopes.all, { exact: true }).click();
    await sheet.getByRole('checkbox', { name: people.permissions.audit_read.name }).check();
    await sheet.getByRole('button', { name: texts.common.actions.create, exact: true }).click();
    await person.wasTold(anyOf(people.roles.created));

    await openAccount('karim');
    await page.getByRole('radio', { name: 'مراجع السجلات' }).check();
    await page.getByRole('button', { name: people.detail.save, exact: true }).click();
    await person.wasTold(anyOf(people.detail.saved));
    const { items } = await owner.get<{ items: { name: string; roleName: string }[] }>('/api/v1/people');
    expect(items.find(({ name }) => name === 'karim')?.roleName).toBe('مراجع السجلات');

    await person.goto('/people/roles');
    const bin = page.getByRole('button', { name: `${people.roles.delete}: مراجع السجلات` });
    await bin.waitFor();
    expect(await bin.isDisabled()).toBe(true);
    await bin.locator('..').focus();
    await page.getByRole('tooltip', { name: people.roles.inUse }).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('somebody is removed only after their name was typed', async () => {
    await addPerson(panel, 'samir', 'viewer');
    await openAccount('samir');
    const { page } = person;
    const { detail } = texts.people;
    await page.getByRole('button', { name: detail.remove }).click();
    const question = page.getByRole('dialog', { name: anyOf(detail.removeTitle) });
    const confirm = question.getByRole('button', { name: detail.removeAction });
    expect(await confirm.isDisabled()).toBe(true);
    await question.getByRole('textbox').fill('samir');
    await confirm.click();
    await page.getByText(anyOf(detail.removed)).waitFor();
    const { items } = await owner.get<{ items: { name: string }[] }>('/api/v1/people');
    expect(items.map(({ name }) => name)).not.toContain('samir');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('USER-5 USER-6 an administrator sees the owner’s account without being able to change it, and is told why', async () => {
    const lina = await addPerson(panel, 'lina', 'administrator');
    const other = await newPerson(panel, { language, cookie: lina.cookie });
    await other.goto('/people');
    await other.page
      .getByRole('link', { name: anyOf(texts.people.list.open) })
      .first()
      .click();
    await other.page.getByText(texts.people.ownerOnly).waitFor();
    expect(await other.page.getByRole('button', { name: texts.people.detail.remove }).count()).toBe(0);
    expect(await other.page.getByRole('radio', { name: texts.people.roles.names.viewer }).isDisabled()).toBe(true);
    expect(other.problems).toEqual([]);
    await other.leave();
  });
});
