import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newApp } from './authenticator.ts';
import { addPerson, createOwner, invite, password, signIn, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

/*
 * What a person does with their own account besides factors: sessions, tokens, the way in by an invitation.
 */

describe.each(languages('en'))('the own account in $language', ({ language, texts }) => {
  let panel: Panel;
  let owner: Asker;
  const { account, accounts } = texts;

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
    await owner.send('PUT', '/api/v1/me/preferences', { language, theme: 'light', digits: 'latn', timeZone: 'auto' });
  });
  afterAll(() => panel.close());

  async function confirm({ page }: Person): Promise<void> {
    const question = page.getByRole('dialog', { name: accounts.elevation.title });
    await question.getByLabel(accounts.proof.label.password, { exact: true }).fill(password);
    await question.getByLabel(accounts.proof.label.password, { exact: true }).press('Enter');
  }

  it('AUTH-6 a token is made, shown once, works for what it may, and ends when it is deleted', async () => {
    const person = await newPerson(panel, { language, cookie: (await signIn(panel, 'owner')).cookie });
    const { page } = person;
    await person.goto('/account#tokens');
    await page.getByText(account.tokens.empty).waitFor();
    await page.getByRole('button', { name: account.tokens.add }).click();
    await confirm(person);
    const form = page.getByRole('dialog', { name: account.tokens.newTitle });
    await form.getByRole('button', { name: account.tokens.create }).click();
    await form.getByText(account.tokens.nameMissing).waitFor();
    await form.getByText(account.tokens.scopesMissing).waitFor();
    await form.getByLabel(account.tokens.name).fill('نشر الموقع');
    await form.getByLabel(texts.people.permissions.sites_read.name, { exact: true }).check();
    await form.getByLabel(account.tokens.addresses).fill('127.0.0.0/8\nnot an address');
    await form.getByRole('button', { name: account.tokens.create }).click();
    await form.getByText(texts.errors.fields.address_invalid).waitFor();
    await form.getByLabel(account.tokens.addresses).fill('127.0.0.0/8');
    await form.getByRole('button', { name: account.tokens.create }).click();

    const done = page.getByRole('dialog', { name: account.tokens.doneTitle });
    const secret = (await done.getByText(/^aap_[a-z2-7]{16}_/).textContent()) ?? '';
    expect(secret).toMatch(/^aap_[a-z2-7]{16}_[A-Za-z0-9_-]{43}$/);
    await done.getByRole('button', { name: account.tokens.kept }).click();

    const use = async (path: string): Promise<number> =>
      (await fetch(panel.origin + path, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await use('/api/v1/sites')).toBe(200);
    expect(await use('/api/v1/audit')).toBe(403);

    await page.reload();
    const list = page.getByRole('list', { name: account.tokens.title });
    await list.getByText('نشر الموقع').waitFor();
    await list.getByText(anyOf(account.tokens.lastUsedFrom)).waitFor();
    // Shown this once: nothing on the page knows it any more.
    expect(await page.content()).not.toContain(secret);
    await list.getByRole('button', { name: anyOf(account.tokens.delete) }).click();
    await page.getByRole('dialog').getByRole('button', { name: texts.common.actions.delete }).click();
    await page.getByText(account.tokens.empty).waitFor();
    expect(await use('/api/v1/sites')).toBe(401);
    expect(person.problems).toEqual([]);
    await person.leave();
  });

  it('a request that crossed the new id of the session is made again, and the page stays', async () => {
    const person = await newPerson(panel, { language, cookie: (await signIn(panel, 'owner')).cookie });
    const { page } = person;
    const loads: string[] = [];
    page.on('request', (request) => request.isNavigationRequest() && loads.push(request.url()));
    let refused = 0;
    await page.route('**/api/v1/me/tokens', async (route) => {
      refused += 1;
      if (refused > 1) return await route.continue();
      await route.fulfill({ status: 401, json: { code: 'not_signed_in', fields: [] } });
    });
    await person.goto('/account#tokens');
    await page.getByText(account.tokens.empty).waitFor();
    expect({ refused, loads: loads.length }).toEqual({ refused: 2, loads: 1 });
    expect(person.problems).toEqual([]);
    await person.leave();
  });

  it('sessions are named by their device and ended, one or all others', async () => {
    const here = await newPerson(panel, { language, cookie: (await signIn(panel, 'owner')).cookie });
    const there = await newPerson(panel, { language, cookie: (await signIn(panel, 'owner')).cookie });
    const { page } = here;
    await there.goto('/account#sessions');
    await there.page.getByText(account.sessions.current).waitFor();
    await here.goto('/account#sessions');
    const list = page.getByRole('list', { name: account.sessions.title });
    await list.getByText(account.sessions.current).waitFor();
    const before = await list.getByRole('listitem').count();
    expect(before).toBeGreaterThan(2);
    await list.getByText('Node.js').first().waitFor();
    await list
      .getByRole('button', { name: anyOf(account.sessions.endOne) })
      .first()
      .click();
    await expect.poll(() => list.getByRole('listitem').count()).toBe(before - 1);

    await page.getByRole('button', { name: account.sessions.endOthers }).click();
    await page.getByRole('dialog').getByRole('button', { name: account.sessions.endOthers }).click();
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1);
    await there.page.reload();
    await there.page.getByRole('heading', { level: 1, name: accounts.signIn.title }).waitFor();
    // The page that ended them goes on.
    await page.reload();
    await list.getByText(account.sessions.current).waitFor();
    expect([...here.problems, ...there.problems]).toEqual([]);
    await Promise.all([here.leave(), there.leave()]);
  });

  it('a sign-in from a new device is told about where the person is', async () => {
    await addPerson(panel, `lina-${language}`, 'operator');
    const person = await newPerson(panel, { language, cookie: (await signIn(panel, `lina-${language}`)).cookie });
    const { page } = person;
    await person.goto('/account#sessions');
    await page.getByText(accounts.notices.newDevice).waitFor();
    await page.getByRole('button', { name: accounts.notices.dismiss }).first().click();
    await page.getByText(accounts.notices.newDevice).waitFor({ state: 'hidden' });
    await page.reload();
    await page.getByText(account.sessions.current).waitFor();
    expect(await page.getByText(accounts.notices.newDevice).count()).toBe(0);
    expect(person.problems).toEqual([]);
    await person.leave();
  });

  it('an invitation asks for a password, then for the second factor that the account must have, then opens the panel', async () => {
    const name = `omar-${language}`;
    const link = await invite(await signIn(panel, 'owner'), {
      name,
      displayName: 'عمر',
      role: 'administrator',
      mustHaveSecondFactor: true,
    });
    const person = await newPerson(panel, { language });
    const { page } = person;
    await page.goto(link);
    await page.getByRole('heading', { level: 1, name: anyOf(accounts.invitation.titleNamed) }).waitFor();
    await page.getByText(name, { exact: true }).waitFor();
    // The secret is out of the address before anything is asked.
    expect(page.url()).toBe(`${panel.origin}/invitation`);
    await page.getByLabel(accounts.invitation.password, { exact: true }).fill('short');
    await page.getByRole('button', { name: accounts.invitation.submit }).click();
    await page.getByText(texts.errors.fields.password_too_short).waitFor();
    await page.getByLabel(accounts.invitation.password, { exact: true }).fill(password);
    await page.getByRole('button', { name: accounts.invitation.submit }).click();

    await page.getByRole('heading', { level: 1, name: account.needed.title }).waitFor();
    // Nothing else opens, whatever the address.
    await person.goto('/sites');
    await page.getByRole('heading', { level: 1, name: account.needed.title }).waitFor();
    // At an address passkeys cannot work: said, with what to do.
    await page.getByText(account.passkeys.whatToDo.address).waitFor();
    await page.getByRole('button', { name: account.needed.totp }).click();
    await confirm(person);
    const setup = page.getByRole('dialog', { name: account.totp.setupTitle });
    const app = newApp((await setup.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent()) ?? '');
    await setup.getByLabel(account.totp.code).fill(app.code());
    const sheet = page.getByRole('dialog', { name: account.codes.title });
    await sheet.getByLabel(account.codes.kept).check();
    await sheet.getByRole('button', { name: account.codes.done }).click();
    await page.getByRole('heading', { level: 1, name: texts.sites.title }).waitFor();
    expect(person.problems).toEqual([]);
    await person.leave();

    const second = await newPerson(panel, { language });
    await second.page.goto(link);
    await second.page.getByRole('heading', { level: 1, name: accounts.link.voidTitle }).waitFor();
    expect(second.problems).toEqual([]);
    await second.leave();
  });
});
