import type { Page } from 'playwright-core';
import type { Asker } from './ask.ts';
import type { Screen, Texts } from './screens.ts';

/** A site with a rule of every kind. Answers its id. */
export async function prepareBehaviour(owner: Asker): Promise<string> {
  const domains = ['rules.example.com', 'www.rules.example.com', '*.rules.example.com'];
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', { kind: 'static', domains });
  const { passwordId } = await owner.send<{ passwordId: string }>('POST', `/api/v1/sites/${site.id}/passwords`, {
    password: 'only for staff',
  });
  await owner.send('PATCH', `/api/v1/sites/${site.id}`, {
    behaviour: {
      mainHost: { host: 'rules.example.com' },
      redirects: [
        {
          match: 'exact',
          path: '/قديم/صفحة-طويلة-الاسم',
          target: 'https://blog.example.com/a-rather-long-path/that-goes-on/and-on?x=1',
        },
        { match: 'prefix', path: '/blog', target: '/news', isPathKept: true, status: 308 },
        { match: 'regex', path: '^/p/(\\d+)$', target: '/posts/$1', isEnabled: false, status: 302 },
      ],
      rewrites: { rules: [{ path: '^/item/(\\d+)$', target: '/show.html?id=$1' }] },
      security: { isNosniff: true, frame: 'sameorigin', contentPolicy: "default-src 'self'; img-src * data:" },
      headers: [{ name: 'X-Robots-Tag', value: 'noindex, nofollow' }],
      cors: { origins: ['https://app.example.com'], headers: ['Content-Type'] },
      passwords: [
        {
          path: '/staff',
          realm: 'Staff only',
          users: ['sara', 'omar.al-khattab@example.com'].map((name) => ({ name, passwordId })),
          addresses: ['203.0.113.0/24'],
          paths: ['/staff/health'],
        },
      ],
      access: {
        addresses: [
          {
            path: '/admin',
            lines: [
              { action: 'deny', range: '10.9.0.0/16' },
              { action: 'allow', range: '2001:db8:1234:5678::/64' },
            ],
            others: 'deny',
          },
        ],
        methods: ['GET', 'POST'],
        agents: ['BadBot'],
        denied: [{ path: '/uploads', suffixes: ['php', 'phtml'] }],
      },
      maintenance: { isOn: true, title: 'نعود قريبًا', until: '2099-01-31T12:00:00.000Z', addresses: ['203.0.113.7'] },
      errorPages: { pages: [{ code: 404, title: 'Lost & found' }, { code: 502 }] },
      limits: { requestsPerSecond: 20, connectionsPerAddress: 25, bodyMib: 64 },
      proxies: [
        {
          path: '/api',
          servers: [
            { address: '127.0.0.1:3000', weight: 3 },
            { address: 'backup.internal.example.com:3000', isBackup: true },
          ],
          headers: [{ name: 'X-Key', value: 'a value' }],
        },
      ],
      fallback: 'spa',
      hotlink: { isOn: true, hosts: ['*.friend.example'] },
      cache: [{ suffixes: ['css', 'js'], minutes: 1_440 }],
      compression: { gzip: 'on' },
    },
  });
  return site.id;
}

type Key = keyof Texts['behaviour']['cards'];

async function openCards(page: Page, texts: Texts, keys: readonly Key[]): Promise<void> {
  for (const key of keys) {
    // The whole title: one may begin as another does.
    const title = page.getByText(texts.behaviour.cards[key].title, { exact: true });
    await page.getByRole('button').filter({ has: title }).click();
  }
  // The first rule of each list, too; one that is open is none of these any more.
  const closed = page.locator('main form ol > li:first-child button[aria-expanded="false"]');
  for (let left = await closed.count(); left > 0; left--) await closed.first().click();
}

export const behaviourScreens: readonly Screen[] = [
  {
    name: 'behaviour',
    path: '/sites/{rules}/behaviour',
    open: async (page, texts) => {
      await page.getByText(texts.behaviour.cards.files.title, { exact: true }).last().waitFor();
      await page.getByRole('button', { name: texts.behaviour.answer.more }).click();
      await page.getByLabel(texts.behaviour.answer.url, { exact: true }).fill('http://rules.example.com/admin/x');
      await page.getByRole('button', { name: texts.behaviour.answer.ask, exact: true }).click();
      await page.getByText(texts.behaviour.answer.now, { exact: true }).waitFor();
    },
  },
  {
    name: 'behaviour-redirects',
    path: '/sites/{rules}/behaviour',
    open: (page, texts) => openCards(page, texts, ['redirects', 'rewrites', 'headers']),
  },
  {
    name: 'behaviour-access',
    path: '/sites/{rules}/behaviour',
    open: (page, texts) => openCards(page, texts, ['access', 'pages']),
  },
  {
    name: 'behaviour-limits',
    path: '/sites/{rules}/behaviour',
    open: (page, texts) => openCards(page, texts, ['proxies', 'limits', 'files']),
  },
];
