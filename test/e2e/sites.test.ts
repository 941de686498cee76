import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOwner, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, ar } from './texts.ts';

let panel: Panel;
let owner: Asker;
let person: Person;
let page: Page;

beforeAll(async () => {
  panel = await startPanel();
  owner = await createOwner(panel);
  // Confirming is tested with the factors; here it was done a moment ago.
  await owner.elevate();
  person = await newPerson(panel, { cookie: owner.cookie });
  page = person.page;
});
afterAll(async () => {
  await person.leave();
  await panel.close();
});

const titleIs = (name: string) => page.getByRole('heading', { level: 1, name });
const tab = (key: keyof typeof ar.sites.tabs) =>
  page
    .getByRole('navigation', { name: ar.sites.tabs.label })
    .getByRole('link', { name: ar.sites.tabs[key], exact: true });

type Created = { site: { id: string; revision: number } };
const create = async (body: object): Promise<Created['site']> =>
  (await owner.send<Created>('POST', '/api/v1/sites', body)).site;

async function openForm(): Promise<void> {
  await person.goto('/sites');
  await titleIs(ar.sites.title).waitFor();
  await page.getByRole('button', { name: ar.sites.new.action, exact: true }).click();
  await page.getByRole('dialog', { name: ar.sites.new.title }).waitFor();
}

it('the first site is made from the empty list: what will be made is shown, a wrong name is named', async () => {
  await person.goto('/sites');
  await page.getByRole('heading', { name: ar.sites.first.title }).waitFor();
  await page.getByRole('button', { name: ar.sites.first.action }).click();
  const dialog = page.getByRole('dialog', { name: ar.sites.new.title });
  const domains = dialog.getByLabel(ar.sites.domains.label);
  await domains.fill('test..com');
  await dialog.getByText(ar.errors.fields.domain_invalid).waitFor();
  await domains.fill('shop.example.com\nwww.shop.example.com');
  await dialog.getByText('/www/wwwroot/shop.example.com').first().waitFor();
  await dialog.getByRole('switch', { name: ar.sites.new.certificate }).press('Space');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  const done = page.getByRole('dialog', { name: ar.sites.new.doneTitle });
  await done.getByText(ar.sites.done.certificate).waitFor();
  await done.getByRole('link', { name: ar.sites.done.toSite }).click();
  await titleIs('shop.example.com').waitFor();
  expect(person.problems).toEqual([]);
});

