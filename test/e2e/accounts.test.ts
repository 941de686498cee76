import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPerson, password, signIn, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar, en } from './texts.ts';

let panel: Panel;
let firstLink = '';

beforeAll(async () => {
  panel = await startPanel();
  firstLink = panel.firstRunLink ?? '';
});
afterAll(() => panel.close());

async function signInAs(person: Person, name: string, word = password): Promise<void> {
  await person.page.getByLabel(ar.accounts.signIn.name, { exact: true }).fill(name);
  await person.page.getByLabel(ar.accounts.signIn.password, { exact: true }).fill(word);
  await person.page.getByLabel(ar.accounts.signIn.password, { exact: true }).press('Enter');
}

it('without the printed link the first-run page says how to get one, and the panel leads there', async () => {
  const person = await newPerson(panel);
  await person.goto('/sites');
  await person.page.getByRole('heading', { level: 1, name: ar.accounts.firstRun.noLinkTitle }).waitFor();
  expect(new URL(person.page.url()).pathname).toBe('/first-run');
  await person.page.getByText('aapanel link').waitFor();
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('a wrong link is refused in words, and the way to a new one is shown', async () => {
  const person = await newPerson(panel);
  await person.goto('/first-run#token=not-the-one');
  await person.page.getByLabel(ar.accounts.firstRun.name).fill('intruder');
  await person.page.getByLabel(ar.accounts.firstRun.password, { exact: true }).fill(password);
  await person.page.getByRole('button', { name: ar.accounts.firstRun.submit }).click();
  await person.page.getByRole('heading', { name: ar.accounts.firstRun.voidTitle }).waitFor();
  await person.leave();
});

it('UX-4 the printed link makes the owner and leads into an Arabic right-to-left panel', async () => {
  const person = await newPerson(panel);
  const { page } = person;
  // Before any script of ours has drawn: the direction is in the page already.
  await page.goto(firstLink, { waitUntil: 'commit' });
  await page.locator('html[lang="ar"][dir="rtl"]').waitFor({ state: 'attached' });
  await page.getByLabel(ar.accounts.firstRun.name).waitFor();
  expect(page.url()).toBe(`${panel.origin}/first-run`);

  // Mistakes are named under their fields, in the person's language.
  await page.getByLabel(ar.accounts.firstRun.name).fill('A b');
  await page.getByLabel(ar.accounts.firstRun.password, { exact: true }).fill('short');
  await page.getByRole('button', { name: ar.accounts.firstRun.submit }).click();
  await page.getByText(ar.errors.fields.user_name_invalid).waitFor();
  await page.getByLabel(ar.accounts.firstRun.name).fill('owner');
  await page.getByLabel(ar.accounts.firstRun.password, { exact: true }).fill('password1');
  await page.getByRole('button', { name: ar.accounts.firstRun.submit }).click();
  await page.getByText(ar.errors.fields.password_common).waitFor();

  await page.getByLabel(ar.accounts.firstRun.displayName).fill('سارة الأحمد');
  await page.getByLabel(ar.accounts.firstRun.password, { exact: true }).fill(password);
  await page.getByText(ar.accounts.password.levels.strong).waitFor();
  await page.getByRole('button', { name: ar.accounts.firstRun.submit }).click();
  await page.waitForURL(`${panel.origin}/`);
  await page.getByRole('navigation', { name: ar.shell.nav.label }).waitFor();
  expect(await page.evaluate('document.documentElement.dir')).toBe('rtl');
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('the used link creates nobody again, and the page says that the owner exists', async () => {
  const person = await newPerson(panel);
  await person.page.goto(firstLink);
  await person.page.getByRole('heading', { name: ar.accounts.firstRun.doneTitle }).waitFor();
  await person.page.getByRole('link', { name: ar.accounts.signIn.title }).click();
  await person.page.getByRole('heading', { level: 1, name: ar.accounts.signIn.title }).waitFor();
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('USER-7 a wrong password and an unknown name get the same words', async () => {
  const person = await newPerson(panel);
  await person.goto('/sign-in');
  for (const name of ['owner', 'nobody']) {
    await signInAs(person, name, 'not the password');
    await person.page.getByRole('alert').getByText(ar.accounts.signIn.wrong, { exact: true }).waitFor();
  }
  expect(new URL(person.page.url()).pathname).toBe('/sign-in');
  await person.leave();
});

it('signing in leads to the page that was asked for, and never to another host', async () => {
  const person = await newPerson(panel);
  await person.goto('/settings');
  await person.page.waitForURL(/\/sign-in\?next=/);
  await signInAs(person, 'owner');
  await person.page.getByRole('heading', { level: 1, name: ar.settings.title }).waitFor();
  // "Back" does not lead to the form again.
  await person.page.getByRole('button', { name: ar.shell.top.account }).click();
  await person.page.getByRole('menuitem', { name: ar.shell.top.signOut }).click();
  await person.page.getByRole('heading', { level: 1, name: ar.accounts.signIn.title }).waitFor();
  for (const next of ['https://evil.test/', '//evil.test/', '/\\evil.test']) {
    await person.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await signInAs(person, 'owner');
    await person.page.getByRole('navigation', { name: ar.shell.nav.label }).waitFor();
    expect(new URL(person.page.url()).origin).toBe(panel.origin);
    await person.context.clearCookies();
  }
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('the name of the panel stands on the sign-in screen', async () => {
  const owner = await signIn(panel, 'owner');
  await owner.send('PUT', '/api/v1/settings', { panelName: 'خادم المتجر', defaultLanguage: 'ar' });
  const person = await newPerson(panel);
  await person.goto('/sign-in');
  await person.page.getByText('خادم المتجر', { exact: true }).waitFor();
  expect(await person.page.title()).toContain('خادم المتجر');
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('the language chosen before sign-in stays with the account', async () => {
  const person = await newPerson(panel);
  await person.goto('/sign-in');
  await person.page.getByText('English', { exact: true }).click();
  await person.page.getByRole('heading', { level: 1, name: en.accounts.signIn.title }).waitFor();
  expect(await person.page.evaluate('document.documentElement.dir')).toBe('ltr');
  await person.page.getByLabel(en.accounts.signIn.name, { exact: true }).fill('owner');
  await person.page.getByLabel(en.accounts.signIn.password, { exact: true }).fill(password);
  await person.page.getByLabel(en.accounts.signIn.password, { exact: true }).press('Enter');
  await person.page.getByRole('navigation', { name: en.shell.nav.label }).waitFor();
  await person.goto('/settings');
  await person.page.getByText('العربية', { exact: true }).click();
  await person.page.getByRole('heading', { level: 1, name: ar.settings.title }).waitFor();
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('a changed password ends the other sessions of the person, who is told so there', async () => {
  const [here, there] = await Promise.all([newPerson(panel), newPerson(panel)]);
  for (const person of [here, there]) {
    await person.goto('/account#security');
    await signInAs(person, 'owner');
    await person.page.getByRole('heading', { name: ar.account.own.password.title }).waitFor();
  }
  const { page } = here;
  const confirm = page.getByRole('dialog', { name: ar.accounts.elevation.title });
  await page.getByLabel(ar.account.own.password.current).fill('wrong one');
  await page.getByLabel(ar.account.own.password.next, { exact: true }).fill('another good password');
  await page.getByRole('button', { name: ar.account.own.password.change }).click();
  await confirm.getByLabel(ar.accounts.proof.label.password, { exact: true }).fill(password);
  await confirm.getByLabel(ar.accounts.proof.label.password, { exact: true }).press('Enter');
  await page.getByText(ar.errors.fields.password_wrong).waitFor();
  await page.getByLabel(ar.account.own.password.current).fill(password);
  await page.getByRole('button', { name: ar.account.own.password.change }).click();
  await page.getByText(ar.account.own.password.changed).waitFor();

  await there.goto('/');
  await there.page.getByRole('heading', { level: 1, name: ar.accounts.signIn.title }).waitFor();

  // And back, for the tests that follow; the change has ended the confirmation.
  await page.getByLabel(ar.account.own.password.current).fill('another good password');
  await page.getByLabel(ar.account.own.password.next, { exact: true }).fill(password);
  await page.getByRole('button', { name: ar.account.own.password.change }).click();
  await confirm.getByLabel(ar.accounts.proof.label.password, { exact: true }).fill('another good password');
  await confirm.getByLabel(ar.accounts.proof.label.password, { exact: true }).press('Enter');
  await page.getByText(ar.account.own.password.changed).waitFor();
  expect(here.problems).toEqual([]);
  await Promise.all([here.leave(), there.leave()]);
});

it('after too many wrong tries the page says how long to wait and counts down', async () => {
  const person = await newPerson(panel);
  await person.goto('/sign-in');
  const limited = person.page.getByText(anyOf(ar.accounts.signIn.limited));
  for (let tries = 0; tries < 14 && !(await limited.isVisible()); tries++) {
    await signInAs(person, `guess-${tries}`, 'not the password');
    await person.page.getByRole('alert').waitFor();
    await person.page.getByRole('button', { name: ar.accounts.signIn.submit, disabled: false }).or(limited).waitFor();
  }
  await limited.waitFor();
  await person.page.getByRole('button', { name: anyOf(ar.accounts.signIn.wait), disabled: true }).waitFor();
  await person.leave();
});

/** Sign-ins from this address are used up by now: the panel forgets them with a restart. */
async function forgive(): Promise<void> {
  await panel.stop();
  await panel.start();
}

it('USER-5 a viewer sees without changing: actions are shown disabled, owner’s pages say why', async () => {
  await forgive();
  const viewer: Asker = await addPerson(panel, 'guest', 'viewer');
  const person = await newPerson(panel, { cookie: viewer.cookie });
  await person.goto('/settings#panel');
  const save = person.page.getByRole('button', { name: ar.common.actions.save });
  await save.waitFor();
  expect(await save.isDisabled()).toBe(true);
  await person.page.getByText(ar.common.actions.save).hover({ force: true });
  await person.page.getByText(ar.settings.panel.readOnly).waitFor();
  await person.goto('/settings#configuration');
  await person.page.getByText(ar.settings.configuration.notAllowed).waitFor();
  await person.goto('/audit');
  await person.page.getByText(ar.common.states.needsPermission).waitFor();
  await expect(viewer.send('PUT', '/api/v1/settings', { panelName: 'x', defaultLanguage: 'ar' })).rejects.toThrow(
    '403',
  );
  expect(person.problems).toEqual([]);
  await person.leave();
});

it('the audit log names what happened, who did it and why it was refused', async () => {
  const person = await newPerson(panel);
  await person.goto('/audit');
  await signInAs(person, 'owner');
  const { page } = person;
  await page.getByRole('heading', { level: 1, name: ar.audit.title }).waitFor();
  const line = page.getByRole('button', { name: ar.audit.actions.setSettings }).first();
  await line.click();
  await page.getByText('not_allowed', { exact: true }).waitFor();
  await page
    .getByRole('textbox', { name: ar.audit.filter })
    .or(page.getByRole('combobox', { name: ar.audit.filter }))
    .first()
    .click();
  await page.getByRole('option', { name: ar.audit.actions.createOwner }).click();
  await page
    .getByRole('button', { name: ar.audit.actions.signIn, exact: false })
    .first()
    .waitFor({ state: 'detached' });
  expect(await page.getByRole('button', { name: ar.audit.actions.createOwner }).count()).toBeGreaterThan(0);
  expect(person.problems).toEqual([]);
  await person.leave();
});
