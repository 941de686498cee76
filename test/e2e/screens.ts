import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountScreens, prepareAccounts } from './account-screens.ts';
import { addPerson, createOwner, invite, password, signIn, type Asker } from './ask.ts';
import { archiveScreens, prepareArchives } from './archive-screens.ts';
import { backupScreens, prepareBackups } from './backup-screens.ts';
import { certificateScreens, prepareCertificates } from './certificate-screens.ts';
import { cronScreens, prepareCron } from './cron-screens.ts';
import { databaseScreens, prepareDatabases } from './database-screens.ts';
import { behaviourScreens, prepareBehaviour } from './behaviour-screens.ts';
import { fileScreens } from './file-screens.ts';
import { findBarriers, findOverflow, keepPicture, picturesAreKept, settle } from './look-at.ts';
import { startPanel, type Panel } from './panel.ts';
import { appScreens, prepareApp } from './app-screens.ts';
import { deployScreens, prepareDeployments } from './deploy-screens.ts';
import { phpScreens, preparePhp } from './php-screens.ts';
import { prepareRecycled, recycledScreens } from './recycled-screens.ts';
import { newPerson, sizes, type Person } from './person.ts';
import { serviceScreens } from './service-screens.ts';
import { terminalScreens } from './terminal-screens.ts';
import { anyOf, ar, en } from './texts.ts';

export type Texts = typeof ar | typeof en;

export type Screen = {
  readonly name: string;
  /** `{site}` and `{proxy}` stand for the ids of two sites, `{backup}` for that of a backup, `{invitation}` for a secret. */
  readonly path: string;
  /** What a person does before they look. */
  readonly open?: (page: Page, texts: Texts) => Promise<void>;
  /** The owner unless said. */
  readonly as?: 'guest' | 'second' | 'must';
  /** `asks`: begins without one; `ends`: ends it. */
  readonly elevation?: 'asks' | 'ends';
};