it('a proxied site with an Arabic domain is made, and both stand in the list', async () => {
  await openForm();
  const dialog = page.getByRole('dialog', { name: ar.sites.new.title });
  await dialog.getByRole('radio', { name: ar.sites.kinds.proxy }).check();
  await dialog.getByLabel(ar.sites.domains.label).fill('مخبز.example.com');
  await dialog.getByText('xn--mgb5d6b.example.com').or(dialog.getByText(/xn--/)).first().waitFor();
  await dialog.getByLabel(ar.sites.upstream.label).fill('http://127.0.0.1:3000');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  await page.getByRole('dialog', { name: ar.sites.new.doneTitle }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText(anyOf(ar.sites.list.count_two)).waitFor();
  await page.getByRole('table', { name: ar.sites.title }).getByText(ar.sites.kinds.proxy).waitFor();
  await page.getByRole('table', { name: ar.sites.title }).getByText(ar.sites.kinds.static).waitFor();
  expect(person.problems).toEqual([]);
});

it('ALL-9 a name that another site has, and a refusal by nginx, are said in the form, and nothing of it is lost', async () => {
  await openForm();
  const dialog = page.getByRole('dialog', { name: ar.sites.new.title });
  const domains = dialog.getByLabel(ar.sites.domains.label);
  await domains.fill('shop.example.com');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  await dialog.getByText(anyOf(ar.errors.fields.domain_taken)).waitFor();
  await domains.fill('fail-nginx.test');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  await dialog
    .getByRole('alert')
    .getByText(/unexpected end of file/)
    .waitFor();
  expect(await domains.inputValue()).toBe('fail-nginx.test');
  // Closing asks before what was typed goes.
  await page.keyboard.press('Escape');
  await page
    .getByRole('dialog', { name: ar.sites.new.discardTitle })
    .getByRole('button', { name: ar.sites.new.discard })
    .click();
  await dialog.waitFor({ state: 'detached' });
  expect(person.problems).toEqual([]);
});

it('all parts of a site open from its tabs, and its log runs live', async () => {
  await person.goto('/sites');
  await page.getByRole('link', { name: 'shop.example.com', exact: true }).first().click();
  await titleIs('shop.example.com').waitFor();
  await page.getByText(ar.sites.machine.drifts.in_sync).waitFor();
  await page.getByRole('button', { name: ar.sites.machine.repair, exact: true }).click();
  await person.wasTold(ar.sites.machine.repairDone_two);
  await tab('domains').click();
  await page.getByText('www.shop.example.com').first().waitFor();
  await tab('configuration').click();
  await page.getByText('server_name shop.example.com www.shop.example.com;').first().waitFor();
  await tab('logs').click();
  await page.getByText(ar.sites.logs.live, { exact: true }).waitFor();
  await page.getByText('GET /style.css HTTP/1.1').first().waitFor();
  await tab('history').click();
  await page.getByRole('button', { name: ar.history.actions.create }).waitFor();
  await tab('delete').click();
  await page.getByText(ar.sites.delete.kinds.files, { exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('the names of a site are checked in the DNS, and one that no DNS has is asked of nobody', async () => {
  const site = await create({ kind: 'static', domains: ['names.test', '*.names.test'] });
  await person.goto(`/sites/${site.id}/domains`);
  await page.getByRole('button', { name: ar.domainCheck.action }).click();
  await page.getByText(ar.domainCheck.unasked).nth(1).waitFor();
  expect(person.problems).toEqual([]);
});

it('ALL-9 a directive that is not allowed is refused with its line marked, and the text stays', async () => {
  const site = await create({ kind: 'static', domains: ['directives.example.com'] });
  await person.goto(`/sites/${site.id}/configuration`);
  const editor = page.getByRole('textbox', { name: ar.sites.directives.title });
  await editor.fill('add_header X-One 1;\n\ninclude /etc/passwd;\n');
  await page.getByRole('button', { name: ar.sites.directives.save }).click();
  await page.getByRole('alert').getByText(anyOf(ar.errors.reasons.directive_not_allowed)).waitFor();
  expect(await editor.getAttribute('aria-invalid')).toBe('true');
  // The caret stands in the line that was refused.
  expect(
    await page.evaluate(`(() => {
    const { value, selectionStart } = document.activeElement;
    return value.slice(0, selectionStart).split('\\n').length;
  })()`),
  ).toBe(3);
  await editor.fill('add_header X-One 1;\n');
  await page.getByRole('button', { name: ar.sites.directives.save }).click();
  await person.wasTold(ar.sites.directives.saved);
  expect(person.problems).toEqual([]);
});

it('SITE-5 the history shows what a change did to the files, and takes it back', async () => {
  const site = await create({
    kind: 'proxy',
    domains: ['history.example.com'],
    upstream: { url: 'http://127.0.0.1:3000' },
  });
  await owner.send('PATCH', `/api/v1/sites/${site.id}`, { upstream: { url: 'http://127.0.0.1:4000' } });
  await person.goto(`/sites/${site.id}/history`);
  const change = page.getByRole('button', { name: anyOf(ar.history.updated) });
  await change.click();
  await page.getByText('proxy_pass http://127.0.0.1:4000;').first().waitFor();
  await page.getByText('proxy_pass http://127.0.0.1:3000;').first().waitFor();
  await page.getByRole('button', { name: ar.common.actions.undo, exact: true }).first().click();
  await page
    .getByRole('dialog', { name: ar.history.undo.title })
    .getByRole('button', { name: ar.history.undo.action })
    .click();
  await person.wasTold(ar.history.undo.done);
  await page.getByText(anyOf(ar.history.undid)).waitFor();
  const now = await owner.get<{ upstream: { url: string } }>(`/api/v1/sites/${site.id}`);
  expect(now.upstream.url).toBe('http://127.0.0.1:3000');
  expect(person.problems).toEqual([]);
});

it('ALL-6 deleting shows what goes and what becomes of each part, wants the name as a signature, and can be taken back', async () => {
  const site = await create({ kind: 'static', domains: ['gone.example.com'] });
  await person.goto(`/sites/${site.id}/delete`);
  await page.getByText('/www/wwwroot/gone.example.com').first().waitFor();
  const button = page.getByRole('button', { name: ar.sites.delete.action, exact: true });
  expect(await button.isDisabled()).toBe(true);
  await page.getByLabel(anyOf(`${ar.sites.delete.sign}{{name}}`)).fill('gone.example.com');
  await button.click();
  await page.waitForURL(/\/sites$/);
  await person.wasTold(anyOf(ar.sites.delete.done));
  await person.goto(`/sites/${site.id}`);
  await titleIs(ar.sites.gone.title).waitFor();
  await page.getByRole('main').getByRole('link', { name: ar.sites.gone.toHistory }).click();
  await page.getByRole('button', { name: ar.common.actions.undo, exact: true }).first().click();
  await page
    .getByRole('dialog', { name: ar.history.undo.title })
    .getByRole('button', { name: ar.history.undo.action })
    .click();
  await person.wasTold(ar.history.undo.done);
  // Again, with a choice for each part.
  await person.goto(`/sites/${site.id}/delete`);
  const words = ar.sites.delete;
  const fates = (): Promise<string[]> =>
    Promise.all(
      ['/www/wwwroot/gone', '/www/wwwlogs/gone'].map((path) =>
        page.getByRole('listitem').filter({ hasText: path }).first().locator('[data-fate]').innerText(),
      ),
    );
  await titleIs('gone.example.com').waitFor();
  await page.getByText('/www/wwwroot/gone.example.com').first().waitFor();
  expect(await fates()).toEqual([words.moves, words.moves]);
  await page.getByRole('radiogroup', { name: words.filesLabel }).getByRole('radio', { name: words.remove }).check();
  await page.getByRole('radiogroup', { name: words.logsLabel }).getByRole('radio', { name: words.keep }).check();
  expect(await fates()).toEqual([words.goes, words.stays]);
  await page.getByText(words.undoHintFinal).waitFor();
  await page.getByLabel(anyOf(`${words.sign}{{name}}`)).fill('gone.example.com');
  await button.click();
  await page.waitForURL(/\/sites$/);
  expect(person.problems).toEqual([]);
});

it('SITE-4 a file changed by hand is shown with its difference, and is adopted or overwritten by choice only', async () => {
  const site = await create({ kind: 'static', domains: ['drift.test'] });
  await person.goto(`/sites/${site.id}`);
  await page.getByText(ar.sites.drift.changed).waitFor();
  await page.getByRole('button', { name: ar.sites.drift.showDiff }).click();
  await page.getByText('# changed by hand').first().waitFor();
  await page.getByRole('button', { name: ar.sites.drift.overwrite, exact: true }).click();
  await page
    .getByRole('dialog', { name: ar.sites.drift.overwriteTitle })
    .getByRole('button', { name: ar.sites.drift.overwrite, exact: true })
    .click();
  await person.wasTold(ar.sites.drift.overwriteDone);
  await page.getByText(ar.sites.machine.drifts.in_sync).waitFor();
  expect(person.problems).toEqual([]);
});

it('two tabs change the same site: the later one is told, sees the new value and chooses', async () => {
  // Of its own name: a second try makes a second one.
  const host = `two-tabs-${Math.random().toString(36).slice(2)}.example.com`;
  const site = await create({ kind: 'static', domains: [host] });
  await person.goto(`/sites/${site.id}`);
  const edit = (at: Page) =>
    at.getByRole('button', { name: ar.sites.facts.edit.replace('{{field}}', ar.sites.fields.remark) });
  await edit(page).click();
  const field = page.getByRole('textbox', { name: ar.sites.fields.remark });
  await field.fill('من اللسان الأول');

  const other = await person.newTab();
  await other.goto(`${panel.origin}/sites/${site.id}`);
  await edit(other).click();
  await other.getByRole('textbox', { name: ar.sites.fields.remark }).fill('من اللسان الثاني');
  await other.getByRole('button', { name: ar.common.actions.save, exact: true }).click();
  await other.getByText('من اللسان الثاني').first().waitFor();
  await other.close();

  await page.getByRole('button', { name: ar.common.actions.save, exact: true }).click();
  const refused = page.getByRole('alert').filter({ hasText: ar.sites.refused.meanwhile });
  await refused.getByText('من اللسان الثاني').waitFor();
  expect(await field.inputValue()).toBe('من اللسان الأول');
  await refused.getByRole('button', { name: ar.sites.refused.keepMine }).click();
  await field.waitFor({ state: 'detached' });
  await page.getByText('من اللسان الأول').first().waitFor();
  expect(person.problems).toEqual([]);
});

it('an installation is offered in place while nginx is missing', async () => {
  await person.goto('/sites');
  await page.getByText(ar.sites.nginx.missing).waitFor();
  expect(person.problems).toEqual([]);
});

it('an application is made by a preset, started and stopped; a secret is typed once and never shown again', async () => {
  const { status, form, given } = ar.apps;
  await openForm();
  const dialog = page.getByRole('dialog', { name: ar.sites.new.title });
  await dialog.getByText(ar.sites.new.kindTexts.app).click();
  await dialog.getByLabel(ar.sites.domains.label).fill('api.example.com');
  await dialog.getByLabel(ar.apps.presets.label).selectOption('asgi');
  await dialog.getByLabel(given.asgi).fill('');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  await dialog.getByText(ar.errors.fields.required).waitFor();
  await dialog.getByLabel(given.asgi).fill('shop:api');
  await dialog.getByRole('button', { name: ar.sites.new.submit }).click();
  await page.getByRole('dialog', { name: ar.sites.new.doneTitle }).waitFor();
  const { items } = await owner.get<{ items: { id: string }[] }>('/api/v1/sites?search=api.example.com');
  const path = `/api/v1/sites/${items[0]?.id}`;
  type Found = { app: { program: string; arguments: string[]; environment: object[] } };
  expect((await owner.get<Found>(path)).app).toMatchObject({
    program: 'venv/bin/uvicorn',
    arguments: ['--uds', '{socket}', '--proxy-headers', 'shop:api'],
    listen: { kind: 'socket' },
  });
  await person.goto(`/sites/${items[0]?.id}`);
  await tab('app').click();
  await page.getByText(status.never, { exact: true }).waitFor();
  await page.getByRole('button', { name: status.start, exact: true }).click();
  await person.wasTold(status.started);

  await page.getByRole('button', { name: form.add }).click();
  await page.getByLabel(form.name, { exact: true }).fill('TOKEN');
  await page.getByRole('button', { name: form.makeSecret }).click();
  await page.getByLabel(form.newValue, { exact: true }).fill('typed only once');
  await page.getByRole('button', { name: form.save, exact: true }).click();
  await person.wasTold(ar.common.states.saved);
  expect(await page.getByLabel(form.value, { exact: true }).inputValue()).toBe(form.kept);
  expect(await page.content()).not.toContain('typed only once');
  const first = (await owner.get<Found>(path)).app.environment;
  await page.getByRole('button', { name: form.replace }).click();
  await page.getByRole('button', { name: form.keep }).click();
  await page.getByLabel(form.folder).fill('current');
  await page.getByRole('button', { name: form.save, exact: true }).click();
  await person.wasTold(ar.common.states.saved);
  expect((await owner.get<Found>(path)).app.environment).toEqual(first);

  await page.getByRole('button', { name: status.stop, exact: true }).click();
  await page.getByRole('dialog', { name: status.stopTitle }).getByRole('button', { name: status.stop }).click();
  await person.wasTold(status.stopped);
  await page.getByRole('button', { name: status.start, exact: true }).waitFor();
  expect(person.problems).toEqual([]);
});

it('the visitors of a site are shown by day and by month, and the keeping of logs is changed', async () => {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['visited.example.com'],
  });
  await person.goto(`/sites/${site.id}`);
  await tab('traffic').click();
  const { top, range, measure, rotation } = ar.traffic;
  await page.getByRole('table', { name: top.paths }).getByText('/أخبار', { exact: true }).waitFor();
  await page.getByText(top.noHttp).waitFor();
  await page.getByText(range.month, { exact: true }).click();
  await page.getByText(ar.traffic.chart.perDay).waitFor();
  await page.getByText(measure.bytes, { exact: true }).click();
  await page.getByRole('img', { name: new RegExp(`^${ar.traffic.chart.bytes}: `) }).waitFor();

  await person.goto('/settings#logs');
  const most = page.getByRole('textbox', { name: rotation.maxMib });
  await most.fill('0');
  await most.blur();
  expect(await most.inputValue()).toBe('1');
  await most.fill('250');
  await page.getByText(rotation.periods.week, { exact: true }).click();
  await page.getByRole('button', { name: ar.common.actions.save }).click();
  await person.wasTold(ar.common.states.saved);
  expect(await owner.get('/api/v1/logs/rotation')).toMatchObject({
    rotation: { every: 'week', maxMib: 250, keep: 30 },
  });
  expect(person.problems).toEqual([]);
});

it('T-11 a certificate is proven by hand: the records are there to be copied, looked for on demand, HTTPS comes by itself, and the list of browsers is asked for behind a warning', async () => {
  const { id } = await create({ kind: 'static', domains: ['hand.example.com', '*.hand.example.com'] });
  await person.goto(`/sites/${id}/https`);
  const texts = ar.certificates;
  await page.getByRole('button', { name: texts.issue.action }).click();
  const dialog = page.getByRole('dialog', { name: texts.issue.title });
  await dialog.getByRole('radio', { name: texts.issue.proofs.manual, exact: true }).click();
  await dialog.getByRole('button', { name: texts.issue.action }).click();
  await page.getByRole('heading', { name: texts.byHand.title }).waitFor();
  expect(await page.getByText('_acme-challenge.hand.example.com', { exact: true }).count()).toBe(2);
  await page.getByRole('button', { name: texts.byHand.copyValue }).first().click();
  await page.getByRole('button', { name: texts.byHand.look }).click();
  await page.getByText(texts.byHand.sights.none).first().waitFor();
  // The fake shows them at the second look.
  await page.getByRole('button', { name: texts.byHand.look }).click();
  await page.getByText(texts.site.on).waitFor({ timeout: 30_000 });
  await page.getByRole('heading', { name: texts.byHand.title }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: texts.caa.show }).click();
  for (const tag of ['issue', 'issuewild'])
    await page
      .getByText(`hand.example.com. CAA 0 ${tag} "letsencrypt.org; accounturi=https://acme.example/acct/1"`)
      .waitFor();
  // T-11: the list of the browsers is asked for behind a warning of its own only.
  await page.getByLabel(texts.site.hsts, { exact: true }).selectOption('years');
  await page.getByRole('checkbox', { name: texts.site.subdomains }).check();
  const preload = page.getByRole('checkbox', { name: texts.site.preload });
  const warning = page.getByRole('dialog', { name: texts.site.preloadTitle });
  await preload.click();
  await warning.getByText(texts.site.preloadText).waitFor();
  await warning.getByRole('button', { name: ar.common.actions.cancel }).click();
  await warning.waitFor({ state: 'detached' });
  expect(await preload.isChecked()).toBe(false);
  await preload.click();
  await warning.getByRole('button', { name: texts.site.preloadConfirm }).click();
  await warning.waitFor({ state: 'detached' });
  expect(await preload.isChecked()).toBe(true);
  expect(person.problems).toEqual([]);
});

it('SITE-3 a site is copied from its menu: what stays is said first, the job is followed, and the copy stands in the list', async () => {
  await create({ kind: 'static', domains: ['origin.example.com'] });
  await person.goto('/sites');
  await page.getByRole('button', { name: ar.sites.menu.label.replace('{{name}}', 'origin.example.com') }).click();
  await page.getByRole('menuitem', { name: ar.sites.menu.copy }).click();
  const sheet = page.getByRole('dialog', { name: ar.copies.title.replace('{{name}}', 'origin.example.com') });
  await sheet.getByText(ar.copies.stays.paths).waitFor();
  const domains = sheet.getByLabel(ar.copies.domains);
  await domains.fill('origin.example.com');
  await sheet.getByRole('button', { name: ar.copies.action }).click();
  await sheet.getByText(anyOf(ar.errors.fields.domain_taken)).waitFor();
  await domains.fill('staging.example.com');
  await sheet.getByRole('button', { name: ar.copies.action }).click();
  await page.getByText(ar.jobs.steps.copy_files).first().waitFor();
  await page.getByText(ar.jobs.states.succeeded, { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'staging.example.com', exact: true }).first().waitFor();
  expect(person.problems).toEqual([]);
});

it('MIG-1 sites of aaPanel are looked at first; one that lacks its PHP version gets another and comes over by a job', async () => {
  await person.goto('/sites');
  await page.getByRole('link', { name: ar.sites.new.import }).click();
  await titleIs(ar.aapanel.title).waitFor();
  await page.getByRole('textbox', { name: ar.aapanel.base }).fill('/nowhere');
  await page.getByRole('button', { name: ar.aapanel.read }).click();
  await page.getByRole('alert').getByText(anyOf(ar.errors.reasons.aapanel_missing)).waitFor();
  await page.getByRole('textbox', { name: ar.aapanel.base }).fill('');
  await page.getByRole('button', { name: ar.aapanel.read }).click();
  await page.getByText(anyOf(ar.aapanel.summary)).waitFor();
  await page.getByText(anyOf(ar.aapanel.notes.passwords_by_hand)).waitFor();
  await page.getByText('rewrite ^/old/(.*)$ /new/$1 last;').waitFor();
  const label = (name: string) => ar.aapanel.importLabel.replace('{{name}}', name);
  await page.getByRole('button', { name: label('store.example.net') }).click();
  await page.getByText(ar.jobs.states.succeeded, { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await person.goto('/sites');
  await page.getByRole('link', { name: 'store.example.net', exact: true }).first().waitFor();
  expect(person.problems).toEqual([]);
});

it('somebody gets access to the files by a key, and loses it again', async () => {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['files.example.com'],
  });
  const { sftp } = ar;
  await person.goto(`/sites/${site.id}`);
  await tab('sftp').click();
  await page.getByText(sftp.empty).waitFor();
  await page.getByRole('button', { name: sftp.add, exact: true }).click();
  const form = page.getByRole('form', { name: sftp.addTitle });
  await form.getByLabel(sftp.name).fill('حاسوب سارة');
  await form.getByLabel(sftp.key).fill('-----BEGIN OPENSSH PRIVATE KEY-----');
  await form.getByRole('button', { name: sftp.add, exact: true }).click();
  await form.getByText(ar.errors.fields.ssh_key_private.slice(0, 20)).waitFor();
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
  await form.getByLabel(sftp.key).fill(`${key} sara@laptop\n`);
  await form.getByRole('button', { name: sftp.add, exact: true }).click();
  await person.wasTold(sftp.added);
  const path = `/api/v1/sites/${site.id}`;
  expect((await owner.get<{ sftp: object }>(path)).sftp).toEqual({ keys: [{ name: 'حاسوب سارة', key }] });
  await page.getByText(/^sftp site-[^@]+@/).waitFor();
  await page.getByRole('button', { name: sftp.remove.replace('{{name}}', 'حاسوب سارة') }).click();
  await page.getByRole('dialog', { name: sftp.removeTitle }).getByRole('button', { name: sftp.removeAction }).click();
  await person.wasTold(sftp.removed);
  await page.getByText(sftp.empty).waitFor();
  expect((await owner.get<{ sftp: object }>(path)).sftp).toEqual({ keys: [] });
  expect(person.problems).toEqual([]);
});

it('a site gets an end, servers in front of it and the names that nobody has, and says when it ends', async () => {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['reach.example.com'],
  });
  const { reach } = ar;
  const path = `/api/v1/sites/${site.id}`;
  const save = page.getByRole('button', { name: ar.common.actions.save, exact: true });
  await person.goto(`/sites/${site.id}/domains`);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: ar.sites.domains.save, exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('reach.example.com.domains.txt');
  await page.getByRole('switch', { name: reach.isDefault }).click();
  await page.getByText(reach.fronts.own, { exact: true }).click();
  await page.getByLabel(reach.ranges).fill('0.0.0.0/0');
  await save.click();
  await page.getByText(ar.errors.fields.front_range_wide).waitFor();
  await page.getByLabel(reach.ranges).fill('192.0.2.0/24');
  await page.getByLabel(reach.endsAt).fill('2020-01-31T12:00');
  await page.getByLabel(reach.pageTitle).fill('<b>وداعًا</b>');
  await page.getByLabel(reach.pageText, { exact: true }).fill('شكرًا لكم.');
  await page.getByLabel(reach.offPageText, { exact: true }).fill('نعود قريبًا.');
  await save.click();
  await person.wasTold(ar.common.states.saved);
  expect((await owner.get<{ reach: object }>(path)).reach).toMatchObject({
    isDefault: true,
    front: { kind: 'own', ranges: ['192.0.2.0/24'], header: 'X-Forwarded-For' },
    page: { title: '<b>وداعًا</b>', text: 'شكرًا لكم.' },
    offPage: { title: '', text: 'نعود قريبًا.' },
  });
  await page.getByText(reach.endedTitle).waitFor();
  await page.getByText(reach.ended, { exact: true }).waitFor();
  await page.getByLabel(reach.endsAt).fill('');
  await save.click();
  await page.getByText(reach.endedTitle).waitFor({ state: 'detached' });
  expect(person.problems.filter((problem) => !problem.includes('400'))).toEqual([]);
  person.problems.splice(0);
});
