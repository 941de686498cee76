import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addSecurityKey, newApp, pressForPasskey, type App, type SecurityKey } from './authenticator.ts';
import { createOwner, password } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar, en } from './texts.ts';

/*
 * Second factors as a person meets them: in one browser, from the first hint to a lost phone.
 */

describe.each([
  ['ar', ar],
  ['en', en],
] as const)('second factors in %s', (language, texts) => {
  let panel: Panel;
  let siteId = '';
  let person: Person;
  let app: App;
  let codes: string[];
  const { account, accounts } = texts;

  beforeAll(async () => {
    panel = await startPanel({ host: 'localhost' });
    const owner = await createOwner(panel);
    await owner.send('PUT', '/api/v1/me/preferences', {
      language,
      theme: 'light',
      digits: 'latn',
      timeZone: 'auto',
    });
    const wish = { kind: 'static', domains: ['old.example.com'], name: 'old' };
    siteId = (await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', wish)).site.id;
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });

  const signOut = async (): Promise<void> => {
    await person.page.getByRole('button', { name: texts.shell.top.account }).click();
    await person.page.getByRole('menuitem', { name: texts.shell.top.signOut }).click();
    await person.page.getByRole('heading', { level: 1, name: accounts.signIn.title }).waitFor();
  };
  const enterPassword = async (): Promise<void> => {
    const { page } = person;
    await page.getByLabel(accounts.signIn.name, { exact: true }).fill('owner');
    await page.getByLabel(accounts.signIn.password, { exact: true }).fill(password);
    await page.getByLabel(accounts.signIn.password, { exact: true }).press('Enter');
    await page.getByRole('heading', { level: 1, name: accounts.second.title }).waitFor();
  };
  const arrive = (): Promise<void> => person.page.getByRole('navigation', { name: texts.shell.nav.label }).waitFor();

  it('an account with a password only is told so, and sets up an app after confirming with the password', async () => {
    const { page } = person;
    await person.goto('/account#security');
    await page.getByText(account.weak.title).waitFor();
    await page.getByRole('button', { name: account.totp.add, exact: true }).click();

    const question = page.getByRole('dialog', { name: accounts.elevation.title });
    await question.getByLabel(accounts.proof.label.password, { exact: true }).fill('not my password');
    await question.getByLabel(accounts.proof.label.password, { exact: true }).press('Enter');
    await question.getByText(accounts.proof.wrong.password).waitFor();
    await question.getByLabel(accounts.proof.label.password, { exact: true }).fill(password);
    await question.getByLabel(accounts.proof.label.password, { exact: true }).press('Enter');

    const setup = page.getByRole('dialog', { name: account.totp.setupTitle });
    await setup.getByRole('img', { name: account.totp.qr }).waitFor();
    const secret = (await setup.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).textContent()) ?? '';
    app = newApp(secret);
    const field = setup.getByLabel(account.totp.code);
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code');
    await field.fill('000000');
    await setup.getByText(texts.errors.fields.totp_code_wrong).waitFor();
    await field.fill(app.code());

    // The codes come once, and only the person's word closes them.
    const sheet = page.getByRole('dialog', { name: account.codes.title });
    await sheet.getByRole('listitem').first().waitFor();
    codes = await sheet.getByRole('listitem').allTextContents();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{5}-[a-z2-7]{5}$/);
    await page.keyboard.press('Escape');
    expect(await sheet.getByRole('button', { name: account.codes.done }).isDisabled()).toBe(true);
    await person.copies(sheet.getByRole('button', { name: texts.common.actions.copy }), codes.join('\n'));
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      sheet.getByRole('button', { name: account.codes.download }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('aapanel-recovery-codes-owner.txt');
    await sheet.getByLabel(account.codes.kept).check();
    await sheet.getByRole('button', { name: account.codes.done }).click();
    await page.getByText(account.totp.on, { exact: true }).first().waitFor();
    await page.getByText(account.weak.title).waitFor({ state: 'hidden' });
    expect(person.problems).toEqual([]);
  });

  it('signing in then asks for a code of the app, once each', async () => {
    const { page } = person;
    await signOut();
    await enterPassword();
    const field = page.getByLabel(accounts.proof.label.totp);
    await field.fill('000000');
    await page.getByText(accounts.proof.wrong.totp).waitFor();
    await field.fill(app.code());
    await arrive();
    expect(person.problems).toEqual([]);
  });

  it('a recovery code lets in once, is told about, and is refused the second time', async () => {
    const { page } = person;
    await signOut();
    await enterPassword();
    await page.getByRole('button', { name: accounts.proof.other.recovery }).click();
    const field = page.getByLabel(accounts.proof.label.recovery, { exact: true });
    await field.fill((codes[0] ?? '').toUpperCase().replace('-', ' '));
    await field.press('Enter');
    await arrive();
    await page.getByRole('button', { name: texts.shell.top.notifications }).click();
    await page.getByRole('dialog').getByText(accounts.notices.codeUsed).click();
    await page.getByRole('heading', { level: 1, name: account.own.title }).waitFor();
    // The list under the bell is on its way out; the page has the same words.
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: accounts.notices.dismiss }).click();
    await page.getByText(accounts.notices.codeUsed).waitFor({ state: 'hidden' });

    await signOut();
    await enterPassword();
    await page.getByRole('button', { name: accounts.proof.other.recovery }).click();
    await page.getByLabel(accounts.proof.label.recovery, { exact: true }).fill(codes[0] ?? '');
    await page.getByLabel(accounts.proof.label.recovery, { exact: true }).press('Enter');
    await page.getByText(accounts.proof.wrong.recovery).waitFor();
    await page.getByLabel(accounts.proof.label.recovery, { exact: true }).fill(codes[1] ?? '');
    await page.getByLabel(accounts.proof.label.recovery, { exact: true }).press('Enter');
    await arrive();
    expect(person.problems).toEqual([]);
  });

  describe('with a passkey', () => {
    let key: SecurityKey;

    it('one is added, named and renamed', async () => {
      const { page } = person;
      key = await addSecurityKey(page);
      await person.goto('/account#security');
      await page.getByRole('button', { name: account.passkeys.add }).click();
      // A password alone is not enough any more.
      const question = page.getByRole('dialog', { name: accounts.elevation.title });
      await question.getByLabel(accounts.proof.label.totp).waitFor();
      expect(await question.getByText(accounts.proof.other.password).count()).toBe(0);
      await question.getByRole('button', { name: accounts.proof.other.recovery }).click();
      await question.getByLabel(accounts.proof.label.recovery, { exact: true }).fill(codes[2] ?? '');
      await question.getByLabel(accounts.proof.label.recovery, { exact: true }).press('Enter');

      const setup = page.getByRole('dialog', { name: account.passkeys.addTitle });
      await setup.getByLabel(account.passkeys.name).fill('مفتاح المكتب');
      await pressForPasskey(setup.getByRole('button', { name: texts.common.actions.continue }));
      const list = page.getByRole('list', { name: account.passkeys.title });
      await list.getByText('مفتاح المكتب').waitFor();
      expect(await key.passkeyCount()).toBe(1);

      await list.getByRole('button', { name: anyOf(account.passkeys.rename) }).click();
      await list.getByRole('textbox').fill('مفتاح الدرج');
      await list.getByRole('button', { name: texts.common.actions.save }).click();
      // A new factor has ended the confirmation: asked again, and now the passkey comes first.
      await pressForPasskey(question.getByRole('button', { name: anyOf(accounts.proof.passkey) }));
      await list.getByText('مفتاح الدرج').waitFor();
      expect(person.problems).toEqual([]);
    });

    it('the panel is entered with it alone, by the button where the browser has no list of passkeys', async () => {
      const { page } = person;
      await page.addInitScript({
        content: `if (sessionStorage.getItem('no-list') !== null)
          PublicKeyCredential.isConditionalMediationAvailable = async () => false;`,
      });
      await page.evaluate(`sessionStorage.setItem('no-list', 'yes')`);
      await signOut();
      await pressForPasskey(page.getByRole('button', { name: accounts.signIn.passkey }));
      await arrive();
      expect(person.problems).toEqual([]);
    });

    it('where the browser has a list, it is offered under the name field and needs no button', async () => {
      const { page } = person;
      await page.evaluate(`sessionStorage.removeItem('no-list')`);
      await page.getByRole('button', { name: texts.shell.top.account }).click();
      await page.getByRole('menuitem', { name: texts.shell.top.signOut }).click();
      // The key of this test answers the offer as soon as it is made.
      await page.waitForURL(`${panel.origin}/sign-in`);
      await page.waitForURL(`${panel.origin}/`);
      await arrive();
      expect(person.problems).toEqual([]);
    });

    it('a site is deleted with its files after confirming with it, and not without', async () => {
      const { page } = person;
      await person.goto(`/sites/${siteId}/delete`);
      await page.getByLabel(texts.sites.delete.sign).fill('old');
      await page.getByRole('button', { name: texts.sites.delete.action }).click();
      const question = page.getByRole('dialog', { name: accounts.elevation.title });
      await question.waitFor();
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
      // Withdrawn quietly: nothing is said, nothing happened.
      expect(await page.getByRole('alert').count()).toBe(0);

      await page.getByRole('button', { name: texts.sites.delete.action }).click();
      await pressForPasskey(question.getByRole('button', { name: anyOf(accounts.proof.passkey) }));
      await page.waitForURL(`${panel.origin}/sites`);
      // Its files are in the recycle bin: they come back, and what is left goes for good.
      await page.getByRole('link', { name: texts.recycledSites.title, exact: true }).click();
      const { restore, discard } = texts.recycledSites;
      await page.getByRole('button', { name: restore.action, exact: true }).click();
      await page.getByRole('button', { name: restore.confirm, exact: true }).click();
      await person.wasTold(anyOf(restore.done));
      await page.getByRole('button', { name: discard.action, exact: true }).click();
      const sure = page.getByRole('dialog').getByRole('button', { name: discard.confirm, exact: true });
      expect(await sure.isDisabled()).toBe(true);
      await page.getByLabel(discard.sign).fill('old.example.com');
      await sure.click();
      await page.getByText(texts.recycledSites.empty, { exact: true }).waitFor();
      const badge = page.getByRole('button', { name: anyOf(accounts.elevation.badge) });
      await badge.click();
      await page.getByRole('menuitem', { name: accounts.elevation.end }).click();
      await badge.waitFor({ state: 'hidden' });
      expect(person.problems).toEqual([]);
    });

    it('recovery codes are made anew after confirming another way', async () => {
      const { page } = person;
      await person.goto('/account#security');
      await page.getByRole('button', { name: account.codes.make }).first().click();
      await page
        .getByRole('dialog', { name: account.codes.makeTitle })
        .getByRole('button', { name: account.codes.make })
        .click();
      const question = page.getByRole('dialog', { name: accounts.elevation.title });
      await question.getByRole('button', { name: accounts.proof.other.totp }).click();
      await question.getByLabel(accounts.proof.label.totp).fill(app.code());
      const sheet = page.getByRole('dialog', { name: account.codes.title });
      await sheet.getByLabel(account.codes.kept).check();
      await sheet.getByRole('button', { name: account.codes.done }).click();
      const left = language === 'ar' ? ar.account.codes.left_few : en.account.codes.left_other;
      await page.getByText(left.replace('{{value}}', '10').replace('{{total}}', '10')).waitFor();
      expect(person.problems).toEqual([]);
    });

    it('it is removed again', async () => {
      const { page } = person;
      await person.goto('/account#security');
      const list = page.getByRole('list', { name: account.passkeys.title });
      await list.getByRole('button', { name: anyOf(account.passkeys.remove) }).click();
      await page.getByRole('dialog').getByRole('button', { name: account.own.remove }).click();
      const question = page.getByRole('dialog', { name: accounts.elevation.title });
      await pressForPasskey(question.getByRole('button', { name: anyOf(accounts.proof.passkey) }));
      await page.getByText(account.passkeys.empty).waitFor();
      expect(person.problems).toEqual([]);
    });
  });
});