const screens: readonly Screen[] = [
  { name: 'sign-in', path: '/sign-in', as: 'guest' },
  {
    name: 'sign-in-wrong',
    path: '/sign-in',
    as: 'guest',
    open: async (page, texts) => {
      await page.getByText(texts.accounts.signIn.forgotten).click();
      await page.getByLabel(texts.accounts.signIn.name, { exact: true }).fill('nobody');
      await page.getByLabel(texts.accounts.signIn.password, { exact: true }).fill('nothing at all');
      await page.getByLabel(texts.accounts.signIn.password, { exact: true }).press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'first-run-done', path: '/first-run', as: 'guest' },
  { name: 'dashboard', path: '/' },
  { name: 'sites', path: '/sites' },
  { name: 'sites-no-match', path: '/sites?search=nowhere' },
  {
    name: 'new-site',
    path: '/sites?new=true',
    open: async (page, texts) => {
      await page.getByLabel(texts.sites.domains.label).fill('متجر.example.com\ntest..com\n');
      await page.getByText(texts.errors.fields.domain_invalid).waitFor();
    },
  },
  {
    name: 'aapanel-import',
    path: '/import/aapanel',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.aapanel.read }).click();
      await page.getByText('rewrite ^/old/(.*)$ /new/$1 last;').waitFor();
    },
  },
  {
    name: 'site-batch',
    path: '/sites',
    open: async (page, texts) => {
      await page
        .getByRole('checkbox', { name: texts.batches.select.split('\u2068')[0] ?? '' })
        .first()
        .check();
      await page.getByRole('button', { name: texts.batches.more, exact: true }).click();
      await page.getByRole('menuitem', { name: texts.batches.change.php, exact: true }).click();
      await page.getByText(texts.batches.text.php).waitFor();
    },
  },
  {
    name: 'site-chosen',
    path: '/sites',
    open: async (page, texts) => {
      await page
        .getByRole('checkbox', { name: texts.batches.select.split('\u2068')[0] ?? '' })
        .first()
        .check();
      await page.getByRole('toolbar', { name: texts.batches.bar }).waitFor();
    },
  },
  {
    name: 'site-copy',
    path: '/sites?search=shop.example.com',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.sites.menu.label.replace('{{name}}', 'shop.example.com') }).click();
      await page.getByRole('menuitem', { name: texts.sites.menu.copy }).click();
      await page.getByLabel(texts.copies.domains).fill('staging.example.com\nمتجر.example.com');
      await page.getByText(texts.copies.stays.paths).waitFor();
    },
  },
  { name: 'site', path: '/sites/{proxy}' },
  { name: 'site-domains', path: '/sites/{site}/domains' },
  { name: 'site-configuration', path: '/sites/{site}/configuration' },
  { name: 'site-drift', path: '/sites/{drift}' },
  { name: 'site-logs', path: '/sites/{site}/logs' },
  { name: 'site-sftp', path: '/sites/{site}/sftp' },
  {
    name: 'site-traffic',
    path: '/sites/{site}/traffic',
    open: async (page) => page.locator('main canvas').first().waitFor(),
  },
  { name: 'settings-logs', path: '/settings#logs' },
  { name: 'settings-builds', path: '/settings#builds' },
  {
    name: 'site-history',
    path: '/sites/{proxy}/history',
    open: async (page, texts) => {
      await page.getByRole('button', { name: anyOf(texts.history.updated) }).click();
      await page.getByText('proxy_pass http://127.0.0.1:4000;').first().waitFor();
    },
  },
  { name: 'site-delete', path: '/sites/{site}/delete' },
  { name: 'site-gone', path: '/sites/aaaaaaaaaaaaaaaa' },
  { name: 'software', path: '/software' },
  { name: 'history', path: '/history' },
  { name: 'jobs', path: '/jobs' },
  {
    name: 'job',
    path: '/jobs',
    open: async (page) => {
      await page.getByRole('button', { name: /nginx/ }).first().click();
      await page.getByText('GET http://127.0.0.1/ 200').waitFor();
    },
  },
  {
    name: 'audit',
    path: '/audit',
    open: async (page) => page.locator('main li button').first().click(),
  },
  {
    name: 'audit-verified',
    path: '/audit?outcome=refused',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.audit.verify.action }).click();
      await page.getByText(texts.audit.verify.whole, { exact: true }).waitFor();
    },
  },
  { name: 'people', path: '/people' },
  {
    name: 'people-invite',
    path: '/people?invite=true',
    open: async (page, texts) => page.getByRole('radio', { name: texts.people.roles.names.site_manager }).check(),
  },
  {
    name: 'person',
    path: '/people?person={omar}',
    open: async (page, texts) => page.getByRole('heading', { name: texts.people.detail.access, exact: true }).waitFor(),
  },
  {
    name: 'roles',
    path: '/people/roles',
    open: async (page) => page.locator('main li button').first().click(),
  },
  {
    name: 'role-new',
    path: '/people/roles',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.people.roles.create }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'doors',
    path: '/doors',
    open: async (page, texts) => {
      await page.getByRole('switch', { name: texts.doors.entry.isOn }).click();
      await page.getByLabel(texts.doors.domains.label).fill('panel.example.com');
      await page.getByText(anyOf(texts.doors.domains.missing)).waitFor();
    },
  },
  {
    name: 'doors-certificate',
    path: '/doors',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.doors.certificate.import }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'bans', path: '/bans' },
  {
    name: 'ban-new',
    path: '/bans',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.bans.create }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'settings-appearance', path: '/settings' },
  { name: 'settings-panel', path: '/settings#panel' },
  { name: 'settings-configuration', path: '/settings#configuration' },
  {
    name: 'palette',
    path: '/software',
    open: async (page, texts) => {
      await page.keyboard.press('Control+K');
      await page.getByPlaceholder(texts.shell.palette.placeholder).fill('shop');
      await page.getByText('shop.example.com').first().waitFor();
    },
  },
  {
    name: 'notifications',
    path: '/software',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.shell.top.notifications }).click();
      await page.getByRole('dialog', { name: texts.shell.notifications.title }).waitFor();
    },
  },
  { name: 'not-found', path: '/no/such/place' },
];

const long = 'a-site-whose-name-somebody-made-much-longer-than-anybody-thought-possible-when-the-list-was-drawn';

/** Somebody who came by invitation, somebody who has not yet, a role of the panel's own, a ban, a stranger at the door. */
async function makeCompany(panel: Panel, owner: Asker, siteId: string): Promise<string> {
  await addPerson(panel, 'omar', 'site_manager', { displayName: 'عمر الخطيب', siteIds: [siteId] });
  await owner.elevate();
  const role = await owner.send<{ id: string }>('POST', '/api/v1/roles', {
    name: 'محرر المدونة',
    permissions: ['jobs.read', 'sites.read', 'sites.write'],
    siteScope: 'assigned',
  });
  const displayName = 'اسم طويل جدًا لشخص كتب اسمه كاملًا مع اسم أبيه وجده وعائلته كلها';
  await invite(owner, { name: 'a-name-of-thirty-two-characters1', displayName, role: role.id });
  await owner.send('POST', '/api/v1/bans', { value: '203.0.113.0/24', note: 'يمسح المنافذ', minutes: 1_440 });
  await signIn(panel, '<b>ro\u202eot\u001b[31m', 'x').catch(() => undefined);
  const { items } = await owner.get<{ items: { id: string; name: string }[] }>('/api/v1/people');
  return items.find(({ name }) => name === 'omar')?.id ?? '';
}

