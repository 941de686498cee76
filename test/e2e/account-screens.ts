import type { Page } from 'playwright-core';
import { addPerson, invite, password, signIn, type Asker } from './ask.ts';
import { newApp, type App } from './authenticator.ts';
import type { Panel } from './panel.ts';
import type { Screen, Texts } from './screens.ts';
import { anyOf } from './texts.ts';

/** People besides the owner: `second` signs in with an app too, `must` has to add a factor first. */
export type AccountPeople = { readonly second: Asker; readonly must: Asker; readonly invitation: string };

let app: App | undefined;

/** Accounts in the states that the screens below show. */
export async function prepareAccounts(panel: Panel, displayName: string): Promise<AccountPeople> {
  const second = await addPerson(panel, 'second', 'administrator', { displayName });
  await second.elevate();
  const { secret } = await second.send<{ secret: string }>('POST', '/api/v1/me/totp/secret');
  app = newApp(secret);
  await second.send('POST', '/api/v1/me/totp', { secret, code: app.code() });
  const must = await addPerson(panel, 'must', 'operator', { mustHaveSecondFactor: true });
  const owner = await signIn(panel, 'owner');
  await owner.elevate();
  const token = { scopes: ['sites.read', 'sites.write', 'jobs.read'], expiresInDays: 90 };
  await owner.send('POST', '/api/v1/me/tokens', { ...token, name: 'نشر المتجر' });
  await owner.send('POST', '/api/v1/me/tokens', {
    ...token,
    name: 'nightly backups of every shop that we look after',
    addresses: ['203.0.113.7', '2001:db8:1234:5678::/64'],
    isElevated: true,
  });
  const link = await invite(owner, { name: 'huda', displayName, role: 'viewer' });
  return { second, must, invitation: link.split('#token=')[1] ?? '' };
}

async function confirm(page: Page, { accounts }: Texts): Promise<void> {
  const question = page.getByRole('dialog', { name: accounts.elevation.title });
  await question.getByLabel(accounts.proof.label.password, { exact: true }).fill(password);
  await question.getByLabel(accounts.proof.label.password, { exact: true }).press('Enter');
}

async function typePassword(page: Page, { accounts }: Texts): Promise<void> {
  await page.getByLabel(accounts.signIn.name, { exact: true }).fill('second');
  await page.getByLabel(accounts.signIn.password, { exact: true }).fill(password);
  await page.getByLabel(accounts.signIn.password, { exact: true }).press('Enter');
  await page.getByRole('heading', { level: 1, name: accounts.second.title }).waitFor();
}

/** The number makes each a document of its own: an address that differs after `#` only is not loaded anew. */
export const accountScreens: readonly Screen[] = [
  { name: 'sign-in-second', path: '/sign-in', as: 'guest', open: typePassword },
  {
    name: 'sign-in-second-wrong',
    path: '/sign-in',
    as: 'guest',
    open: async (page, texts) => {
      await typePassword(page, texts);
      await page.getByRole('button', { name: texts.accounts.proof.other.recovery }).click();
      await page.getByLabel(texts.accounts.proof.label.recovery, { exact: true }).fill('abcde-23456');
      await page.getByLabel(texts.accounts.proof.label.recovery, { exact: true }).press('Enter');
      await page.getByText(texts.accounts.proof.wrong.recovery).waitFor();
    },
  },
  { name: 'invitation', path: '/invitation#token={invitation}', as: 'guest' },
  { name: 'invitation-void', path: '/invitation', as: 'guest' },
  { name: 'account-needed', path: '/sites', as: 'must' },
  { name: 'account-profile', path: '/account' },
  { name: 'account-security', path: '/account?1#security' },
  {
    name: 'elevation',
    elevation: 'ends',
    path: '/account?2#security',
    open: async (page, { account, accounts }) => {
      // What was prepared has left a confirmation behind.
      const badge = page.getByRole('button', { name: anyOf(accounts.elevation.badge) });
      await badge.click();
      await page.getByRole('menuitem', { name: accounts.elevation.end }).click();
      await badge.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: account.totp.add, exact: true }).click();
      await page.getByLabel(accounts.proof.label.password, { exact: true }).waitFor();
    },
  },
  {
    name: 'account-totp',
    elevation: 'asks',
    path: '/account?3#security',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.account.totp.add, exact: true }).click();
      await confirm(page, texts);
      await page.getByRole('img', { name: texts.account.totp.qr }).waitFor();
    },
  },
  { name: 'account-sessions', path: '/account?4#sessions' },
  {
    name: 'account-tokens',
    path: '/account?5#tokens',
    open: async (page, { account }) => {
      const list = page.getByRole('list', { name: account.tokens.title });
      await list.locator('button[aria-expanded="false"]').first().click();
    },
  },
  {
    name: 'account-token-new',
    path: '/account?6#tokens',
    open: async (page, { account }) => {
      await page.getByRole('button', { name: account.tokens.add }).click();
      const form = page.getByRole('dialog', { name: account.tokens.newTitle });
      await form.getByLabel(account.tokens.elevated).check();
      await form.getByRole('button', { name: account.tokens.create }).click();
      await form.getByText(account.tokens.nameMissing).waitFor();
    },
  },
  {
    name: 'account-token-done',
    path: '/account?7#tokens',
    open: async (page, { account, people }) => {
      await page.getByRole('button', { name: account.tokens.add }).click();
      const form = page.getByRole('dialog', { name: account.tokens.newTitle });
      await form.getByLabel(account.tokens.name).fill('ci');
      await form.getByLabel(people.permissions.sites_read.name, { exact: true }).check();
      await form.getByRole('button', { name: account.tokens.create }).click();
      await page
        .getByText(/^aap_[a-z2-7]{16}_/)
        .first()
        .waitFor();
    },
  },
  { name: 'account-security-app', path: '/account?8#security', as: 'second' },
  {
    name: 'account-codes',
    path: '/account?9#security',
    as: 'second',
    open: async (page, { account, accounts }) => {
      await page.getByRole('button', { name: account.codes.make }).click();
      await page.getByRole('dialog').getByRole('button', { name: account.codes.make }).click();
      await page.getByLabel(accounts.proof.label.totp).fill(app?.code() ?? '');
      await page.getByRole('dialog', { name: account.codes.title }).getByRole('listitem').first().waitFor();
    },
  },
];
