import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoorsState } from '#shared/doors.ts';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

describe.each(languages('ar'))('doors and bans in $language', ({ language, texts }) => {
  let panel: Panel;
  let owner: Asker;
  let person: Person;
  const { doors, bans } = texts;

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
    await owner.elevate();
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });

  const state = (): Promise<DoorsState> => owner.get<DoorsState>('/api/v1/doors');

  it('a change waits on every page with its time, survives a reload, and is kept over a new connection', async () => {
    const { page } = person;
    await person.goto('/doors');
    await page.getByLabel(doors.proxies.label).fill('10.0.0.1\nnot-an-address');
    await page.getByRole('button', { name: doors.save.action }).click();
    await page.getByText(texts.errors.fields.address_invalid).waitFor();
    expect((await state()).pending).toBeNull();
    await page.getByLabel(doors.proxies.label).fill('10.0.0.1');
    await page.getByRole('button', { name: doors.save.action }).click();
    const banner = page.getByRole('region', { name: doors.pending.title });
    await banner.getByText(doors.pending.facts.trustedProxies).waitFor();
    expect((await state()).pending?.before.trustedProxies).toEqual([]);

    await page.getByRole('link', { name: texts.shell.nav.software }).click();
    await page.getByRole('heading', { level: 1, name: texts.software.title }).waitFor();
    await banner.waitFor();
    await page.reload();
    await banner.getByRole('timer').waitFor();
    await banner.getByRole('button', { name: doors.pending.keep }).click();
    await person.wasTold(doors.pending.kept);
    await banner.waitFor({ state: 'detached' });
    const now = await state();
    expect([now.pending, now.doors.trustedProxies]).toEqual([null, ['10.0.0.1']]);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a certificate of the shelf is offered for the panel, and the way to one where there is none', async () => {
    const { page } = person;
    await person.goto('/doors');
    await page.getByRole('button', { name: doors.certificate.follow, exact: true }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText(doors.certificate.followNone).waitFor();
    await sheet.getByRole('link', { name: doors.certificate.newSite }).click();
    await page.waitForURL('**/sites');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a change is taken back at once when asked, and everything is as before', async () => {
    const { page } = person;
    await person.goto('/doors');
    await page.getByRole('switch', { name: doors.entry.isOn }).click();
    const address = await page.getByText(`${panel.origin}/`).last().textContent();
    expect(address).toMatch(/\/[a-z2-9]{20}$/);
    await page.getByRole('button', { name: doors.save.action }).click();
    const banner = page.getByRole('region', { name: doors.pending.title });
    await banner.getByRole('button', { name: doors.pending.revert }).click();
    await person.wasTold(doors.pending.reverted);
    const now = await state();
    expect([now.pending, now.doors.entryPath]).toEqual([null, null]);
    await page.getByText(doors.entry.off).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('whoever leaves their own name out of the list is told so before anything is applied', async () => {
    const { page } = person;
    await person.goto('/doors');
    await page.getByText(doors.addresses.anywhere).waitFor();
    await page.getByLabel(doors.domains.label).fill('panel.example.com');
    await page.getByText(anyOf(doors.domains.missing)).waitFor();
    await page.getByRole('button', { name: texts.common.actions.discard }).click();
    await page.getByText(anyOf(doors.domains.missing)).waitFor({ state: 'detached' });
    expect((await state()).pending).toBeNull();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a new port is kept from the new address, which the banner leads to', async () => {
    const { page, context } = person;
    const port = await freePort();
    await person.goto('/doors');
    await page.getByLabel(doors.port.label).fill(String(port));
    await page.getByRole('button', { name: doors.save.action }).click();
    const banner = page.getByRole('region', { name: doors.pending.title });
    const [other] = await Promise.all([
      context.waitForEvent('page'),
      banner.getByRole('link', { name: doors.pending.open }).click(),
    ]);
    expect(new URL(other.url()).port).toBe(String(port));
    await other.getByRole('button', { name: doors.pending.keep }).click();
    await person.wasTold(doors.pending.kept, other);
    const live = await fetch(`http://127.0.0.1:${port}/health/live`);
    expect(live.ok).toBe(true);
    await other.close();
    // Requests to the new address are foreign to the old page's eyes.
    person.problems.splice(0);
  });

  it('an address is banned by hand with a note, shown, and let in again', async () => {
    const fresh = await startPanel();
    const asker = await createOwner(fresh);
    await asker.elevate();
    const other = await newPerson(fresh, { language, cookie: asker.cookie });
    const { page } = other;
    await other.goto('/bans');
    await page.getByText(bans.empty).waitFor();
    await page.getByRole('button', { name: bans.create }).click();
    const sheet = page.getByRole('dialog', { name: bans.new.title });
    await sheet.getByLabel(bans.value).fill('nonsense');
    await sheet.getByRole('button', { name: bans.new.submit, exact: true }).click();
    await sheet.getByText(texts.errors.fields.address_invalid).waitFor();
    await sheet.getByLabel(bans.value).fill('203.0.113.0/24');
    await sheet.getByLabel(bans.new.note).fill('يمسح المنافذ');
    await sheet.getByRole('button', { name: bans.new.submit, exact: true }).click();
    await page.getByText('203.0.113.0/24', { exact: true }).waitFor();
    await page.getByText('يمسح المنافذ').waitFor();
    await page.getByRole('button', { name: bans.unban }).click();
    await page.getByRole('dialog').getByRole('button', { name: bans.unban }).click();
    await page.getByText(bans.empty).waitFor();
    expect(other.problems).toEqual([]);
    await other.leave();
    await fresh.close();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