type Spoken = { readonly session: CDPSession; language: 'ar' | 'en' };
const spoken = new WeakMap<Page, Spoken>();

/** What the page of somebody speaks now; at first what their browser asked for. */
async function spokenBy({ context, page }: Person): Promise<Spoken> {
  // What a session asks for is over when it ends.
  const known = spoken.get(page) ?? { session: await context.newCDPSession(page), language: 'ar' };
  spoken.set(page, known);
  return known;
}

/** The browser now asks for another language, and the open page follows, as it does when somebody changes that of theirs. */
async function speak(person: Person, language: 'ar' | 'en'): Promise<void> {
  const now = await spokenBy(person);
  if (now.language === language) return;
  now.language = language;
  const { page } = person;
  const userAgent = String(await page.evaluate('navigator.userAgent'));
  await now.session.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: language });
  await page.evaluate(`dispatchEvent(new Event('languagechange'))`);
  const dir = language === 'ar' ? 'rtl' : 'ltr';
  await page.locator(`html[lang="${language}"][dir="${dir}"]`).waitFor({ state: 'attached', timeout: 10_000 });
}

// Colours, names and roles are the same in both languages: for axe once is enough. Widths are not.
const modes = [
  { mode: 'light', language: 'ar', colorScheme: 'light', size: sizes.desktop, barriers: 'all' },
  { mode: 'dark', language: 'ar', colorScheme: 'dark', size: sizes.desktop, barriers: 'colours' },
  { mode: 'phone', language: 'ar', colorScheme: 'light', size: sizes.phone, barriers: 'layout' },
  { mode: 'phone', language: 'en', colorScheme: 'light', size: sizes.phone, barriers: 'none' },
  // Nothing is measured in them that another mode did not measure, what is too wide least of all: for eyes only.
  ...(picturesAreKept
    ? ([
        { mode: 'phone-dark', language: 'en', colorScheme: 'dark', size: sizes.phone, barriers: 'none' },
        { mode: 'dark', language: 'en', colorScheme: 'dark', size: sizes.desktop, barriers: 'none' },
        { mode: 'light', language: 'en', colorScheme: 'light', size: sizes.desktop, barriers: 'none' },
      ] as const)
    : []),
] as const;

const parts = {
  first: screens,
  second: [
    ...backupScreens,
    ...accountScreens,
    ...certificateScreens,
    ...cronScreens,
    ...databaseScreens,
    ...fileScreens,
    ...terminalScreens,
    ...behaviourScreens,
    ...phpScreens,
    ...recycledScreens,
    ...appScreens,
    ...archiveScreens,
    ...deployScreens,
    ...serviceScreens,
  ],
} as const;

/**
 * Neighbours on different pages as far as there are any: from one page to another goes a link, and only what stands on the
 * same page is loaded anew. Those of one page stay in their order.
 */
function apart(all: readonly Screen[]): Screen[] {
  const groups = Map.groupBy(all, ({ path, as }) => `${as} ${path.replace(/[?#].*/, '')}`);
  const ordered: Screen[] = [];
  let last: string | undefined;
  while (groups.size > 0) {
    const next = [...groups].filter(([page]) => page !== last || groups.size === 1);
    const [page, waiting] = next.reduce((most, each) => (each[1].length > most[1].length ? each : most));
    ordered.push(...waiting.splice(0, 1));
    if (waiting.length === 0) groups.delete(page);
    last = page;
  }
  return ordered;
}

