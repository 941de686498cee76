import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

/** What somebody at the sign-in screen can type: markup, a change of direction, a colour of terminals. */
const hostileName = '<b>ro\u202eot\u001b[31m';

describe.each(languages('en'))('the audit log in $language', ({ language, texts }) => {
  let panel: Panel;
  let owner: Asker;
  let person: Person;

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
    await owner.send('PUT', '/api/v1/settings', { panelName: 'shop server', defaultLanguage: 'ar' });
    await fetch(`${panel.origin}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-aapanel': '1', origin: panel.origin },
      body: JSON.stringify({ name: hostileName, password: 'x' }),
    });
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });

  it('filters stand in the address: a reload and "back" show the same lines', async () => {
    const { page } = person;
    await person.goto('/audit');
    await page.getByRole('button', { name: texts.audit.actions.setSettings }).first().waitFor();
    await page.getByLabel(texts.audit.outcome, { exact: true }).first().click();
    await page.getByRole('option', { name: texts.audit.outcomes.refused }).click();
    await page.waitForURL(/outcome=refused/);
    await page.getByRole('button', { name: texts.audit.actions.setSettings }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('button', { name: texts.audit.actions.signIn }).first().waitFor();
    expect(await page.getByRole('button', { name: texts.audit.actions.setSettings }).count()).toBe(0);
    await page.getByLabel(texts.audit.search).fill('no such target');
    await page.getByText(texts.audit.nothing).waitFor();
    expect(page.url()).toMatch(/search=no/);
    await page.getByRole('button', { name: texts.audit.clearAll }).first().click();
    await page.getByRole('button', { name: texts.audit.actions.setSettings }).first().waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a line shows what changed, and its number in the chain', async () => {
    const { page } = person;
    await person.goto('/audit?action=setSettings');
    await page.getByRole('button', { name: texts.audit.actions.setSettings }).first().click();
    const row = page.getByRole('row', { name: /panelName/ });
    await row.getByText('shop server').waitFor();
    await page
      .getByText(/^#\d+$/)
      .first()
      .waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('OUT-1 what a stranger typed is text, and what cannot be seen in it is shown', async () => {
    const { page } = person;
    await person.goto('/audit?action=signIn&outcome=refused');
    const line = page.getByRole('button', { name: texts.audit.actions.signIn }).first();
    await line.getByText('<b>ro').waitFor();
    await line.getByText('U+202E').waitFor();
    expect(await page.locator('main b').count()).toBe(0);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('the filtered log comes as a file', async () => {
    const { page } = person;
    await person.goto('/audit?action=setSettings');
    await page.getByRole('button', { name: texts.audit.export.action }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: texts.audit.export.csv }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^audit-\d{4}-\d{2}-\d{2}\.csv$/);
    const file = await text(await download.createReadStream());
    expect(file).toContain('setSettings');
    expect(file).not.toContain('createOwner');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('the chain is verified, with the number of lines that were checked', async () => {
    const { page } = person;
    await person.goto('/audit');
    await page.getByRole('button', { name: texts.audit.verify.action }).click();
    await page.getByText(texts.audit.verify.whole, { exact: true }).waitFor();
    await page.getByText(anyOf(texts.audit.verify.wholeText)).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });
});
