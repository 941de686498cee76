import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { ar } from './texts.ts';

const words = ar.deployments;

let panel: Panel;
let owner: Asker;
let person: Person;
let page: Page;
let siteId = '';

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  await owner.elevate();
  person = await newPerson(panel, { cookie: owner.cookie });
  page = person.page;
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

const button = (name: string) => page.getByRole('button', { name, exact: true });

it('a site that is made for a repository leads to the page that connects it, with its address', async () => {
  await person.goto('/sites?new=true');
  await page.getByLabel(ar.sites.domains.label).fill('shop.example.com');
  await button(ar.sites.new.advanced).click();
  const repository = page.getByLabel(ar.sites.new.repository, { exact: true });
  await repository.fill('file:///srv/shop.git');
  await button(ar.sites.new.submit).click();
  await page.getByText(ar.errors.fields.repository_scheme).waitFor();
  await repository.fill('git@github.com:amal/shop.git');
  await button(ar.sites.new.submit).click();
  await page.waitForURL(/\/sites\/\w+\/deploy\?/);
  siteId = /sites\/(\w+)\//.exec(page.url())?.[1] ?? '';
  expect(await page.getByLabel(words.connect.url, { exact: true }).inputValue()).toBe('git@github.com:amal/shop.git');
});

it('a repository is connected step by step: what is wrong is said beside its field, and the server’s key is confirmed by hand', async () => {
  const address = page.getByLabel(words.connect.url, { exact: true });
  await address.fill('https://name:word@github.com/amal/shop.git');
  await button(words.connect.next).click();
  await page.getByText(ar.errors.fields.repository_credentials).waitFor();
  await address.fill('git@github.com:amal/shop.git');
  await button(words.connect.next).click();
  await page.getByText(/^ssh-ed25519 .+ aapanel-shop\.example\.com$/).waitFor();
  // The server publishes this very fingerprint, which is said; trusting it is the person's.
  await page.getByText('SHA256:+DiY3wvvV6TuJJhbpZisF').waitFor();
  expect(await button(words.connect.test).count()).toBe(0);
  await page.getByLabel(words.host.confirm).check();
  await button(words.connect.test).click();
  await page.getByLabel(words.form.build, { exact: true }).fill('npm ci\nnpm run build');
  await page.getByLabel(words.form.folder, { exact: true }).fill('/dist/');
  await button(words.connect.deploy).click();
  await page.getByText(words.list.current, { exact: true }).waitFor({ timeout: 60_000 });
  const { deploy } = await owner.get<{ deploy: { folder: string; build: string[][] } }>(`/api/v1/sites/${siteId}`);
  expect(deploy).toMatchObject({
    folder: '/dist',
    build: [
      ['npm', 'ci'],
      ['npm', 'run', 'build'],
    ],
  });
});

it('the log is read, another release takes the place of the first, and the first comes back after one question', async () => {
  await button(words.list.log).first().click();
  await page.getByText('$ npm ci').waitFor();
  await button(words.live.deploy).click();
  await button(words.list.rollBack).waitFor({ timeout: 60_000 });
  await button(words.list.rollBack).click();
  await page.getByRole('dialog').getByRole('button', { name: words.list.rollBack, exact: true }).click();
  await page.getByText(words.list.rolledBack).waitFor();
  await page.getByText(words.list.rollback).waitFor();
});

it('another version is deployed once: a name that is none is said beside its field, and the commit stands in the list', async () => {
  await button(words.once.open).click();
  const sheet = page.getByRole('dialog', { name: words.once.title });
  await sheet.getByLabel(words.connect.refKind).selectOption('commit');
  await sheet.getByLabel(words.once.name, { exact: true }).fill('4f2c9a1');
  await sheet.getByRole('button', { name: words.once.start, exact: true }).click();
  await sheet.getByText(ar.errors.fields.git_commit_invalid).waitFor();
  await sheet.getByLabel(words.once.name, { exact: true }).fill('4F2C9A1B'.repeat(5));
  await sheet.getByRole('button', { name: words.once.start, exact: true }).click();
  await sheet.waitFor({ state: 'detached' });
  const { items } = await owner.get<{ items: { ref: string }[] }>(`/api/v1/sites/${siteId}/deployments`);
  expect(items[0]?.ref).toBe('4f2c9a1b'.repeat(5));
  await expect
    .poll(
      () =>
        button(words.live.deploy)
          .isEnabled()
          .catch(() => false),
      { timeout: 30_000 },
    )
    .toBe(true);
});

it('packages of a project are installed from its tab, a script that fails is seen, and one starts the application', async () => {
  const project = ar.dependencies;
  const made = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'app',
    domains: ['node.example.com'],
    app: { program: 'node', arguments: ['server.js'] },
  });
  await person.goto(`/sites/${made.site.id}/app`);
  await page.getByText(project.notInstalled, { exact: true }).waitFor();
  await button(project.node.install).click();
  await page.getByText(project.installed, { exact: true }).waitFor({ timeout: 30_000 });
  await button(project.node.run.replace('{{script}}', 'lint')).click();
  await page.getByText(new RegExp(`^${project.states.failed}`)).waitFor({ timeout: 30_000 });
  await page.getByLabel(project.node.manager, { exact: true }).selectOption('pnpm');
  await page.getByText(project.node.toolMissing).waitFor();
  expect(await button(project.node.install).isDisabled()).toBe(true);
  await page.getByLabel(ar.apps.form.from, { exact: true }).selectOption('npm run start');
  expect(await page.getByLabel(ar.apps.form.program, { exact: true }).inputValue()).toBe('npm');
  expect(await page.getByLabel(ar.apps.form.arguments, { exact: true }).inputValue()).toBe('run\nstart');
  await page.getByLabel(ar.apps.form.program, { exact: true }).fill('venv/bin/gunicorn');
  await page.getByLabel(ar.apps.form.arguments, { exact: true }).fill('--bind\nunix:{socket}\napp:app');
  await page.getByLabel(ar.apps.form.processes, { exact: true }).fill('4');
  expect(await page.getByLabel(ar.apps.form.arguments, { exact: true }).inputValue()).toBe(
    '--bind\nunix:{socket}\n--workers\n4\napp:app',
  );
  await person.goto(`/sites/${siteId}/deploy`);
});

it('a webhook shows its secret once, and is gone when it is removed', async () => {
  await button(words.hook.make).click();
  const dialog = page.getByRole('dialog', { name: words.hook.doneTitle });
  await dialog.getByText(/\/api\/v1\/hooks\/[a-z2-7]{16}$/).waitFor();
  const secret = await dialog.getByText(/^[A-Za-z0-9_-]{32}$/).innerText();
  await dialog.getByRole('button', { name: words.hook.kept }).click();
  await page.reload();
  await page.getByText(words.hook.never).waitFor();
  expect(await page.content()).not.toContain(secret);
  await button(words.hook.remove).click();
  await page.getByRole('dialog').getByRole('button', { name: words.hook.remove, exact: true }).click();
  await page.getByText(words.hook.none).waitFor();
});