/** Screens of one part, each opened once and then looked at in both languages: light, dark and on a phone. */
export function lookAtScreens(part: keyof typeof parts): void {
  describe(`every screen, ${part} part`, () => {
    let panel: Panel;
    let owner: Asker;
    const persons: Partial<Record<'owner' | 'guest' | 'second' | 'must', Person>> = {};
    const ids: Record<string, string> = {};
    let elevatedAt = 0;

    beforeAll(async () => {
      panel = await startPanel();
      const displayName = 'سارة الأحمد';
      owner = await createOwner(panel, displayName);
      const create = async (key: string, body: object): Promise<void> => {
        const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', body);
        ids[key] = site.id;
      };
      // Before the installation: that one is the newest job.
      ids['backup'] = await prepareBackups(owner);
      ids['archived'] = await prepareArchives(owner);
      ids['deployed'] = await prepareDeployments(owner);
      await owner.send('POST', '/api/v1/software/mariadb/install');
      const job = await owner.send<{ id: string }>('POST', '/api/v1/software/nginx/install');
      await create('site', {
        kind: 'static',
        domains: ['shop.example.com', 'www.shop.example.com'],
        category: 'متاجر',
      });
      await create('proxy', {
        kind: 'proxy',
        domains: ['مخبز.example.com'],
        name: 'مخبز الحي',
        upstream: { url: 'http://127.0.0.1:3000' },
      });
      await prepareCertificates(owner, ids['site'] ?? '');
      ids['php'] = await preparePhp(owner);
      ids['app'] = await prepareApp(owner);
      await create('drift', { kind: 'static', domains: ['drift.test'] });
      ids['rules'] = await prepareBehaviour(owner);
      await create('long', { kind: 'static', domains: [`${'abcdefghi.'.repeat(22)}example.com`], name: long });
      await owner.send('PATCH', `/api/v1/sites/${ids['proxy']}`, { upstream: { url: 'http://127.0.0.1:4000' } });
      await owner.send('PATCH', `/api/v1/sites/${ids['site']}`, { isEnabled: false });
      for (let tries = 0; tries < 300; tries++) {
        const { endedAt } = await owner.get<{ endedAt: string | null }>(`/api/v1/jobs/${job.id}`);
        if (endedAt !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      ids['cron'] = await prepareCron(owner, ids['php'] ?? '');
      await prepareDatabases(owner, ids['php'] ?? '');
      await prepareRecycled(owner);
      ids['omar'] = await makeCompany(panel, owner, ids['site'] ?? '');
      const people = await prepareAccounts(panel, displayName);
      ids['invitation'] = people.invitation;
      persons.guest = await newPerson(panel);
      persons.owner = await newPerson(panel, { cookie: owner.cookie });
      persons.second = await newPerson(panel, { cookie: people.second.cookie });
      persons.must = await newPerson(panel, { cookie: people.must.cookie });
    });
    afterAll(async () => {
      await Promise.all(Object.values(persons).map((person) => person.leave()));
      await panel.close();
    });

    /** A confirmation lasts for ten minutes, and all screens together may take longer. */
    async function confirmFor({ elevation }: Screen): Promise<void> {
      if (elevation !== 'asks' && Date.now() - elevatedAt < 240_000) return;
      const request = persons.owner?.page.context().request;
      const headers = { origin: panel.origin, 'x-aapanel': '1', 'sec-fetch-site': 'same-origin' };
      const url = `${panel.origin}/api/v1/me/elevation`;
      const answer =
        elevation === 'asks'
          ? await request?.delete(url, { headers })
          : await request?.post(url, { headers, data: { proof: { kind: 'password', password } } });
      expect(answer?.ok()).toBe(true);
      elevatedAt = elevation === undefined ? Date.now() : 0;
    }

    it.each(apart(parts[part]))(
      'UX-2 S-7 $name: right in light, in dark and on a phone, for everybody',
      async (screen) => {
        const who = persons[screen.as ?? 'owner'];
        if (who === undefined) throw new Error('nobody looks');
        const { page } = who;
        if (who === persons.owner) await confirmFor(screen);
        // Begins in the language in which the screen before ended: changing it takes as long as looking.
        const { language: first } = await spokenBy(who);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.setViewportSize(sizes.desktop);
        // A sign-in that waits for its second step stays in a page that is not loaded anew.
        const path = screen.path.replace(/\{(\w+)\}/, (_all, key: string) => ids[key] ?? key);
        await (screen.as === 'guest' ? who.load(path) : who.goto(path));
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await settle(page);
        await screen.open?.(page, first === 'ar' ? ar : en);
        for (const { mode, language, colorScheme, size, barriers } of first === 'ar' ? modes : modes.toReversed()) {
          const where = `${language} ${mode}`;
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(size);
          await speak(who, language);
          await settle(page);
          await keepPicture(page, `${screen.name}-${language}-${mode}`);
          if (barriers !== 'none') expect(await findBarriers(page, barriers), where).toEqual([]);
          expect(await findOverflow(page), where).toEqual([]);
        }
        expect(who.problems.splice(0)).toEqual([]);
      },
    );
  });
}
