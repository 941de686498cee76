import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPerson, createOwner, password, signIn, type Asker } from './ask.ts';
import { startPanel, type Panel } from './panel.ts';
import { newPerson, type Person } from './person.ts';
import { anyOf, languages } from './texts.ts';

describe.each(languages('ar'))('backups in $language', ({ language, texts }) => {
  const { backups, common, jobs } = texts;
  let panel: Panel;
  let owner: Asker;
  let person: Person;

  beforeAll(async () => {
    panel = await startPanel();
    owner = await createOwner(panel);
    person = await newPerson(panel, { language, cookie: owner.cookie });
  });
  afterAll(async () => {
    await person.leave();
    await panel.close();
  });

  /** Closes the drawer of a job once it has ended well. */
  async function jobEnds(name: RegExp): Promise<void> {
    const drawer = person.page.getByRole('dialog', { name });
    await drawer.getByText(jobs.states.succeeded, { exact: true }).waitFor();
    await drawer.getByRole('button', { name: jobs.drawer.close }).click();
    await drawer.waitFor({ state: 'hidden' });
  }

  it('three steps lead from nothing to a plan: a target that was tried, a recovery key seen once, what is saved', async () => {
    const { page } = person;
    await person.goto('/backups');
    await page.getByRole('button', { name: backups.first.targetAction }).click();
    const form = page.getByRole('dialog', { name: backups.target.newTitle });
    await form.getByRole('radio', { name: anyOf(backups.targets.kinds.local) }).check({ force: true });
    // Nothing is sent while something is missing.
    await form.getByRole('button', { name: backups.target.submit }).click();
    await form.getByText(backups.target.required).first().waitFor();
    await form.getByLabel(backups.target.name, { exact: true }).fill('قرص النسخ');
    await form.getByLabel(backups.target.path, { exact: true }).fill('/mnt/backups');
    await form.getByRole('button', { name: backups.target.submit }).click();
    const question = page.getByRole('dialog', { name: texts.accounts.elevation.title });
    await question.getByLabel(texts.accounts.proof.label.password, { exact: true }).fill(password);
    await question.getByLabel(texts.accounts.proof.label.password, { exact: true }).press('Enter');
    // Saved, then tried at once.
    const saved = page.getByRole('dialog', { name: backups.target.saved });
    await saved.getByText(backups.target.checkGood, { exact: true }).waitFor();
    await saved.getByText(backups.target.sameMachine, { exact: true }).waitFor();
    await saved.getByRole('button', { name: common.actions.close }).last().click();

    await page.getByRole('button', { name: backups.first.recoveryAction }).click();
    const sheet = page.getByRole('dialog', { name: backups.sheet.title });
    const key = await sheet.getByLabel(backups.sheet.key, { exact: true }).innerText();
    expect(key).toMatch(/^AAPR(-[A-Z2-7]{4}){14}$/);
    // On paper stand the key and what it opens, and nothing of the page.
    await page.emulateMedia({ media: 'print' });
    const paper = page.getByTestId('recovery-sheet');
    await paper.getByText(key, { exact: true }).waitFor();
    expect(await paper.innerText()).toContain('/mnt/backups');
    expect(await page.getByRole('main').isVisible()).toBe(false);
    expect(await sheet.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'screen' });
    await page.keyboard.press('Escape');
    const done = sheet.getByRole('button', { name: backups.sheet.done });
    expect(await done.isDisabled()).toBe(true);
    await sheet.getByRole('checkbox', { name: backups.sheet.stored }).check();
    await done.click();
    await sheet.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(key);

    await page.getByRole('button', { name: backups.first.planAction }).click();
    const plan = page.getByRole('dialog', { name: backups.plan.newTitle });
    await plan.getByRole('button', { name: backups.plan.create }).click();
    await person.wasTold(anyOf(backups.plan.created));
    await page.getByRole('heading', { name: backups.plans.title }).waitFor();
    // Nothing is called safe before it is.
    await page.getByText(anyOf(backups.concerns.neverRan)).waitFor();
    await page.getByText(backups.concerns.sameMachine).waitFor();
    expect(await page.getByText(backups.verdict.safe, { exact: true }).count()).toBe(0);
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('P4.2-10 the form of a plan shows the next runs, and says whether its schedule can meet the RPO', async () => {
    const { page } = person;
    await person.goto('/backups?plan=new');
    const plan = page.getByRole('dialog', { name: backups.plan.newTitle });
    await plan.getByText(anyOf(backups.plan.rpoMeets)).waitFor();
    expect(await plan.locator('li time').count()).toBe(5);
    await plan.getByRole('radio', { name: backups.plan.everies.daily }).check({ force: true });
    await plan.getByText(anyOf(backups.plan.rpoMisses)).waitFor();
    await plan.getByRole('radio', { name: backups.plan.everies.none }).check({ force: true });
    await plan.getByText(backups.plan.rpoByHand).waitFor();
    await plan.getByRole('radio', { name: backups.plan.everies.cron }).check({ force: true });
    await plan.getByLabel(backups.plan.cron, { exact: true }).fill('61 * * * *');
    await plan.getByText(backups.plan.nextNone).waitFor();
    await plan.getByRole('button', { name: backups.plan.create }).click();
    await plan.getByText(backups.plan.cronInvalid).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('a backup is made now with its progress beside the page, and a restore test proves it', async () => {
    const { page } = person;
    await person.goto('/backups');
    const plan = page.getByTestId('backup-plan');
    await plan.getByRole('button', { name: backups.plans.backUp }).click();
    await jobEnds(anyOf(jobs.backups.create));
    await plan.getByText(backups.proof.not_run, { exact: true }).waitFor();
    await plan.getByRole('button', { name: backups.plans.prove }).click();
    await jobEnds(anyOf(jobs.backups.prove));
    await plan.getByText(backups.proof.proven, { exact: true }).waitFor();
    await plan.getByText(anyOf(backups.plans.rto)).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('one file is found folder by folder and comes back as a download', async () => {
    const { page } = person;
    await person.goto('/backups/sets');
    await page
      .getByRole('link', { name: anyOf(backups.sets.open) })
      .first()
      .click();
    await page.getByRole('button', { name: 'shop.test' }).click();
    await page.getByRole('button', { name: backups.members.openFolder.replace('{{name}}', 'assets') }).click();
    await page.getByText('app.css').waitFor();
    const crumbs = page.getByRole('navigation', { name: backups.members.path });
    await crumbs.getByRole('button', { name: backups.members.root }).click();
    await page.getByRole('button', { name: backups.members.download.replace('{{name}}', 'index.html') }).click();
    await page.getByText(backups.members.fetchedText).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: backups.members.save }).click(),
    ]);
    const path = join(panel.dataDir, 'downloaded');
    await download.saveAs(path);
    expect(download.suggestedFilename()).toBe('index.html');
    expect(await readFile(path)).toHaveLength(5_120);
    expect(person.problems.splice(0)).toEqual([]);
  });

  async function openSet(): Promise<void> {
    await person.goto('/backups/sets');
    await person.page
      .getByRole('link', { name: anyOf(backups.sets.open) })
      .last()
      .click();
    await person.page.getByRole('heading', { name: backups.set.contents }).waitFor();
  }

  it('B-11 what a restore would change is shown first; beside the original nothing is asked, in its place everything', async () => {
    const { page } = person;
    await openSet();
    await page.getByRole('button', { name: backups.set.restore }).click();
    const sheet = page.getByRole('dialog', { name: backups.restore.title });
    const only = sheet.getByRole('checkbox', { name: 'shop.test' });
    await sheet.getByRole('checkbox', { name: backups.restore.allParts }).uncheck();
    await only.check();
    await sheet.getByRole('button', { name: backups.restore.preview }).click();
    await sheet.getByTestId('backup-report').getByText('index.html').waitFor();
    // Another choice needs another look.
    await sheet.getByRole('radio', { name: anyOf(backups.restore.inPlace) }).check({ force: true });
    expect(await sheet.getByTestId('backup-report').count()).toBe(0);
    await sheet.getByRole('button', { name: backups.restore.preview }).click();
    await sheet.getByTestId('backup-report').waitFor();
    await sheet.getByRole('button', { name: backups.restore.start, exact: true }).click();
    const question = page.getByRole('dialog', { name: backups.restore.confirmTitle });
    await question.getByText('shop.test').waitFor();
    await question.getByText(backups.restore.confirmSafety).waitFor();
    await question.getByRole('button', { name: common.actions.cancel }).click();
    await question.waitFor({ state: 'hidden' });

    await sheet.getByRole('radio', { name: anyOf(backups.restore.aside) }).check({ force: true });
    await sheet.getByLabel(backups.restore.path, { exact: true }).fill('/root/restored/shop');
    await sheet.getByRole('button', { name: backups.restore.preview }).click();
    await sheet.getByRole('button', { name: backups.restore.startAside }).click();
    await sheet.getByText(backups.restore.done, { exact: true }).waitFor();
    // The confirmation of the first test has given the owner's browser another session.
    const asker = await signIn(panel, 'owner');
    const { items } = await asker.get<{ items: { request: object }[] }>('/api/v1/backups/runs');
    expect(items[0]?.request).toMatchObject({
      kind: 'restore',
      isDryRun: false,
      way: { kind: 'aside', path: '/root/restored/shop' },
    });
    await page.keyboard.press('Escape');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('B-4 the retention shows which backups would stay and why; a pinned one is kept and not removed', async () => {
    const { page } = person;
    await openSet();
    await page.getByRole('button', { name: backups.set.menu }).click();
    await page.getByRole('menuitem', { name: anyOf(backups.set.pin) }).click();
    await person.wasTold(backups.set.pinnedDone);
    await page.getByRole('button', { name: backups.set.menu }).click();
    await page.getByRole('menuitem', { name: backups.set.remove }).click();
    const question = page.getByRole('dialog', { name: backups.set.removeTitle });
    await question.getByText(backups.set.removePinned).waitFor();
    expect(await question.getByRole('button', { name: backups.set.removeAction }).count()).toBe(0);
    await question.getByRole('button', { name: common.actions.close }).last().click();

    await person.goto('/backups');
    await page
      .getByTestId('backup-plan')
      .getByRole('button', { name: anyOf(backups.plans.menu) })
      .click();
    await page.getByRole('menuitem', { name: backups.plans.edit }).click();
    const plan = page.getByRole('dialog', { name: backups.plan.editTitle });
    const preview = plan.getByRole('region', { name: anyOf(backups.plan.preview) });
    await preview.getByText(new RegExp(backups.plan.why.pinned)).first().waitFor();
    await page.keyboard.press('Escape');
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('B-13 the signing key is rotated, and retiring the old one says what becomes unreadable', async () => {
    const { page } = person;
    await person.goto('/backups/keys');
    await page.getByRole('button', { name: backups.keys.rotate }).click();
    const question = page.getByRole('dialog', { name: backups.keys.rotateTitle });
    await question.getByRole('button', { name: backups.keys.rotate }).click();
    await page.getByText(backups.keys.states.verify_only, { exact: true }).waitFor();
    await page
      .getByRole('row', { name: new RegExp(backups.keys.states.verify_only) })
      .getByRole('button', { name: backups.keys.retire })
      .click();
    const retire = page.getByRole('dialog', { name: backups.keys.retireTitle });
    expect(await retire.getByRole('button', { name: backups.keys.retire }).isDisabled()).toBe(true);
    await retire.getByRole('button', { name: common.actions.cancel }).click();
    expect(person.problems.splice(0)).toEqual([]);
  });

  it('P4.2-9 an address is added that is told of failures, tried with a real answer, changed and removed; it is never shown', async () => {
    const { page } = person;
    const { alerts } = backups;
    await person.goto('/backups/alerts');
    await page.getByText(alerts.empty).waitFor();
    await page.getByRole('button', { name: alerts.add }).click();
    const form = page.getByRole('dialog', { name: alerts.newTitle });
    await form.getByRole('button', { name: alerts.submit }).click();
    await form.getByText(alerts.required).first().waitFor();
    await form.getByLabel(alerts.name, { exact: true }).fill('هاتف المناوب');
    const address = form.getByLabel(alerts.url, { exact: true });
    await address.fill('http://169.254.169.254/latest');
    await form.getByRole('button', { name: alerts.submit }).click();
    await form.getByText(texts.errors.fields.hook_address_refused).waitFor();
    await address.fill('https://chat.example.com/hidden-path');
    await form.getByLabel(anyOf(alerts.secret)).first().fill('a-secret-of-sixteen');
    await form.getByRole('button', { name: alerts.submit }).click();
    await person.wasTold(anyOf(alerts.saved));
    const hook = page.getByTestId('backup-hook');
    await hook.getByText('https://chat.example.com', { exact: true }).waitFor();
    await hook.getByText(new RegExp(`· ${alerts.signed}$`)).waitFor();
    await hook.getByRole('button', { name: alerts.test }).click();
    await person.wasTold(anyOf(alerts.tested));
    await hook.getByText(alerts.delivered, { exact: true }).waitFor();
    expect(await page.content()).not.toContain('hidden-path');

    const menu = page.getByRole('button', { name: anyOf(alerts.menu) });
    await menu.click();
    await page.getByRole('menuitem', { name: alerts.edit }).click();
    const change = page.getByRole('dialog', { name: alerts.editTitle });
    await change.getByText(anyOf(alerts.urlKept)).waitFor();
    await change.getByLabel(alerts.url, { exact: true }).fill('https://chat.example.com/fail-hook');
    await change.getByRole('button', { name: alerts.submit }).click();
    await change.waitFor({ state: 'hidden' });
    await hook.getByRole('button', { name: alerts.test }).click();
    await person.wasTold(alerts.testFailed);
    await hook.getByText(texts.errors.reasons.backup_hook_unreachable).waitFor();

    await menu.click();
    await page.getByRole('menuitem', { name: alerts.remove }).click();
    const question = page.getByRole('dialog', { name: anyOf(alerts.removeTitle) });
    await question.getByRole('button', { name: alerts.remove }).click();
    await page.getByText(alerts.empty).waitFor();
    // What the browser says of answers with an error: the address that was refused.
    expect(person.problems.splice(0).filter((problem) => !problem.includes('400'))).toEqual([]);
  });

  it('B-3 P4.2-4 P4.2-9 a backup that failed and a check that could not run stand in the bell on every page', async () => {
    const { page } = person;
    const asker = await signIn(panel, 'owner');
    await asker.elevate();
    await asker.send('PUT', '/api/v1/backups/targets/aaaaaaaaaaaaaaaa', {
      name: 'fail-target',
      place: { kind: 'local', path: '/mnt/fail-target' },
      limits: { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null },
      secret: null,
    });
    await asker.send('PUT', '/api/v1/backups/plans/bbbbbbbbbbbbbbbb', {
      name: 'nightly',
      sources: [{ kind: 'panel' }],
      targetIds: ['aaaaaaaaaaaaaaaa'],
      excludes: [],
      schedule: null,
      retention: { last: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
      proof: 'never',
      isPaused: false,
    });
    for (const request of [
      { kind: 'create', planId: 'bbbbbbbbbbbbbbbb' },
      { kind: 'verify', targetId: 'aaaaaaaaaaaaaaaa', setId: null, isFull: false },
    ]) {
      const job = await asker.send<{ id: string }>('POST', '/api/v1/backups/runs', request);
      const stateOf = async () => (await asker.get<{ state: string }>(`/api/v1/jobs/${job.id}`)).state;
      await expect.poll(stateOf, { timeout: 15_000 }).toBe('failed');
    }
    await person.goto('/backups');
    await page.getByText(anyOf(backups.concerns.runFailed)).waitFor();
    // What could not be checked is not shown as checked.
    const disk = page.getByTestId('backup-target').filter({ hasText: 'fail-target' });
    await disk.getByText(backups.proof.not_run, { exact: true }).waitFor();
    await disk.getByText(backups.proof.notRunDetail.split('{{')[0] ?? '').waitFor();
    await person.goto('/software');
    await page.getByRole('button', { name: texts.shell.top.notifications }).click();
    await page.getByText(texts.shell.notifications.backups.proof_not_run.replace('{{name}}', 'fail-target')).waitFor();
    await page.getByText(texts.shell.notifications.backups.run_failed.replace('{{name}}', 'nightly')).click();
    await page.getByRole('dialog').getByText(backups.run.failure, { exact: true }).waitFor();
    expect(person.problems.splice(0)).toEqual([]);
    await asker.send('DELETE', '/api/v1/backups/plans/bbbbbbbbbbbbbbbb');
  });

  it('a viewer sees how the backups are and can do nothing to them, nor read what is in them', async () => {
    const viewer = await addPerson(panel, 'viewer', 'viewer');
    const other = await newPerson(panel, { language, cookie: viewer.cookie });
    const { page } = other;
    await other.goto('/backups');
    const plan = page.getByTestId('backup-plan');
    const backUp = plan.getByRole('button', { name: backups.plans.backUp });
    await backUp.waitFor();
    expect(await backUp.isDisabled()).toBe(true);
    await backUp.locator('..').focus();
    await page.getByRole('tooltip', { name: common.states.notAllowed }).waitFor();
    await other.goto('/backups/sets');
    await page
      .getByRole('link', { name: anyOf(backups.sets.open) })
      .last()
      .click();
    await page.getByRole('button', { name: 'shop.test' }).click();
    await page.getByText(backups.members.noRight).waitFor();
    expect(await page.getByRole('button', { name: backups.set.restore }).isDisabled()).toBe(true);
    expect(other.problems).toEqual([]);
    await other.leave();
  });
});
