import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson } from './person.ts';
import { ar } from './texts.ts';

describe('the panel out of reach', () => {
  let panel: Panel;
  let owner: Asker;
  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
  });
  afterAll(() => panel.close());

  it('UX-6 a stopped panel is named, what was typed stays, and the page is live again by itself', async () => {
    const person = await newPerson(panel, { cookie: owner.cookie });
    const { page } = person;
    await person.goto('/settings#panel');
    // A name of its own for each try.
    const name = `متجري ${Date.now()}`;
    await page.getByRole('textbox', { name: ar.settings.panel.name }).fill(name);
    await panel.stop();
    await page.getByRole('alert').getByText(ar.shell.connection.offlineTitle).waitFor();
    await page.getByRole('button', { name: ar.common.actions.save }).click();
    await page.getByText(ar.errors.codes.offline).waitFor();

    await panel.start();
    await page.getByText(ar.shell.connection.offlineTitle).waitFor({ state: 'detached' });
    expect(await page.getByRole('textbox', { name: ar.settings.panel.name }).inputValue()).toBe(name);
    await page.getByRole('button', { name: ar.common.actions.save }).click();
    await person.wasTold(ar.common.states.saved);

    // Live: what another does is seen without a reload.
    await page.getByRole('link', { name: ar.shell.nav.sites, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: ar.sites.title }).waitFor();
    const elsewhere = `from-elsewhere-${Date.now()}.example.com`;
    await owner.send('POST', '/api/v1/sites', { kind: 'static', domains: [elsewhere] });
    await page.getByText(elsewhere).first().waitFor();
    expect(person.problems.filter((problem) => !isLostConnection(problem))).toEqual([]);
    await person.leave();
  });

  it('a browser without network says so, and goes on when it is back', async () => {
    const person = await newPerson(panel, { cookie: owner.cookie });
    const { page } = person;
    await person.goto('/sites');
    await page.getByRole('heading', { level: 1, name: ar.sites.title }).waitFor();
    await person.context.setOffline(true);
    await page.getByRole('alert').getByText(ar.shell.connection.offlineTitle).waitFor();
    // A screen whose code is not here yet says why it cannot be shown, and the way to the others stays.
    await page.getByRole('link', { name: ar.shell.nav.audit }).click();
    await page.getByRole('alert').getByText(ar.errors.codes.offline).waitFor();
    await page.getByRole('link', { name: ar.shell.nav.sites, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: ar.sites.title }).waitFor();
    await page.getByRole('link', { name: ar.shell.nav.audit }).click();
    await page.getByRole('alert').getByText(ar.errors.codes.offline).waitFor();
    await person.context.setOffline(false);
    await page.getByText(ar.shell.connection.offlineTitle).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: ar.common.actions.retry }).click();
    await page.getByRole('heading', { level: 1, name: ar.audit.title }).waitFor();
    await person.leave();
  });
});

describe('the agent away', () => {
  let dataDir: string;
  let panel: Panel;
  let owner: Asker;
  beforeAll(async () => {
    // Nobody signs in for the first time without the agent: it goes away later.
    dataDir = await mkdtemp(join(tmpdir(), 'aapanel-e2e-'));
    const before = await startPanel({ dataDir });
    owner = await createOwner(before);
    await before.close();
    panel = await startPanel({ agent: 'away', dataDir, port: Number(new URL(before.origin).port) });
  });
  afterAll(async () => {
    await panel.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('DASH-2 a banner says that the agent does not answer, every screen still opens, and a change says why it cannot be', async () => {
    const person = await newPerson(panel, { cookie: owner.cookie });
    const { page } = person;
    await person.goto('/');
    await page.getByRole('alert').getByText(ar.shell.connection.agentAwayTitle).waitFor();
    for (const key of ['sites', 'software', 'history', 'jobs', 'audit', 'settings'] as const) {
      // A page may lead there too.
      const navigation = page.getByRole('navigation', { name: ar.shell.nav.label });
      await navigation.getByRole('link', { name: ar.shell.nav[key], exact: true }).click();
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.getByRole('alert').getByText(ar.shell.connection.agentAwayTitle).waitFor();
    }
    await person.goto('/sites?new=true');
    await page.getByLabel(ar.sites.domains.label).fill('nobody-home.example.com');
    await page.getByRole('button', { name: ar.sites.new.submit }).click();
    await page.getByRole('alert').getByText(ar.errors.reasons.audit_unavailable).waitFor();
    // Nothing of the form is lost.
    expect(await page.getByLabel(ar.sites.domains.label).inputValue()).toBe('nobody-home.example.com');
    expect(person.problems).toEqual([]);
    await person.leave();
  });
});

/** Chromium's own lines about a server that is not there. */
function isLostConnection(problem: string): boolean {
  return /ERR_(CONNECTION|INCOMPLETE|EMPTY|NETWORK|INTERNET)/.test(problem);
}
