// Daily work in a real browser on an installed server with real services: in both languages, by the owner and by somebody
// who has one site. What the page says is compared with the machine.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { failuresDir } from '../e2e/look-at.ts';
import { anyOf, ar, en } from '../e2e/texts.ts';
import { makeMachineUser, shareFile, workInDatabase, workOnFile, type Flow } from './browser-flows.ts';
import { newPerson, openBrowser, type Person } from './browser.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

type Site = panel.Site & { linuxUser: string };
type Given = { readonly server: Server; readonly own: Site; readonly other: Site; readonly printed: string };

const all = { ar, en } as const;
const passwordOfNora = 'another battery 8 staple';

export function browserSteps(plain: Step, given: () => Given): void {
  let seen: Page | undefined;
  /** A step that fails says what stood on the page, and leaves a picture of it. */
  const step: Step = (name, body) =>
    plain(name, async () => {
      try {
        await body();
      } catch (error) {
        const path = join(failuresDir, `${name.replaceAll(/[^\p{L}\d]+/gu, '-').slice(0, 80)}.png`);
        await seen?.screenshot({ path }).catch(() => undefined);
        const words = await seen
          ?.locator('body')
          .innerText({ timeout: 5_000 })
          .catch(() => undefined);
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${message}\nOn the page ${seen?.url()}:\n${words?.slice(0, 2_000)}`, { cause: error });
      }
    });
  let browser: Browser | undefined;
  const machine = () => given().server.machine;

  step('a person without rights to the machine gets one site', async () => {
    browser = await openBrowser(machine());
    expect(browser, 'no Chromium: install the package chromium or set CHROME_PATH').toBeDefined();
    const { server, own, printed } = given();
    const { invitation } = await panel.call<{ invitation: { url: string } }>(
      server.owner,
      'POST',
      '/api/v1/people',
      { name: 'nora', displayName: 'نورة', role: 'site_manager', siteIds: [own.id] },
      { status: 201 },
    );
    const nora = panel.visitor(server.machine, server.owner.origin);
    await panel.openEntry(nora, printed);
    const accepted = { token: panel.tokenOf(invitation.url), password: passwordOfNora };
    await panel.call(nora, 'POST', '/api/v1/invitation/accept', accepted);
  });

  for (const language of ['ar', 'en'] as const) {
    const texts = all[language];
    let person: Person;
    let page: Page;

    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const field = (name: string) => page.getByLabel(name, { exact: true });
    /** Through the secret entry, as the printed link leads. */
    const enter = async (name: string, password: string): Promise<void> => {
      if (browser === undefined) throw new Error('no browser');
      const { server, printed } = given();
      person = await newPerson(browser, server.owner.origin, language);
      page = person.page;
      seen = page;
      const entry = /https?:\/\/[^/\s]+(\/[A-Za-z0-9_-]{8,64})\/[a-z-]+#token=/.exec(printed)?.[1] ?? '/';
      await person.goto(entry);
      await field(texts.accounts.signIn.name).fill(name);
      await field(texts.accounts.signIn.password).fill(password);
      await field(texts.accounts.signIn.password).press('Enter');
      await page.getByRole('main').waitFor();
      await field(texts.accounts.signIn.password).waitFor({ state: 'detached' });
    };
    const confirm = async (): Promise<void> => {
      const question = page.getByRole('dialog', { name: texts.accounts.elevation.title });
      const password = question.getByLabel(texts.accounts.proof.label.password, { exact: true });
      await password.fill(panel.ownerPassword);
      await password.press('Enter');
      await question.waitFor({ state: 'hidden' });
    };
    const flow = (): Flow => ({
      person,
      page,
      language,
      texts,
      machine: machine(),
      button,
      field,
      confirm,
      newGuest: async () => {
        if (browser === undefined) throw new Error('no browser');
        return await newPerson(browser, given().server.owner.origin, language);
      },
    });
    /** What the shell that is open says to a line. */
    const shown = (text: string) => page.locator('[data-terminal]:visible .xterm-rows').getByText(text).first();
    const types = async (line: string, expected: string): Promise<void> => {
      // Its prompt: before, keys go nowhere, or to the one that was open.
      await shown('@').waitFor();
      await page.locator('[data-terminal]:visible').click();
      await page.keyboard.type(line);
      await page.keyboard.press('Enter');
      await shown(expected).waitFor();
    };
    const closeShell = async (): Promise<void> => {
      await button(texts.terminals.close).click();
      await page.getByRole('dialog').getByRole('button', { name: texts.terminals.close, exact: true }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    };
    const putFile = async (site: Site, name: string, text: string): Promise<void> => {
      await person.goto(`/sites/${site.id}/files`);
      await button(texts.files.newFolder).waitFor();
      const input = page.locator(`input[aria-label="${texts.files.upload.files}"]`);
      await input.setInputFiles([{ name, mimeType: 'text/plain', buffer: Buffer.from(text) }]);
      await page.getByRole('row').filter({ hasText: name }).waitFor();
      const path = `${site.root}/${name}`;
      const look = await mustExec(machine(), ['stat', '-c', '%U', path]);
      expect(look.trim()).toBe(site.linuxUser);
      expect(await mustExec(machine(), ['cat', path])).toBe(text);
    };

    step(
      `DB-6 in ${language} the owner makes a database of the real MariaDB, and sees its password once confirmed`,
      async () => {
        await enter('owner', panel.ownerPassword);
        await person.goto('/databases');
        const name = `browser_${language}`;
        await button(texts.databases.new).first().click();
        await field(texts.databases.fields.name).fill(name);
        await button(texts.databases.create).click();
        await button(name).click();
        const sheet = page.getByRole('dialog', { name });
        await sheet.getByRole('button', { name: texts.databases.showPassword, exact: true }).click();
        await confirm();
        const password =
          (await sheet
            .getByText(/^[A-Za-z0-9]{28}$/)
            .first()
            .textContent()) ?? '';
        const client = `read -r MYSQL_PWD; export MYSQL_PWD; mariadb -u ${name} -N -e 'select database()' -- ${name}`;
        const asked = await script(machine(), client, { input: `${password}\n` });
        expect(asked.trim()).toBe(name);
        expect(person.problems).toEqual([]);
      },
    );

    step(`DB-5 in ${language} the owner works in it: a table from the console, a row in its form`, async () => {
      const name = `browser_${language}`;
      const all = await panel.call<{ items: { id: string; name: string }[] }>(
        given().server.owner,
        'GET',
        '/api/v1/databases',
      );
      await workInDatabase(flow(), { id: all.items.find((each) => each.name === name)?.id ?? '', name });
      expect(person.problems.splice(0)).toEqual([]);
    });

    step(`FILE-2 in ${language} the owner puts a file into a site, and it is its user's`, async () => {
      await putFile(given().own, `تقرير-${language}.txt`, `محتوى ${language}`);
      expect(person.problems).toEqual([]);
    });

    step(`FILE-3 in ${language} the owner edits it, packs it, unpacks it, and throws the rest away`, async () => {
      await workOnFile(flow(), given().own, `تقرير-${language}.txt`);
      expect(person.problems.splice(0)).toEqual([]);
    });

    step(`PERM-8 in ${language} a guest has the file by a link and its password until it is revoked`, async () => {
      await shareFile(flow(), given().own, `تقرير-${language}.txt`);
      expect(person.problems.splice(0)).toEqual([]);
    });

    step(`in ${language} the owner makes, locks and removes a user of the machine`, async () => {
      await makeMachineUser(flow());
      expect(person.problems.splice(0)).toEqual([]);
    });

    step(`TERM-2 in ${language} the owner works as the user of a site, and as root once confirmed`, async () => {
      const { own } = given();
      await person.goto('/terminals');
      await page.getByText(texts.terminals.none, { exact: true }).waitFor();
      await button(texts.terminals.open).click();
      await button(own.domains[0]?.host ?? '').click();
      await types('echo "I am $(id -un), مرحبا"', `I am ${own.linuxUser}, مرحبا`);
      await button(texts.terminals.open).click();
      await button(texts.terminals.asRoot).click();
      // The prompt of the new one: until then keys go to the other.
      await shown('root@').waitFor();
      await types(`touch /root/browser-${language}; echo "I am $(id -un)"`, 'I am root');
      await mustExec(machine(), ['rm', `/root/browser-${language}`]);
      await closeShell();
      await shown(own.linuxUser).waitFor();
      await closeShell();
      await page.getByText(texts.terminals.none, { exact: true }).waitFor();
      expect(person.problems).toEqual([]);
    });

    step(`CRON-1 in ${language} the owner makes a job of a site's user, and it runs as that user`, async () => {
      const { own } = given();
      const words = texts.cron;
      await person.goto('/cron');
      await button(words.new).first().click();
      await field(words.form.name).fill(`job ${language}`);
      await page.getByRole('textbox', { name: words.form.script, exact: true }).fill('echo "ran as $(id -un)"');
      await page.getByRole('combobox', { name: words.form.site, exact: true }).click();
      await page.getByRole('option', { name: own.domains[0]?.host ?? '', exact: true }).click();
      await button(words.form.create).click();
      await page.getByRole('link', { name: `job ${language}` }).click();
      await button(words.runNow).click();
      await page.getByText(`ran as ${own.linuxUser}`).first().waitFor();
      await page.locator('tbody').getByText(words.states.succeeded, { exact: true }).first().waitFor();
      expect(person.problems).toEqual([]);
    });

    step(`SVC-2 in ${language} the owner restarts a service, and its process is another one`, async () => {
      const pid = async () => (await script(machine(), 'systemctl show -p MainPID --value mariadb')).trim();
      const before = await pid();
      const { verbs, ask } = texts.services;
      await person.goto('/services?unit=mariadb.service');
      await button(verbs.restart).click();
      const question = page.getByRole('dialog', { name: anyOf(ask.restartTitle) });
      await question.getByRole('button', { name: verbs.restart, exact: true }).click();
      await until('another process of MariaDB', async () => ((await pid()) === before ? undefined : true), 60_000);
      expect(person.problems).toEqual([]);
      await person.leave();
    });

    step(`PERM-1 in ${language} who has one site works in it, and sees nothing else of the server`, async () => {
      const { own, other } = given();
      await enter('nora', passwordOfNora);
      await person.goto('/sites');
      await page
        .getByText(own.domains[0]?.host ?? '')
        .first()
        .waitFor();
      expect(await page.getByText(other.domains[0]?.host ?? '', { exact: true }).count()).toBe(0);
      await putFile(own, `nora-${language}.txt`, 'hers');
      await person.goto(`/sites/${other.id}/files`);
      await page.getByText(texts.sites.gone.lead).waitFor();
      await person.goto('/terminals');
      await page.getByText(texts.terminals.none, { exact: true }).waitFor();
      await button(texts.terminals.open).click();
      await button(own.domains[0]?.host ?? '').click();
      await types('echo "I am $(id -un)"', `I am ${own.linuxUser}`);
      await closeShell();
      await button(texts.terminals.open).click();
      expect(await button(texts.terminals.asRoot).isDisabled()).toBe(true);
      expect(await button(other.domains[0]?.host ?? '').count()).toBe(0);
      await person.goto('/databases');
      await page.getByRole('main').waitFor();
      expect(await page.getByText('browser_ar').count()).toBe(0);
      await person.goto('/cron');
      await button(texts.cron.new).first().click();
      expect(await field(texts.cron.form.user).count()).toBe(0);
      expect(person.problems).toEqual([]);
      await person.leave();
    });
  }

  step('nothing of what was tried in the browser stays', async () => {
    await browser?.close();
    const { server } = given();
    const { items } = await panel.call<{ items: { id: string }[] }>(server.owner, 'GET', '/api/v1/cron/jobs');
    for (const { id } of items) await panel.call(server.owner, 'DELETE', `/api/v1/cron/jobs/${id}`);
    expect((await script(server.machine, 'ls /run/aapanel-cron')).trim()).toBe('');
  });
}
